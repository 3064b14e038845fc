"""Boxes in the second review: drawn, judged, asked for again."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import BoxRevision, Recording, User
from backend.core.jobs import payloads
from backend.domain.boxes import Box, BoxOrigin, BoxStatus
from backend.domain.document import MoveJoint
from backend.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from backend.domain.reviews import Mark, ReviewKind
from backend.domain.workflow import Stage
from backend.labelling.boxes import repository, service
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.boxes.schemas import BoxOut
from backend.labelling.marks import service as marks
from backend.labelling.reviews.repository import mark_of
from tests.factories import (
    accept,
    annotation_of,
    discard,
    edit,
    frame_ids_of,
    make_boxed_recording,
    make_boxes,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)

DRAWN = Box(20.0, 30.0, 200.0, 100.0)


def box_of(session: Session, frame_id: int) -> BoxOut | None:
    return service.box_of_frame(session, annotation_of(session, frame_id))


def give_back(session: Session, recording: Recording) -> None:
    recording.stage = Stage.BOXES_RETURNED.value
    recording.round += 1
    session.flush()


def test_the_inspector_draws_a_box(session: Session, inspector: User, frame_id: int) -> None:
    box = service.draw_box(session, inspector, frame_id, DRAWN, 1)
    assert (box.x, box.y, box.width, box.height) == (20.0, 30.0, 200.0, 100.0)
    assert (box.version, box.origin, box.stale) == (2, BoxOrigin.HUMAN, False)
    assert box.has_mask
    assert box_of(session, frame_id) == box


def test_a_drawn_box_is_clipped_to_the_image(
    session: Session, inspector: User, frame_id: int
) -> None:
    box = service.draw_box(session, inspector, frame_id, Box(-10, 400, 100, 200), 1)
    assert (box.x, box.y, box.width, box.height) == (0.0, 400.0, 90.0, 80.0)


def test_a_box_outside_the_image_is_refused(
    session: Session, inspector: User, frame_id: int
) -> None:
    with pytest.raises(InvalidInput, match="outside the image"):
        service.draw_box(session, inspector, frame_id, Box(700, 0, 10, 10), 1)


def test_a_stale_write_gets_the_current_box(
    session: Session, inspector: User, frame_id: int
) -> None:
    current = service.draw_box(session, inspector, frame_id, DRAWN, 1)
    with pytest.raises(StaleVersion) as stale:
        service.draw_box(session, inspector, frame_id, Box(1, 1, 5, 5), 1)
    assert BoxOut.model_validate(stale.value.current) == current
    with pytest.raises(StaleVersion):
        service.judge_box(session, inspector, frame_id, BoxStatus.APPROVED, None)


def test_a_missing_box_is_drawn_from_nothing(
    session: Session, annotator: User, inspector: User
) -> None:
    recording = make_recording(session, annotator=annotator, inspector=inspector, frames=1)
    make_candidates(session, recording)
    (frame_id,) = frame_ids_of(session, recording)
    accept(session, annotator, frame_id)
    recording.stage = Stage.INSPECTING_BOXES.value
    session.flush()
    with pytest.raises(StaleVersion) as stale:
        service.draw_box(session, inspector, frame_id, DRAWN, 1)
    assert stale.value.current is None
    with pytest.raises(Conflict, match="no box to approve"):
        marks.mark(session, inspector, frame_id, Mark.GOOD)
    box = service.draw_box(session, inspector, frame_id, DRAWN, None)
    assert (box.version, box.has_mask, box.mask_url, box.model) == (1, False, None, None)
    assert not repository.box_blockers(session, recording.id)


def test_judging_a_box_and_marking_its_frame_are_the_same(
    session: Session, inspector: User, frame_id: int
) -> None:
    pairs = [
        (Mark.GOOD, BoxStatus.APPROVED),
        (Mark.REVISE, BoxStatus.SENT_BACK),
        (None, BoxStatus.PROPOSED),
    ]
    for mark, status in pairs:
        marks.mark(session, inspector, frame_id, mark)
        box = box_of(session, frame_id)
        assert box is not None
        assert box.status is status
        assert mark_of(session, frame_id, ReviewKind.BOXES, 1) is mark
    for mark, status in pairs:
        box = box_of(session, frame_id)
        assert box is not None
        service.judge_box(session, inspector, frame_id, status, box.version)
        assert mark_of(session, frame_id, ReviewKind.BOXES, 1) is mark


def test_the_inspector_s_own_drawing_changes_no_judgement(
    session: Session, inspector: User, frame_id: int
) -> None:
    service.judge_box(session, inspector, frame_id, BoxStatus.APPROVED, 1)
    box = service.draw_box(session, inspector, frame_id, DRAWN, 2)
    assert box.status is BoxStatus.APPROVED


def test_the_annotator_redraws_a_box_that_was_sent_back(
    session: Session, annotator: User, inspector: User, recording: Recording, frame_id: int
) -> None:
    service.judge_box(session, inspector, frame_id, BoxStatus.SENT_BACK, 1)
    give_back(session, recording)
    box = service.draw_box(session, annotator, frame_id, DRAWN, 2)
    assert box.status is BoxStatus.PROPOSED
    assert not repository.box_blockers(session, recording.id)


def test_a_moved_joint_makes_the_box_stale_until_it_is_moved_back(
    session: Session, annotator: User, recording: Recording, frame_id: int
) -> None:
    give_back(session, recording)
    before = annotation_of(session, frame_id).keypoints
    assert before is not None
    edit(session, annotator, frame_id, MoveJoint(0, 1, 2))
    box = box_of(session, frame_id)
    assert box is not None
    assert box.stale
    assert repository.box_blockers(session, recording.id).stale == [frame_id]
    edit(session, annotator, frame_id, MoveJoint(0, before[0], before[1]))
    box = box_of(session, frame_id)
    assert box is not None
    assert not box.stale
    assert not repository.box_blockers(session, recording.id)


def test_a_stale_box_is_not_approved(
    session: Session, annotator: User, inspector: User, recording: Recording, frame_id: int
) -> None:
    give_back(session, recording)
    edit(session, annotator, frame_id, MoveJoint(0, 1, 2))
    recording.stage = Stage.INSPECTING_BOXES.value
    session.flush()
    with pytest.raises(Conflict, match="joints changed"):
        service.judge_box(session, inspector, frame_id, BoxStatus.APPROVED, 1)
    with pytest.raises(Conflict, match="joints changed"):
        marks.mark(session, inspector, frame_id, Mark.GOOD)
    assert service.approve_remaining(session, inspector, recording, include_flagged=True) == 2
    box = service.draw_box(session, inspector, frame_id, DRAWN, 1)
    assert not box.stale
    service.judge_box(session, inspector, frame_id, BoxStatus.APPROVED, box.version)


def test_a_discarded_frame_needs_no_box(
    session: Session, annotator: User, recording: Recording, frame_id: int
) -> None:
    give_back(session, recording)
    edit(session, annotator, frame_id, MoveJoint(0, 1, 2))
    discard(session, annotator, frame_id)
    assert box_of(session, frame_id) is None
    assert not repository.box_blockers(session, recording.id)
    assert len(service.list_boxes(session, recording.id, "position")) == 2
    with pytest.raises(Conflict, match="kept frame"):
        service.draw_box(session, annotator, frame_id, DRAWN, 1)


def test_blockers_name_each_kind_of_frame(
    session: Session, annotator: User, inspector: User
) -> None:
    recording = make_recording(session, annotator=annotator, frames=2)
    make_candidates(session, recording)
    first, second = frame_ids_of(session, recording)
    accept(session, annotator, first)
    discard(session, annotator, second)
    blockers = repository.box_blockers(session, recording.id)
    assert (blockers.missing, blockers.stale, blockers.sent_back) == ([first], [], [])
    boxed = make_boxed_recording(session, annotator, inspector=inspector, frames=2)
    sent_back = frame_ids_of(session, boxed)[1]
    marks.mark(session, inspector, sent_back, Mark.REVISE)
    assert repository.box_blockers(session, boxed.id).sent_back == [sent_back]


def test_the_rest_is_approved_at_once_but_for_what_is_flagged(
    session: Session, annotator: User, inspector: User
) -> None:
    recording = make_boxed_recording(session, annotator, inspector=inspector, frames=4)
    flagged, sent_back, *rest = frame_ids_of(session, recording)
    recording.stage = Stage.BOXING.value
    make_boxes(session, recording, {flagged: {"flagged": True, "consistency": 0.4}})
    recording.stage = Stage.INSPECTING_BOXES.value
    session.flush()
    marks.mark(session, inspector, sent_back, Mark.REVISE)
    assert service.approve_remaining(session, inspector, recording, include_flagged=False) == 2
    session.expire_all()
    for frame_id in rest:
        assert mark_of(session, frame_id, ReviewKind.BOXES, 1) is Mark.GOOD
    statuses = {b["frame_id"]: b["status"] for b in service.list_boxes(
        session, recording.id, "position")}  # fmt: skip
    assert repository.box_blockers(session, recording.id).undecided == [flagged]
    assert statuses == {
        flagged: "proposed",
        sent_back: "sent_back",
        rest[0]: "approved",
        rest[1]: "approved",
    }
    assert service.approve_remaining(session, inspector, recording, include_flagged=True) == 1


def test_marking_the_rest_good_in_box_review_leaves_flagged_boxes(
    session: Session, annotator: User, inspector: User, recording: Recording
) -> None:
    assert marks.mark_remaining_good(session, inspector, recording.id).marked == 3
    assert marks.mark_remaining_good(session, inspector, recording.id).marked == 0


def test_boxes_that_need_a_look_come_first(session: Session, annotator: User) -> None:
    recording = make_boxed_recording(session, annotator, frames=5, stage=Stage.BOXING)
    ids = frame_ids_of(session, recording)
    make_boxes(
        session,
        recording,
        {
            ids[1]: {"consistency": 0.85},
            ids[2]: {"consistency": 0.7, "flagged": True},
            ids[3]: {"consistency": 0.5, "flagged": True},
        },
    )
    give_back(session, recording)
    edit(session, annotator, ids[4], MoveJoint(0, 1, 2))
    by_need = [box["frame_id"] for box in service.list_boxes(session, recording.id, "flagged")]
    assert by_need == [ids[3], ids[2], ids[4], ids[1], ids[0]]
    in_order = [box["frame_id"] for box in service.list_boxes(session, recording.id, "position")]
    assert in_order == ids


def test_every_step_of_a_box_is_kept_whole(
    session: Session, inspector: User, recording: Recording, frame_id: int
) -> None:
    service.draw_box(session, inspector, frame_id, DRAWN, 1)
    service.approve_remaining(session, inspector, recording, include_flagged=True)
    steps = session.scalars(
        select(BoxRevision).where(BoxRevision.frame_id == frame_id).order_by(BoxRevision.version)
    ).all()
    assert [step.version for step in steps] == [1, 2, 3]
    assert [step.model for step in steps] == ["test-segmenter", None, None]
    assert [step.author_id for step in steps] == [None, inspector.id, inspector.id]
    assert [step.state["status"] for step in steps] == ["proposed", "proposed", "approved"]
    assert [step.state["x"] for step in steps][1:] == [20.0, 20.0]
    assert steps[0].state["mask_counts"] == steps[2].state["mask_counts"]


def test_asking_for_a_new_mask_queues_a_job_for_that_frame(
    session: Session, inspector: User, recording: Recording, frame_id: int
) -> None:
    job = service.request_rerun(session, inspector, frame_id)
    assert (job.kind, job.queue) == ("boxes", "gpu")
    assert payloads.read(BoxesPayload, job.payload) == BoxesPayload(frame_ids=[frame_id])
    assert (job.recording_id, job.created_by_id) == (recording.id, inspector.id)


def test_only_those_in_turn_work_on_boxes(
    session: Session, annotator: User, inspector: User, recording: Recording, frame_id: int
) -> None:
    for somebody in (annotator, make_inspector(session), make_maintainer(session)):
        with pytest.raises(Forbidden):
            service.draw_box(session, somebody, frame_id, DRAWN, 1)
        with pytest.raises(Forbidden):
            service.judge_box(session, somebody, frame_id, BoxStatus.APPROVED, 1)
        with pytest.raises(Forbidden):
            service.approve_remaining(session, somebody, recording, include_flagged=True)
        with pytest.raises(Forbidden):
            service.request_rerun(session, somebody, frame_id)
    give_back(session, recording)
    with pytest.raises(Forbidden):
        service.draw_box(session, inspector, frame_id, DRAWN, 1)
    with pytest.raises(Conflict):
        service.judge_box(session, annotator, frame_id, BoxStatus.APPROVED, 1)


@pytest.mark.parametrize("stage", [Stage.ANNOTATING, Stage.INSPECTING, Stage.BOXED, Stage.APPROVED])
def test_boxes_rest_outside_their_review(
    session: Session, inspector: User, recording: Recording, frame_id: int, stage: Stage
) -> None:
    recording.stage = stage.value
    session.flush()
    with pytest.raises(Conflict):
        service.draw_box(session, inspector, frame_id, DRAWN, 1)
    with pytest.raises(Conflict):
        service.request_rerun(session, inspector, frame_id)


def test_a_frame_without_a_mask_has_none_to_show(
    session: Session, inspector: User, annotator: User
) -> None:
    recording = make_recording(session, annotator=annotator, frames=1)
    with pytest.raises(NotFound):
        service.mask_of_frame(session, frame_ids_of(session, recording)[0])
