"""Boxes and marks in the same write as joints: versioned, idempotent, undone as they were done."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import BoxRevision, Recording, User
from backend.domain.boxes import Box, BoxOrigin, BoxStatus, DrawnBox
from backend.domain.document import (
    Document,
    DrawBox,
    JudgeBox,
    MoveJoint,
    Operation,
    SetBox,
    SetMark,
    SetVerdict,
    apply,
)
from backend.domain.errors import Conflict, Forbidden, InvalidInput, StaleVersion
from backend.domain.reviews import Mark, ReviewKind
from backend.domain.verdicts import Decision, Verdict
from backend.domain.workflow import Stage
from backend.labelling.boxes import repository, service, writing
from backend.labelling.documents.schemas import SavedOut
from backend.labelling.documents.service import Read, apply_operations
from backend.labelling.marks import service as marks
from backend.labelling.reviews.repository import mark_of
from backend.recordings.access import has_annotated
from tests.factories import (
    KEEP,
    accept,
    annotation_of,
    discard,
    frame_ids_of,
    make_boxes,
    make_candidates,
    make_recording,
)

DRAWN = Box(20.0, 30.0, 200.0, 100.0)
OTHER = Box(25.5, 31.0, 150.0, 80.0)


@pytest.fixture
def bare(session: Session, annotator: User, inspector: User) -> int:
    """A kept frame in box review that has no box."""
    recording = make_recording(session, annotator=annotator, inspector=inspector, frames=1)
    make_candidates(session, recording)
    (frame_id,) = frame_ids_of(session, recording)
    accept(session, annotator, frame_id)
    recording.stage = Stage.INSPECTING_BOXES.value
    session.flush()
    return frame_id


def give_back(session: Session, recording: Recording) -> None:
    recording.stage = Stage.BOXES_RETURNED.value
    recording.round += 1
    session.flush()


def read_now(session: Session, frame_id: int) -> Read:
    annotation = annotation_of(session, frame_id)
    box = service.box_of_frame(session, annotation)
    return Read(annotation.version, box.version if box else None)


def write(session: Session, user: User, frame_id: int, *operations: Operation) -> SavedOut:
    """A write on top of whatever is stored."""
    read = read_now(session, frame_id)
    return apply_operations(session, user, frame_id, read, uuid.uuid4(), operations)


def stored_box(session: Session, frame_id: int) -> DrawnBox | None:
    row = repository.find_box(session, frame_id)
    return writing.drawn(row) if row else None


def test_a_box_is_drawn_and_approved_in_one_write(
    session: Session, inspector: User, frame_id: int
) -> None:
    saved = write(session, inspector, frame_id, DrawBox(DRAWN), JudgeBox(BoxStatus.APPROVED))
    assert saved.box is not None
    assert (saved.box.x, saved.box.width) == (20.0, 200.0)
    assert (saved.box.version, saved.box.origin) == (2, BoxOrigin.HUMAN)
    assert (saved.box.status, saved.box.stale) == (BoxStatus.APPROVED, False)
    assert saved.mark is Mark.GOOD
    assert saved.version == annotation_of(session, frame_id).version


def test_a_box_makes_its_inspector_no_annotator(
    session: Session, inspector: User, recording: Recording, frame_id: int
) -> None:
    write(session, inspector, frame_id, DrawBox(DRAWN))
    assert not has_annotated(session, inspector.id, recording.id)


def test_a_box_write_is_kept_with_its_id_and_operations(
    session: Session, inspector: User, frame_id: int
) -> None:
    read, operation_id = read_now(session, frame_id), uuid.uuid4()
    apply_operations(session, inspector, frame_id, read, operation_id, [DrawBox(DRAWN)])
    step = repository.revision_of_operation(session, operation_id)
    assert step is not None
    assert (step.version, step.author_id) == (2, inspector.id)
    assert step.operations == [
        {"type": "drawBox", "x": 20.0, "y": 30.0, "width": 200.0, "height": 100.0}
    ]


def test_the_same_box_write_sent_twice_happens_once_and_is_answered_alike(
    session: Session, inspector: User, recording: Recording, frame_id: int
) -> None:
    read, operation_id = read_now(session, frame_id), uuid.uuid4()
    first = apply_operations(session, inspector, frame_id, read, operation_id, [DrawBox(DRAWN)])
    write(session, inspector, frame_id, DrawBox(OTHER))
    recording.stage = Stage.APPROVED.value
    session.flush()
    again = apply_operations(session, inspector, frame_id, read, operation_id, [DrawBox(DRAWN)])
    assert again == first
    assert read_now(session, frame_id).box_version == 3
    with pytest.raises(Conflict, match="already used"):
        apply_operations(session, inspector, frame_id, read, operation_id, [DrawBox(OTHER)])


def test_joints_and_box_of_one_write_happen_together_or_not_at_all(
    session: Session, annotator: User, recording: Recording, frame_id: int
) -> None:
    give_back(session, recording)
    before = annotation_of(session, frame_id).version
    with pytest.raises(InvalidInput, match="outside the image"):
        write(session, annotator, frame_id, MoveJoint(0, 1, 2), DrawBox(Box(900, 0, 5, 5)))
    assert annotation_of(session, frame_id).version == before
    saved = write(session, annotator, frame_id, MoveJoint(0, 1, 2), DrawBox(DRAWN))
    assert saved.box is not None
    assert saved.box.made_from == saved.joints
    assert (saved.version, saved.box.stale) == (before + 1, False)


def test_a_box_that_somebody_else_changed_gets_both_states_to_merge(
    session: Session, inspector: User, frame_id: int
) -> None:
    read = read_now(session, frame_id)
    first = service.box_of_frame(session, annotation_of(session, frame_id))
    service.draw_box(session, inspector, frame_id, OTHER, read.box_version)
    with pytest.raises(StaleVersion, match="box has changed") as stale:
        apply_operations(session, inspector, frame_id, read, uuid.uuid4(), [DrawBox(DRAWN)])
    assert stale.value.current["box"]["x"] == OTHER.x
    assert first is not None
    assert stale.value.context["base"]["box"] == first.model_dump(mode="json")


def test_joints_are_saved_whatever_happens_to_the_box(
    session: Session, annotator: User, recording: Recording, frame_id: int
) -> None:
    give_back(session, recording)
    read = read_now(session, frame_id)
    service.draw_box(session, annotator, frame_id, OTHER, read.box_version)
    moved = [MoveJoint(0, 1, 2)]
    saved = apply_operations(session, annotator, frame_id, read, uuid.uuid4(), moved)
    assert saved.box is not None
    assert saved.box.stale


def test_undoing_the_first_box_takes_it_away_and_the_next_one_goes_on(
    session: Session, inspector: User, bare: int
) -> None:
    write(session, inspector, bare, DrawBox(DRAWN))
    saved = write(session, inspector, bare, SetBox(None))
    assert saved.box is None
    assert stored_box(session, bare) is None
    saved = write(session, inspector, bare, DrawBox(OTHER))
    assert saved.box is not None
    assert saved.box.version == 3
    states = session.scalars(
        select(BoxRevision.state).where(BoxRevision.frame_id == bare).order_by(BoxRevision.version)
    ).all()
    assert [state is None for state in states] == [False, True, False]


def test_a_model_s_box_goes_on_after_one_that_was_taken_away(
    session: Session, inspector: User, bare: int
) -> None:
    write(session, inspector, bare, DrawBox(DRAWN))
    write(session, inspector, bare, SetBox(None))
    recording = session.get_one(Recording, annotation_of(session, bare).recording_id)
    make_boxes(session, recording)
    assert read_now(session, bare).box_version == 3


def test_undo_brings_back_a_box_with_its_mask_and_its_maker(
    session: Session, inspector: User, frame_id: int
) -> None:
    before = service.box_of_frame(session, annotation_of(session, frame_id))
    was = stored_box(session, frame_id)
    write(session, inspector, frame_id, DrawBox(DRAWN))
    saved = write(session, inspector, frame_id, SetBox(was))
    assert before is not None
    assert saved.box is not None
    same = {"x", "width", "made_from", "mask_area", "origin", "model", "status", "consistency"}
    assert saved.box.model_dump(include=same) == before.model_dump(include=same)
    assert (saved.box.version, saved.box.has_mask) == (3, True)


def test_undo_brings_back_a_judgement_of_an_earlier_round(
    session: Session, inspector: User, recording: Recording, frame_id: int
) -> None:
    write(session, inspector, frame_id, JudgeBox(BoxStatus.APPROVED))
    recording.round = 2
    session.flush()
    assert mark_of(session, frame_id, ReviewKind.BOXES, 2) is None
    approved = stored_box(session, frame_id)
    write(session, inspector, frame_id, JudgeBox(BoxStatus.SENT_BACK))
    assert mark_of(session, frame_id, ReviewKind.BOXES, 2) is Mark.REVISE
    write(session, inspector, frame_id, SetBox(approved))
    assert stored_box(session, frame_id) == approved
    assert mark_of(session, frame_id, ReviewKind.BOXES, 1) is Mark.GOOD
    assert mark_of(session, frame_id, ReviewKind.BOXES, 2) is None


def test_an_annotator_s_box_is_to_be_looked_at_again_whatever_the_write_says(
    session: Session, annotator: User, inspector: User, recording: Recording, frame_id: int
) -> None:
    write(session, inspector, frame_id, JudgeBox(BoxStatus.SENT_BACK))
    sent_back = stored_box(session, frame_id)
    assert sent_back is not None
    give_back(session, recording)
    saved = write(session, annotator, frame_id, DrawBox(DRAWN))
    assert saved.box is not None
    assert saved.box.status is BoxStatus.PROPOSED
    write(session, annotator, frame_id, SetBox(sent_back))
    assert stored_box(session, frame_id) == sent_back
    for forged in (replace(sent_back, status=BoxStatus.APPROVED), replace(
        sent_back, box=OTHER, status=BoxStatus.APPROVED)):  # fmt: skip
        write(session, annotator, frame_id, SetBox(forged))
        now = stored_box(session, frame_id)
        assert now is not None
        assert now.status is not BoxStatus.APPROVED


def test_only_those_in_turn_write_boxes_and_marks(
    session: Session, annotator: User, inspector: User, recording: Recording, frame_id: int
) -> None:
    judged = JudgeBox(BoxStatus.APPROVED)
    for operation in (DrawBox(DRAWN), SetBox(None), judged, SetMark(Mark.GOOD)):
        with pytest.raises(Forbidden):
            write(session, annotator, frame_id, operation)
    with pytest.raises(Conflict):
        write(session, inspector, frame_id, MoveJoint(0, 1, 2))
    give_back(session, recording)
    with pytest.raises(Forbidden):
        write(session, inspector, frame_id, DrawBox(DRAWN))
    with pytest.raises(Conflict):
        write(session, annotator, frame_id, judged)


def test_a_discarded_frame_shows_no_box_and_has_it_again_when_it_is_kept(
    session: Session, annotator: User, recording: Recording, frame_id: int
) -> None:
    give_back(session, recording)
    discard(session, annotator, frame_id)
    assert read_now(session, frame_id).box_version is None
    with pytest.raises(InvalidInput, match="kept frame"):
        write(session, annotator, frame_id, DrawBox(DRAWN))
    saved = write(session, annotator, frame_id, KEEP)
    assert saved.box is not None
    assert saved.box.version == 1
    discard(session, annotator, frame_id)
    saved = write(session, annotator, frame_id, KEEP, DrawBox(DRAWN))
    assert saved.box is not None
    assert (saved.box.version, saved.box.x) == (2, DRAWN.x)


def test_marks_of_joints_travel_in_the_same_write(
    session: Session, annotator: User, inspector: User
) -> None:
    recording = make_recording(session, annotator=annotator, inspector=inspector, frames=1)
    make_candidates(session, recording)
    (frame_id,) = frame_ids_of(session, recording)
    accept(session, annotator, frame_id)
    recording.stage = Stage.INSPECTING.value
    session.flush()
    before = annotation_of(session, frame_id).version
    for mark in (Mark.REVISE, Mark.GOOD, None):
        saved = write(session, inspector, frame_id, SetMark(mark))
        assert (saved.mark, saved.version) == (mark, before)
        assert mark_of(session, frame_id, ReviewKind.KEYPOINTS, 1) is mark
    with pytest.raises(StaleVersion):
        apply_operations(
            session, inspector, frame_id, Read(before - 1), uuid.uuid4(), [SetMark(Mark.GOOD)]
        )


def test_in_box_review_only_a_missing_box_is_marked(
    session: Session, inspector: User, frame_id: int, bare: int
) -> None:
    with pytest.raises(InvalidInput, match="approve it or send it back"):
        write(session, inspector, frame_id, SetMark(Mark.GOOD))
    assert write(session, inspector, bare, SetMark(Mark.REVISE)).mark is Mark.REVISE
    assert write(session, inspector, bare, DrawBox(DRAWN)).mark is None


def test_a_judgement_stands_once(
    session: Session, inspector: User, recording: Recording, frame_id: int
) -> None:
    marks.mark(session, inspector, frame_id, Mark.REVISE)
    assert mark_of(session, frame_id, ReviewKind.BOXES, 1) is Mark.REVISE
    write(session, inspector, frame_id, JudgeBox(BoxStatus.APPROVED))
    assert mark_of(session, frame_id, ReviewKind.BOXES, 1) is Mark.GOOD
    make_boxes(session, recording, {frame_id: {"consistency": 0.5}})
    assert mark_of(session, frame_id, ReviewKind.BOXES, 1) is None


def test_what_the_server_does_is_what_apply_says(
    session: Session, inspector: User, frame_id: int
) -> None:
    skeleton = stored_box(session, frame_id)
    assert skeleton is not None
    kept = Decision(Verdict.KEEP)
    document = Document(None, skeleton.made_from, kept, skeleton)
    steps: list[Operation] = [
        JudgeBox(BoxStatus.APPROVED), DrawBox(DRAWN), JudgeBox(BoxStatus.SENT_BACK),
        DrawBox(OTHER), SetBox(skeleton), SetBox(None), DrawBox(OTHER),
    ]  # fmt: skip
    for step in steps:
        document, inverse = apply(document, step, {})
        write(session, inspector, frame_id, step)
        assert stored_box(session, frame_id) == document.box
        before, _ = apply(document, inverse, {})
        write(session, inspector, frame_id, inverse)
        assert stored_box(session, frame_id) == before.box
        write(session, inspector, frame_id, step)
        assert stored_box(session, frame_id) == document.box


def test_a_verdict_leaves_the_box_alone(
    session: Session, annotator: User, recording: Recording, frame_id: int
) -> None:
    give_back(session, recording)
    before = stored_box(session, frame_id)
    write(session, annotator, frame_id, SetVerdict(Decision(Verdict.UNDECIDED)), KEEP)
    assert stored_box(session, frame_id) == before
