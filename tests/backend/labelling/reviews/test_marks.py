"""The inspector's marks, and what they leave to be done."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import AuditEntry, Recording, User
from backend.domain.errors import Conflict, Forbidden
from backend.domain.reviews import Mark, ReviewKind
from backend.domain.workflow import Stage
from backend.labelling.marks import service as marks
from backend.labelling.reviews import repository
from tests.factories import (
    accept,
    discard,
    frame_ids_of,
    look_at,
    make_annotator,
    make_boxed_recording,
    make_boxes,
    make_candidates,
    make_comment,
    make_inspector,
    make_maintainer,
    make_mark,
    make_recording,
)

KEYPOINTS, BOXES = ReviewKind.KEYPOINTS, ReviewKind.BOXES


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session)


@pytest.fixture
def submitted(session: Session, annotator: User) -> Recording:
    """A recording with all frames accepted, under inspection."""
    recording = make_recording(session, annotator=annotator)
    make_candidates(session, recording)
    for frame_id in frame_ids_of(session, recording):
        accept(session, annotator, frame_id)
    recording.stage = Stage.INSPECTING.value
    session.flush()
    return recording


def give_back(session: Session, recording: Recording, stage: Stage = Stage.RETURNED) -> None:
    recording.stage = stage.value
    recording.round += 1
    session.flush()


def test_the_first_mark_makes_an_inspector_and_others_are_told_whose_it_is(
    session: Session, submitted: Recording, inspector: User
) -> None:
    other = make_inspector(session)
    first, second = frame_ids_of(session, submitted)[:2]
    assert submitted.inspector_id is None
    marks.mark(session, inspector, first, Mark.GOOD)
    with pytest.raises(Forbidden, match=f"{inspector.name} inspects this recording"):
        marks.mark(session, other, first, Mark.REVISE)
    session.refresh(submitted)
    assert submitted.inspector_id == inspector.id
    assert repository.mark_of(session, first, KEYPOINTS, 1) is Mark.GOOD
    marks.mark(session, inspector, second, Mark.GOOD)
    entries = session.scalars(
        select(AuditEntry.actor_id).where(
            AuditEntry.action == "assigned", AuditEntry.subject_id == submitted.id
        )
    ).all()
    assert entries == [inspector.id]


def test_the_last_mark_of_a_round_counts(
    session: Session, submitted: Recording, inspector: User
) -> None:
    frame_id = frame_ids_of(session, submitted)[0]
    for mark in (Mark.GOOD, Mark.REVISE, Mark.GOOD):
        marks.mark(session, inspector, frame_id, mark)
        assert repository.mark_of(session, frame_id, KEYPOINTS, 1) is mark
    marks.mark(session, inspector, frame_id, None)
    assert repository.mark_of(session, frame_id, KEYPOINTS, 1) is None


def test_the_rest_that_was_looked_at_is_marked_good_at_once(
    session: Session, submitted: Recording, inspector: User
) -> None:
    bad, *rest = frame_ids_of(session, submitted)
    marks.mark(session, inspector, bad, Mark.REVISE)
    look_at(session, inspector, *rest)
    assert marks.mark_remaining_good(session, inspector, submitted.id).marked == 2
    assert marks.mark_remaining_good(session, inspector, submitted.id).marked == 0
    assert repository.mark_of(session, bad, KEYPOINTS, 1) is Mark.REVISE
    assert {repository.mark_of(session, i, KEYPOINTS, 1) for i in rest} == {Mark.GOOD}
    assert repository.revise_marks_count(session, submitted.id, 1, KEYPOINTS) == 1


def test_frames_that_were_not_opened_or_only_passed_are_left(
    session: Session, submitted: Recording, inspector: User
) -> None:
    seen, passed, unopened = frame_ids_of(session, submitted)
    look_at(session, inspector, seen)
    look_at(session, inspector, passed, seconds=0.05)
    done = marks.mark_remaining_good(session, inspector, submitted.id)
    assert (done.marked, done.unseen) == (1, 2)
    marked = [repository.mark_of(session, i, KEYPOINTS, 1) for i in (seen, passed, unopened)]
    assert marked == [Mark.GOOD, None, None]


def test_what_somebody_else_looked_at_is_not_vouched_for_by_me(
    session: Session, submitted: Recording, inspector: User
) -> None:
    look_at(session, make_inspector(session), *frame_ids_of(session, submitted))
    assert marks.mark_remaining_good(session, inspector, submitted.id).marked == 0


def test_only_an_independent_inspector_marks(
    session: Session, submitted: Recording, annotator: User
) -> None:
    frame_id = frame_ids_of(session, submitted)[0]
    annotator.roles = ["annotator", "inspector"]
    session.flush()
    with pytest.raises(Forbidden, match="nobody inspects what they annotated"):
        marks.mark(session, annotator, frame_id, Mark.GOOD)
    with pytest.raises(Forbidden):
        marks.mark(session, make_maintainer(session), frame_id, Mark.GOOD)


@pytest.mark.parametrize("stage", [Stage.ANNOTATING, Stage.RETURNED, Stage.APPROVED, Stage.BOXING])
def test_nothing_is_marked_outside_a_review(
    session: Session, submitted: Recording, inspector: User, stage: Stage
) -> None:
    submitted.stage = stage.value
    session.flush()
    with pytest.raises(Conflict):
        marks.mark(session, inspector, frame_ids_of(session, submitted)[0], Mark.GOOD)
    with pytest.raises(Conflict):
        marks.mark_remaining_good(session, inspector, submitted.id)


def test_frames_to_revise_wait_until_a_person_touches_them(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    first, second, _ = frame_ids_of(session, submitted)
    for frame_id in (second, first):
        make_mark(session, inspector, frame_id)
    give_back(session, submitted)
    assert repository.unaddressed_frames(session, submitted.id) == [first, second]
    accept(session, annotator, first)
    assert repository.unaddressed_frames(session, submitted.id) == [second]
    assert not repository.is_returned(session, first)
    assert repository.is_returned(session, second)
    discard(session, annotator, second)
    assert repository.unaddressed_frames(session, submitted.id) == []


def test_marks_of_earlier_rounds_are_settled(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    frame_id = frame_ids_of(session, submitted)[0]
    make_mark(session, inspector, frame_id, round_number=1)
    give_back(session, submitted)
    accept(session, annotator, frame_id)
    give_back(session, submitted)
    assert repository.unaddressed_frames(session, submitted.id) == []


def test_good_marks_ask_for_nothing(
    session: Session, submitted: Recording, inspector: User
) -> None:
    make_mark(session, inspector, frame_ids_of(session, submitted)[0], Mark.GOOD)
    give_back(session, submitted)
    assert repository.unaddressed_frames(session, submitted.id) == []


def test_a_box_sent_back_is_addressed_by_new_joints(
    session: Session, annotator: User, inspector: User
) -> None:
    recording = make_boxed_recording(session, annotator, inspector=inspector)
    frame_id = frame_ids_of(session, recording)[1]
    marks.mark(session, inspector, frame_id, Mark.REVISE)
    give_back(session, recording, Stage.BOXES_RETURNED)
    assert repository.unaddressed_frames(session, recording.id) == [frame_id]
    accept(session, annotator, frame_id)
    assert repository.unaddressed_frames(session, recording.id) == []


def test_a_box_sent_back_is_addressed_by_a_new_box(
    session: Session, annotator: User, inspector: User
) -> None:
    recording = make_boxed_recording(session, annotator, inspector=inspector)
    frame_id = frame_ids_of(session, recording)[1]
    marks.mark(session, inspector, frame_id, Mark.REVISE)
    give_back(session, recording, Stage.BOXES_RETURNED)
    make_boxes(session, recording)
    assert repository.unaddressed_frames(session, recording.id) == []


def test_a_new_box_does_not_address_joints_to_revise(
    session: Session, annotator: User, inspector: User
) -> None:
    recording = make_boxed_recording(session, annotator, inspector=inspector)
    frame_id = frame_ids_of(session, recording)[0]
    make_mark(session, inspector, frame_id, kind=KEYPOINTS)
    give_back(session, recording, Stage.BOXES_RETURNED)
    make_boxes(session, recording, {frame_id: {"consistency": 0.5}})
    assert repository.unaddressed_frames(session, recording.id) == [frame_id]


def test_other_recordings_do_not_count(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    other = make_recording(session, Stage.INSPECTING, annotator=annotator)
    frame_id = frame_ids_of(session, other)[0]
    make_mark(session, inspector, frame_id)
    make_comment(session, inspector, frame_id)
    assert repository.unaddressed_frames(session, submitted.id) == []
    assert repository.revise_marks_count(session, submitted.id, 1, KEYPOINTS) == 0
    assert repository.open_comments_count(session, submitted.id) == 0
    assert repository.open_comments_count(session, other.id) == 1
