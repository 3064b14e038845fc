"""Pre-labels and masks by the real architectures with random numbers in them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Annotation,
    Candidate,
    Checkpoint,
    FrameBox,
    Job,
    Recording,
    User,
)
from backend.core.database.tables.jobs import JobKind
from backend.core.jobs import service as jobs
from backend.domain import masks
from backend.domain.boxes import infant_box
from backend.domain.document import SetSkeleton
from backend.domain.workflow import Event, Stage
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.workflow import service as stages
from backend.labelling.workflow.payloads import WHOLE_PICTURE
from backend.models.checkpoints.registry import KNOWN
from backend.models.checkpoints.store import WeightStore
from backend.recordings.access import get_recording
from tests.factories import (
    KEEP,
    edit,
    find_good,
    make_annotator,
    make_inspector,
    make_skeleton,
)
from tests.worker.bench import Bench, video


def _fire(bench: Bench, event: Event, user: int | None = None, **models: str) -> None:
    with transaction(bench.engine) as session:
        recording = get_recording(session, bench.all(Recording)[0].id, lock="update")
        person = session.get_one(User, user) if user else None
        stages.fire(session, recording, event, person, **models)


def _work_off(bench: Bench, kind: JobKind) -> Job:
    waiting = [j for j in bench.all(Job) if j.kind == kind and j.state == "queued"]
    return bench.run(waiting[0].id)


@pytest.fixture
def imported(bench: Bench) -> Bench:
    assert bench.videos(("v.mp4", video(2, 320, 240))).state == "succeeded"
    return bench


def test_without_weights_the_job_says_how_to_get_them(imported: Bench) -> None:
    _fire(imported, Event.PRELABEL, imported.maintainer_id, model="rtmo-l")
    job = _work_off(imported, JobKind.PRELABEL)
    assert job.state == "failed"
    assert "infantnet weights pull rtmo-l" in str(job.error)
    assert imported.all(Recording)[0].stage == Stage.INGESTED
    assert imported.all(Candidate) == []


@pytest.mark.models
@pytest.mark.xdist_group("models")
def test_without_any_download_real_videos_are_pre_labelled_by_what_comes_with_the_product(
    imported: Bench,
) -> None:
    _fire(imported, Event.PRELABEL, imported.maintainer_id)
    job = _work_off(imported, JobKind.PRELABEL)
    assert (job.state, job.error) == ("succeeded", None)
    recording = imported.all(Recording)[0]
    assert (recording.stage, recording.prelabel_model) == (Stage.PRELABELLED, "blazepose-heavy")
    assert recording.prelabel_sha256 == KNOWN["blazepose-heavy"].sha256
    assert not recording.prelabels_simulated


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
    digest = hashlib.sha256(rtmo_checkpoint.read_bytes()).hexdigest()
    assert recording.prelabel_sha256 == digest
    assert job.result is not None
    assert (job.result["model"], job.result["sha256"]) == ("rtmo-t", digest)
    [row] = [row for row in imported.all(Checkpoint) if row.name == "rtmo-t"]
    assert (row.state, row.sha256, row.untrained) == ("present", digest, True)


@pytest.mark.models
@pytest.mark.xdist_group("models")
@pytest.mark.parametrize("boxes_from", ["rtmo-t", WHOLE_PICTURE])
def test_a_per_box_model_works_in_the_boxes_that_were_chosen(
    imported: Bench, rtmo_checkpoint: Path, hrnet_checkpoint: Path, boxes_from: str
) -> None:
    store = WeightStore(imported.settings.weights_dir)
    store.add("hrnet-w32", hrnet_checkpoint)
    store.add("rtmo-t", rtmo_checkpoint)
    maintainer = imported.maintainer_id
    _fire(imported, Event.PRELABEL, maintainer, model="hrnet-w32", boxes_from=boxes_from)
    job = _work_off(imported, JobKind.PRELABEL)
    assert (job.state, job.error) == ("succeeded", None)
    recording = imported.all(Recording)[0]
    assert (recording.prelabel_model, recording.prelabel_boxes_from) == ("hrnet-w32", boxes_from)
    assert job.result is not None
    assert (job.result["boxes_sha256"] is None) == (boxes_from == WHOLE_PICTURE)
    people = imported.all(Candidate)
    assert {person.model for person in people} <= {"hrnet-w32"}
    if boxes_from == WHOLE_PICTURE:
        assert [person.box for person in people] == [[0, 0, 320, 240]] * 2


@pytest.mark.models
@pytest.mark.xdist_group("models")
def test_boxes_for_a_model_that_takes_whole_pictures_are_refused(
    imported: Bench, rtmo_checkpoint: Path
) -> None:
    WeightStore(imported.settings.weights_dir).add("rtmo-t", rtmo_checkpoint)
    maintainer = imported.maintainer_id
    _fire(imported, Event.PRELABEL, maintainer, model="rtmo-t", boxes_from="rtmo-t")
    job = _work_off(imported, JobKind.PRELABEL)
    assert job.state == "failed"
    assert "takes whole pictures" in str(job.error)
    assert imported.all(Recording)[0].stage == Stage.INGESTED


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
    with transaction(imported.engine) as session:
        recording = session.get_one(Recording, imported.all(Recording)[0].id)
        find_good(session, session.get_one(User, inspector.id), recording)
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
