"""Threads: answers, mentions, ranges and quick reasons."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, User
from backend.domain.errors import Conflict, Forbidden, InvalidInput
from backend.domain.reviews import QuickReason
from backend.domain.workflow import Stage
from backend.labelling.reviews import repository, service, threads
from backend.labelling.reviews.schemas import CommentIn, CommentOut, CommentPatch, ReplyIn
from tests.factories import (
    frame_ids_of,
    make_annotator,
    make_inspector,
    make_recording,
    make_user,
)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session, name="Anna")


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session, name="Ines")


@pytest.fixture
def recording(session: Session, annotator: User, inspector: User) -> Recording:
    return make_recording(
        session, Stage.INSPECTING, cameras=2, annotator=annotator, inspector=inspector
    )


def say(session: Session, user: User, frame_id: int, **options: object) -> CommentOut:
    request = CommentIn.model_validate({"body": "look again"} | options)
    return service.comment(session, user, frame_id, request)


def test_the_annotator_answers_and_the_thread_stays_one(
    session: Session, recording: Recording, annotator: User, inspector: User
) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    begun = say(session, inspector, frame_id, joint=9, reason="off")
    recording.stage = Stage.RETURNED.value
    session.flush()
    thread = threads.reply(session, annotator, begun.id, ReplyIn(body="hidden by the toy"))
    assert [(reply.author.name, reply.body) for reply in thread.replies] == [
        ("Anna", "hidden by the toy")
    ]
    assert (thread.joint, thread.reason) == (9, QuickReason.OFF)
    assert repository.open_comments_count(session, recording.id) == 1
    assert service.comments_of_frame(session, frame_id) == [thread]
    service.change_comment(session, annotator, begun.id, CommentPatch(resolved=True))
    assert repository.open_comments_count(session, recording.id) == 0
    reopened = service.change_comment(session, annotator, begun.id, CommentPatch(resolved=False))
    assert reopened.resolved_at is None


def test_an_answer_sent_twice_is_written_once(
    session: Session, recording: Recording, inspector: User, annotator: User
) -> None:
    first, second, *_ = frame_ids_of(session, recording)
    begun, other = say(session, inspector, first), say(session, inspector, second)
    answer = ReplyIn(body="yes", operation_id=uuid.uuid4())
    once = threads.reply(session, inspector, begun.id, answer)
    assert threads.reply(session, inspector, begun.id, answer) == once
    with pytest.raises(Conflict, match="already used"):
        threads.reply(session, inspector, other.id, answer)


def test_whoever_has_not_got_the_recording_does_not_answer(
    session: Session, recording: Recording, inspector: User, annotator: User
) -> None:
    begun = say(session, inspector, frame_ids_of(session, recording)[0])
    with pytest.raises(Forbidden):
        threads.reply(session, annotator, begun.id, ReplyIn(body="not my turn"))


def test_a_remark_on_a_range_ends_later_in_the_same_camera(
    session: Session, recording: Recording, inspector: User
) -> None:
    first, _, third, elsewhere, *_ = frame_ids_of(session, recording)
    assert say(session, inspector, first, until_frame_id=third).until_frame_id == third
    for wrong in (first, elsewhere):
        with pytest.raises(InvalidInput, match="later frame of the same camera"):
            say(session, inspector, first, until_frame_id=wrong)
    with pytest.raises(InvalidInput):
        say(session, inspector, third, until_frame_id=first)


def test_a_remark_on_a_range_is_read_on_each_of_its_frames_and_on_no_other(
    session: Session, recording: Recording, inspector: User
) -> None:
    frames = frame_ids_of(session, recording)
    first, middle, third = frames[:3]
    said = say(session, inspector, first, until_frame_id=third).id
    on_it = [f for f in frames if [c.id for c in service.comments_of_frame(session, f)] == [said]]
    assert on_it == [first, middle, third]


def test_people_find_the_open_threads_in_which_they_are_mentioned(
    session: Session, recording: Recording, annotator: User, inspector: User
) -> None:
    first, second, *_ = frame_ids_of(session, recording)
    named = say(session, inspector, first, mentions=[annotator.id, annotator.id])
    assert [person.name for person in named.mentions] == ["Anna"]
    in_answer = say(session, inspector, second)
    threads.reply(session, inspector, in_answer.id, ReplyIn(body="?", mentions=[annotator.id]))
    say(session, inspector, second)
    found = threads.mentions_of(session, annotator)
    assert [(m.comment.id, m.position) for m in found] == [(in_answer.id, 1), (named.id, 0)]
    assert {m.recording_name for m in found} == {recording.name}
    service.change_comment(session, inspector, named.id, CommentPatch(resolved=True))
    assert [m.comment.id for m in threads.mentions_of(session, annotator)] == [in_answer.id]
    assert threads.mentions_of(session, inspector) == []


def test_nobody_is_mentioned_who_is_not_there(
    session: Session, recording: Recording, inspector: User
) -> None:
    gone = make_user(session)
    gone.is_active = False
    session.flush()
    frame_id = frame_ids_of(session, recording)[0]
    for person in (gone.id, 10**12):
        with pytest.raises(InvalidInput, match="no active person"):
            say(session, inspector, frame_id, mentions=[person])


def test_a_comment_that_somebody_answered_is_not_taken_back(
    session: Session, recording: Recording, annotator: User, inspector: User
) -> None:
    begun = say(session, inspector, frame_ids_of(session, recording)[0])
    threads.reply(session, inspector, begun.id, ReplyIn(body="I mean the left one"))
    recording.stage = Stage.RETURNED.value
    session.flush()
    threads.reply(session, annotator, begun.id, ReplyIn(body="which?"))
    with pytest.raises(Conflict, match="Somebody answered"):
        service.delete_comment(session, inspector, begun.id)
