"""Comments: who writes, resolves, rewords and takes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core.database.tables import Comment, Recording, ReviewRound, User
from backend.domain.errors import Conflict, Forbidden, NotFound
from backend.domain.workflow import Event, Stage
from backend.labelling.reviews import service
from backend.labelling.reviews.schemas import CommentIn, CommentPatch
from backend.labelling.workflow import service as stages
from tests.factories import (
    frame_ids_of,
    make_annotator,
    make_comment,
    make_inspector,
    make_maintainer,
    make_recording,
)

RESOLVE, OPEN = CommentPatch(resolved=True), CommentPatch(resolved=False)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    return make_recording(session, Stage.INSPECTING, annotator=annotator)


@pytest.fixture
def frame_id(session: Session, recording: Recording) -> int:
    return frame_ids_of(session, recording)[0]


def decide(session: Session, recording: Recording, comment_id: int, stage: Stage) -> None:
    """End the review after the comment was written."""
    before = datetime.now(UTC) - timedelta(minutes=5)
    session.execute(update(Comment).where(Comment.id == comment_id).values(created_at=before))
    session.add(
        ReviewRound(
            recording_id=recording.id,
            kind="keypoints",
            round=recording.round,
            decision="returned",
            decided_at=datetime.now(UTC),
        )
    )
    recording.stage = stage.value
    recording.round += 1
    session.flush()


def test_the_inspector_comments_on_a_joint(
    session: Session, inspector: User, frame_id: int
) -> None:
    written = service.comment(session, inspector, frame_id, CommentIn(body=" too low ", joint=9))
    assert (written.body, written.joint, written.round) == ("too low", 9, 1)
    assert written.author.name == inspector.name
    assert written.resolved_at is None
    assert service.comments_of_frame(session, frame_id) == [written]


def test_comments_of_a_recording_come_in_the_order_of_writing(
    session: Session, inspector: User, recording: Recording
) -> None:
    for body, frame_id in zip("abc", reversed(frame_ids_of(session, recording)), strict=True):
        service.comment(session, inspector, frame_id, CommentIn(body=body))
    found = service.comments_of_recording(session, recording.id)
    assert [comment.body for comment in found] == ["a", "b", "c"]


def test_the_annotator_resolves_what_was_returned_and_answers(
    session: Session, annotator: User, inspector: User, recording: Recording, frame_id: int
) -> None:
    written = service.comment(session, inspector, frame_id, CommentIn(body="look"))
    decide(session, recording, written.id, Stage.RETURNED)
    resolved = service.change_comment(session, annotator, written.id, RESOLVE)
    assert resolved.resolved_at is not None
    assert resolved.resolved_by is not None
    assert resolved.resolved_by.id == annotator.id
    answer = service.comment(session, annotator, frame_id, CommentIn(body="done"))
    assert answer.round == 2


def test_a_resolved_comment_can_be_opened_again(
    session: Session, inspector: User, frame_id: int
) -> None:
    written = service.comment(session, inspector, frame_id, CommentIn(body="look"))
    service.change_comment(session, inspector, written.id, RESOLVE)
    assert service.change_comment(session, inspector, written.id, OPEN) == written


def test_resolving_twice_keeps_who_did_it_first(
    session: Session, inspector: User, frame_id: int
) -> None:
    written = service.comment(session, inspector, frame_id, CommentIn(body="look"))
    first = service.change_comment(session, inspector, written.id, RESOLVE)
    maintainer = make_maintainer(session)
    assert service.change_comment(session, maintainer, written.id, RESOLVE) == first


def test_only_the_author_rewords_or_deletes(
    session: Session, inspector: User, frame_id: int
) -> None:
    row = make_comment(session, inspector, frame_id)
    maintainer = make_maintainer(session)
    with pytest.raises(Forbidden, match="Only its author"):
        service.change_comment(session, maintainer, row.id, CommentPatch(body="mine"))
    with pytest.raises(Forbidden, match="Only its author"):
        service.delete_comment(session, maintainer, row.id)
    changed = service.change_comment(session, inspector, row.id, CommentPatch(body="better"))
    assert changed.body == "better"
    service.delete_comment(session, inspector, row.id)
    assert service.comments_of_frame(session, frame_id) == []


def test_after_the_decision_comments_stay_as_they_were(
    session: Session, annotator: User, inspector: User, recording: Recording, frame_id: int
) -> None:
    written = service.comment(session, inspector, frame_id, CommentIn(body="look"))
    decide(session, recording, written.id, Stage.INSPECTING)
    with pytest.raises(Conflict, match="decided"):
        service.delete_comment(session, inspector, written.id)
    with pytest.raises(Conflict, match="decided"):
        service.change_comment(session, inspector, written.id, CommentPatch(body="other"))


def test_who_does_not_have_the_session_does_not_comment(
    session: Session, annotator: User, inspector: User, recording: Recording, frame_id: int
) -> None:
    with pytest.raises(Forbidden):
        service.comment(session, annotator, frame_id, CommentIn(body="during inspection"))
    recording.stage = Stage.RETURNED.value
    session.flush()
    with pytest.raises(Forbidden):
        service.comment(session, inspector, frame_id, CommentIn(body="during correction"))


def test_an_approved_recording_takes_no_comment_of_those_who_worked_on_it(
    session: Session, recording: Recording, annotator: User, inspector: User, frame_id: int
) -> None:
    row = make_comment(session, inspector, frame_id)
    recording.stage = Stage.APPROVED.value
    session.flush()
    for somebody in (inspector, annotator):
        with pytest.raises(Conflict, match="read-only"):
            service.comment(session, somebody, frame_id, CommentIn(body="late"))
        with pytest.raises(Conflict, match="read-only"):
            service.change_comment(session, somebody, row.id, RESOLVE)


def test_a_maintainer_reports_an_approved_label_and_reopens_its_recording(
    session: Session, recording: Recording, annotator: User, frame_id: int
) -> None:
    maintainer = make_maintainer(session)
    recording.stage = Stage.APPROVED.value
    session.flush()
    reported = service.comment(
        session, maintainer, frame_id, CommentIn(body="on the blanket", joint=9)
    )
    stages.fire(session, recording, Event.REOPEN, maintainer, note="reported labels")
    assert (recording.stage, recording.round) == (Stage.RETURNED.value, reported.round + 1)
    (open_one,) = service.comments_of_frame(session, frame_id)
    assert (open_one.id, open_one.resolved_at) == (reported.id, None)
    done = service.change_comment(session, annotator, reported.id, RESOLVE)
    assert done.resolved_by is not None
    assert done.resolved_by.id == annotator.id


def test_a_maintainer_takes_a_wrong_report_back(
    session: Session, recording: Recording, frame_id: int
) -> None:
    maintainer = make_maintainer(session)
    recording.stage = Stage.APPROVED.value
    session.flush()
    reported = service.comment(session, maintainer, frame_id, CommentIn(body="mistaken"))
    service.delete_comment(session, maintainer, reported.id)
    assert service.comments_of_frame(session, frame_id) == []


def test_comments_on_what_does_not_exist_are_refused(session: Session, inspector: User) -> None:
    with pytest.raises(NotFound):
        service.comment(session, inspector, 10**12, CommentIn(body="x"))
    with pytest.raises(NotFound):
        service.delete_comment(session, inspector, 10**12)
