"""Boxes by hand: the recording goes on to box review without any model."""

from __future__ import annotations

from backend.core.database.session import transaction
from backend.core.database.tables import FrameBox, Job, Recording, User
from backend.domain.workflow import Event, Stage
from backend.labelling.workflow import service as stages
from backend.recordings.access import get_recording
from tests.factories import (
    accept,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_recording,
)
from tests.worker.bench import Bench


def _fire_box(bench: Bench, recording_id: int, inspector_id: int, *, by_hand: bool) -> Job:
    with transaction(bench.engine) as session:
        recording = get_recording(session, recording_id, lock="update")
        inspector = session.get_one(User, inspector_id)
        stages.fire(session, recording, Event.BOX, inspector, by_hand=by_hand)
    return bench.run(bench.all(Job)[-1].id)


def _approved_joints(bench: Bench) -> tuple[int, int]:
    with transaction(bench.engine) as session:
        annotator, inspector = make_annotator(session), make_inspector(session)
        recording = make_recording(
            session, Stage.ANNOTATING, frames=3, annotator=annotator, inspector=inspector
        )
        make_candidates(session, recording)
        for frame_id in frame_ids_of(session, recording):
            accept(session, annotator, frame_id)
        recording.stage = Stage.KEYPOINTS_APPROVED.value
        return recording.id, inspector.id


def test_without_weights_boxes_by_hand_reach_the_box_review_with_no_box(bench: Bench) -> None:
    recording_id, inspector_id = _approved_joints(bench)
    failed = _fire_box(bench, recording_id, inspector_id, by_hand=False)
    assert failed.state == "failed"
    assert bench.all(Recording)[0].stage == Stage.KEYPOINTS_APPROVED
    job = _fire_box(bench, recording_id, inspector_id, by_hand=True)
    assert (job.state, job.error, job.queue) == ("succeeded", None, "cpu")
    assert job.result == {
        "boxes": 0, "imported": 0, "flagged": 0, "model": None, "to_draw": 3
    }  # fmt: skip
    assert bench.all(Recording)[0].stage == Stage.BOXED
    assert bench.all(FrameBox) == []
