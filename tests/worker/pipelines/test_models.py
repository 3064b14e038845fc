"""Pre-labels and masks by the real architectures with random numbers in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Annotation, Candidate, FrameBox, Job, Recording, User
from backend.core.database.tables.jobs import JobKind
from backend.core.jobs import service as jobs
from backend.domain import masks
from backend.domain.boxes import infant_box
from backend.domain.document import SetSkeleton
from backend.domain.workflow import Event, Stage
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.workflow import service as stages
from backend.models.checkpoints.store import WeightStore
from backend.recordings.access import get_recording
from tests.factories import KEEP, edit, make_annotator, make_inspector, make_skeleton
from tests.worker.bench import Bench, video


def _fire(bench: Bench, event: Event, user: int | None = None) -> None:
    with transaction(bench.engine) as session:
        recording = get_recording(session, bench.all(Recording)[0].id, lock="update")
        person = session.get_one(User, user) if user else None
        stages.fire(session, recording, event, person)


def _work_off(bench: Bench, kind: JobKind) -> Job:
    waiting = [j for j in bench.all(Job) if j.kind == kind and j.state == "queued"]
    return bench.run(waiting[0].id)


@pytest.fixture
def imported(bench: Bench) -> Bench:
    assert bench.videos(("v.mp4", video(2, 320, 240))).state == "succeeded"
    return bench


def test_without_weights_the_job_says_how_to_get_them(imported: Bench) -> None:
    _fire(imported, Event.PRELABEL, imported.maintainer_id)
    job = _work_off(imported, JobKind.PRELABEL)
    assert job.state == "failed"
    assert "infantnet weights pull rtmo-l" in str(job.error)
    assert imported.all(Recording)[0].stage == Stage.INGESTED
    assert imported.all(Candidate) == []


@pytest.mark.models
@pytest.mark.xdist_group("models")
def test_pre_labels_are_kept_as_candidates_of_a_named_model(
    imported: Bench, rtmo_checkpoint: Path
) -> None:
    WeightStore(imported.settings.weights_dir).add("rtmo-t", rtmo_checkpoint)
    _fire(imported, Event.PRELABEL, imported.maintainer_id)
    job = _work_off(imported, JobKind.PRELABEL)
    assert (job.state, job.error) == ("succeeded", None)
    recording = imported.all(Recording)[0]
    assert (recording.stage, recording.prelabel_model) == (Stage.PRELABELLED, "rtmo-t")
    assert not recording.prelabels_simulated
    assert {c.model for c in imported.all(Candidate)} <= {"rtmo-t"}


@pytest.mark.models
@pytest.mark.xdist_group("models")
def test_boxes_follow_the_rule_whatever_the_mask(imported: Bench, sam2_checkpoint: Path) -> None:
    WeightStore(imported.settings.weights_dir).add("sam2.1-tiny", sam2_checkpoint)
    skeleton = make_skeleton(occluded=(9, 10), absent=(16,))
    with transaction(imported.engine) as session:
        annotator, inspector = make_annotator(session), make_inspector(session)
        recording = session.get_one(Recording, imported.all(Recording)[0].id)
        recording.annotator_id, recording.inspector_id = annotator.id, inspector.id
        recording.stage = Stage.ANNOTATING.value
        session.flush()
        for row in imported.all(Annotation):
            edit(session, annotator, row.frame_id, SetSkeleton(None, skeleton), KEEP)
    _fire(imported, Event.SUBMIT, annotator.id)
    _fire(imported, Event.APPROVE_KEYPOINTS, inspector.id)
    job = _work_off(imported, JobKind.BOXES)
    assert (job.state, job.error) == ("succeeded", None)
    assert imported.all(Recording)[0].stage == Stage.BOXED
    boxes = imported.all(FrameBox)
    assert len(boxes) == 2
    for row in boxes:
        mask = None
        if row.mask_counts is not None:
            mask = masks.decode(masks.Rle(size=[240, 320], counts=row.mask_counts))
        expected = infant_box(mask, skeleton, 320, 240)
        assert (row.x, row.y, row.width, row.height) == pytest.approx(
            (expected.x, expected.y, expected.width, expected.height)
        )
        assert row.model == "sam2.1-tiny"
        assert not row.simulated


def test_masks_of_an_ordinary_recording_are_never_simulated(imported: Bench) -> None:
    with transaction(imported.engine) as session:
        recording = session.get_one(Recording, imported.all(Recording)[0].id)
        annotator = make_annotator(session)
        recording.annotator_id, recording.stage = annotator.id, Stage.ANNOTATING.value
        session.flush()
        for row in imported.all(Annotation):
            edit(session, annotator, row.frame_id, SetSkeleton(None, make_skeleton()), KEEP)
        recording.stage = Stage.BOXING.value
        job = jobs.enqueue(session, BoxesPayload(), recording.id, None)
    done = imported.run(job.id)
    assert done.state == "failed"
    assert "infantnet weights pull sam2.1-large" in str(done.error)
    with Session(imported.engine) as session:
        assert session.get_one(Recording, recording.id).stage == Stage.KEYPOINTS_APPROVED
