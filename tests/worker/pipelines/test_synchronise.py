"""Comparing clocks and taking frames anew, as jobs on real tables and real videos."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Annotation,
    Camera,
    CameraFile,
    Frame,
    Job,
    Moment,
    Recording,
    Synchronisation,
    User,
)
from backend.core.jobs import service as jobs
from backend.core.storage import open_store
from backend.domain.workflow import Event, Stage
from backend.labelling.workflow import service as stages
from backend.multiview.synchronisations import service, strips
from backend.multiview.synchronisations.schemas import SynchroniseIn
from backend.recordings.access import get_recording
from tests.factories import discard, make_annotator
from tests.worker.bench import Bench
from tests.worker.synchronisation.makers import Clock, moving, write_video
from worker.context import JobContext
from worker.pipelines.resample import run as resample

SECONDS, LATER = 9.0, 0.5133
SHIFT = 0.2633
"""Between two of the frames that were imported, unlike the truth."""


@pytest.fixture
def recording(bench: Bench, tmp_path: Path) -> int:
    """Two cameras of which the second began half a second later, every tenth frame imported."""
    files = []
    for k, clock in enumerate([Clock(), Clock(LATER)]):
        path = write_video(tmp_path / f"{k}.mp4", moving(clock, SECONDS, 20, view=k), 20)
        files.append((path.name, path.read_bytes()))
    job = bench.videos(*files, sampling={"mode": "every", "value": 10})
    assert job.error is None
    return int(job.recording_id or 0)


def ask(bench: Bench, recording_id: int, method: str) -> Job:
    with transaction(bench.engine) as session:
        user = session.get_one(User, bench.maintainer_id)
        job = service.request(session, user, recording_id, SynchroniseIn(method=method))  # type: ignore[arg-type]
        assert isinstance(job, Job)
        job_id = job.id
    return bench.run(job_id)


def by_hand(bench: Bench, recording_id: int, **offsets_by_index: Any) -> int:
    cameras = [camera.id for camera in bench.all(Camera)]
    with transaction(bench.engine) as session:
        user = session.get_one(User, bench.maintainer_id)
        wish = SynchroniseIn.model_validate(
            {"method": "manual", "offsets": [{"camera_id": cameras[1], **offsets_by_index}]}
        )
        row = service.request(session, user, recording_id, wish)
        assert isinstance(row, Synchronisation)
        return row.id


def apply(bench: Bench, sync_id: int) -> int | None:
    with transaction(bench.engine) as session:
        user = session.get_one(User, bench.maintainer_id)
        row, recording = service.get(session, sync_id)
        job = service.apply(session, user, row, recording)
        return job.id if job else None


def test_motion_is_measured_and_pictures_are_left_for_the_eye(bench: Bench, recording: int) -> None:
    job = ask(bench, recording, "motion")
    assert (job.state, job.error) == ("succeeded", None)
    row = bench.all(Synchronisation)[0]
    assert row.offsets[1]["offset_ms"] == pytest.approx(LATER * 1000, abs=25)
    assert row.offsets[1]["confidence"] > 0.5
    assert row.report["pairs"][0]["curve"]["values"]
    assert bench.all(Recording)[0].synchronisation_id is None
    left = strips.load(open_store(bench.settings), recording)
    assert len(left.instants_s) == 4
    for frames in left.cameras.values():
        assert [f.time_s for f in frames] == sorted(f.time_s for f in frames)
        assert len(frames) > 40


def test_videos_without_sound_fail_in_words_and_still_leave_pictures(
    bench: Bench, recording: int
) -> None:
    job = ask(bench, recording, "audio")
    assert job.state == "failed"
    assert "camera 1: it has no sound track" in str(job.error)
    assert bench.all(Synchronisation) == []
    assert strips.load(open_store(bench.settings), recording).cameras


def test_applying_takes_frames_at_the_same_instants(bench: Bench, recording: int) -> None:
    before = {(f.camera_id, f.source_frame): f.id for f in bench.all(Frame)}
    job_id = apply(bench, by_hand(bench, recording, offset_ms=SHIFT * 1000))
    assert job_id is not None
    job = bench.run(job_id)
    assert (job.state, job.error) == ("succeeded", None)
    first, second = (camera.id for camera in bench.all(Camera))
    moments = {moment.id: moment for moment in bench.all(Moment)}
    frames = bench.all(Frame)
    for frame in frames:
        offset = SHIFT if frame.camera_id == second else 0.0
        at = moments[frame.moment_id].time_s
        assert frame.time_s + offset == pytest.approx(at, abs=0.0251)
    assert {f.source_frame for f in frames if f.camera_id == first} == set(range(0, 180, 10))
    assert {f.source_frame for f in frames if f.camera_id == second} == set(range(5, 180, 10))
    assert len(moments) == 19
    assert sorted(f.position for f in frames) == list(range(len(frames)))
    assert [m.index for m in sorted(moments.values(), key=lambda m: m.time_s)] == list(
        range(len(moments))
    )
    after = {(f.camera_id, f.source_frame): f.id for f in frames}
    assert all(after[key] == before[key] for key in before.keys() & after.keys())
    assert {a.frame_id for a in bench.all(Annotation)} == {f.id for f in frames}
    assert bench.all(Recording)[0].synchronisation_id is not None
    assert bench.all(Recording)[0].stage == Stage.INGESTED


def test_taking_frames_anew_leaves_no_stray_files(bench: Bench, recording: int) -> None:
    job_id = apply(bench, by_hand(bench, recording, offset_ms=SHIFT * 1000))
    bench.run(int(job_id or 0))
    keys = {key for f in bench.all(Frame) for key in (f.image_key, f.thumbnail_key)}
    stored = {name for name in bench.files() if "/frames/" in name or "/resample/" in name}
    assert stored == keys


def test_doing_it_again_changes_nothing(bench: Bench, recording: int) -> None:
    sync_id = by_hand(bench, recording, offset_ms=SHIFT * 1000)
    shots = []
    for _ in range(2):
        job = bench.run(int(apply(bench, sync_id) or 0))
        assert job.error is None
        shots.append([(f.id, f.source_frame, f.position) for f in bench.all(Frame)])
    assert shots[0] == shots[1]


def test_who_begins_to_annotate_meanwhile_loses_nothing(bench: Bench, recording: int) -> None:
    job_id = apply(bench, by_hand(bench, recording, offset_ms=SHIFT * 1000))
    files, frames = bench.files(), [f.id for f in bench.all(Frame)]
    with transaction(bench.engine) as session:
        annotator = make_annotator(session)
        row = get_recording(session, recording, lock="update")
        row.annotator_id = annotator.id
        session.flush()
        stages.fire(session, row, Event.START_ANNOTATING, annotator)
        discard(session, annotator, frames[0])
    job = bench.run(int(job_id or 0))
    assert job.state == "failed"
    assert "worked on" in str(job.error)
    assert [f.id for f in bench.all(Frame)] == frames
    assert bench.files() == files


def begin_annotating(bench: Bench, recording: int) -> None:
    with transaction(bench.engine) as session:
        annotator = make_annotator(session)
        row = get_recording(session, recording, lock="update")
        row.annotator_id = annotator.id
        session.flush()
        stages.fire(session, row, Event.START_ANNOTATING, annotator)
        discard(session, annotator, bench.all(Frame)[0].id)


def test_afterwards_frames_are_paired_without_a_job(bench: Bench, recording: int) -> None:
    begin_annotating(bench, recording)
    frames = [(f.id, f.sha256) for f in bench.all(Frame)]
    assert apply(bench, by_hand(bench, recording, offset_ms=520)) is None
    assert [(f.id, f.sha256) for f in bench.all(Frame)] == frames
    row = bench.all(Synchronisation)[-1]
    assert row.offsets[1]["residual_ms"] == pytest.approx(20, abs=0.1)
    assert row.report["applied"]["complete"] == 17


def test_frames_that_show_other_instants_part(bench: Bench, recording: int) -> None:
    """Every tenth frame is there: a quarter of a second apart is several frames, not one moment."""
    begin_annotating(bench, recording)
    apply(bench, by_hand(bench, recording, offset_ms=SHIFT * 1000))
    row = bench.all(Synchronisation)[-1]
    assert row.offsets[1]["residual_ms"] is None
    assert (row.report["applied"]["moments"], row.report["applied"]["complete"]) == (36, 0)
    assert len(bench.all(Moment)) == 36


def test_a_worker_that_dies_is_followed_by_one_that_finds_its_pictures(
    bench: Bench, recording: int
) -> None:
    job_id = int(apply(bench, by_hand(bench, recording, offset_ms=SHIFT * 1000)) or 0)
    before = [f.id for f in bench.all(Frame)]
    with transaction(bench.engine) as session:
        job = jobs.claim(session, job_id)
        assert job is not None
        context = JobContext(
            job.id, job.recording_id, dict(job.payload), 0, job.claims, bench.settings
        )
    resample(context)  # decodes all, and dies before the swap
    assert [f.id for f in bench.all(Frame)] == before
    noted = [name for name in bench.files() if "/resample/" in name]
    assert noted
    with transaction(bench.engine) as session:
        jobs.get_job(session, job_id).heartbeat_at = datetime.now(UTC) - timedelta(minutes=5)
    assert bench.run(job_id).error is None
    keys = {key for f in bench.all(Frame) for key in (f.image_key, f.thumbnail_key)}
    assert {n for n in bench.files() if "/frames/" in n or "/resample/" in n} == keys


def test_what_can_be_decoded_of_a_broken_video_is_taken_anew(bench: Bench, recording: int) -> None:
    file = bench.all(CameraFile)[1]
    path = open_store(bench.settings).local_path(file.key)
    assert path is not None
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1500] = bytes(1500)
    path.write_bytes(data)
    job = bench.run(int(apply(bench, by_hand(bench, recording, offset_ms=SHIFT * 1000)) or 0))
    assert job.error is None
    other = [f for f in bench.all(Frame) if f.camera_id == file.camera_id]
    assert {f.damage for f in other} >= {None, "inherited"}
    assert {f.moment_id for f in bench.all(Frame)} == {m.id for m in bench.all(Moment)}


def test_a_video_that_is_none_any_more_leaves_the_frames_as_they_were(
    bench: Bench, recording: int
) -> None:
    path = open_store(bench.settings).local_path(bench.all(CameraFile)[1].key)
    assert path is not None
    path.write_bytes(bytes(5000))
    files, frames = bench.files(), [f.id for f in bench.all(Frame)]
    job = bench.run(int(apply(bench, by_hand(bench, recording, offset_ms=SHIFT * 1000)) or 0))
    assert job.state == "failed"
    assert "1.mp4" in str(job.error)
    assert [f.id for f in bench.all(Frame)] == frames
    assert bench.files() == files


def test_a_cancelled_job_leaves_the_frames_as_they_were(bench: Bench, recording: int) -> None:
    job_id = int(apply(bench, by_hand(bench, recording, offset_ms=120)) or 0)
    files, frames = bench.files(), [f.id for f in bench.all(Frame)]
    with Session(bench.engine) as session, session.begin():
        jobs.request_cancel(session, job_id)
    bench.run(job_id)
    assert [f.id for f in bench.all(Frame)] == frames
    assert bench.files() == files


def test_all_files_of_a_camera_are_compared(bench: Bench, tmp_path: Path) -> None:
    """The second camera began when the first one's second file had begun."""
    later, cut = 9.4, 8
    long = moving(Clock(), 22, 20)
    parts = [long[: cut * 20], long[cut * 20 :]]
    ids = []
    for k, images in enumerate(parts):
        path = write_video(tmp_path / f"GX0{k + 1}0001.MP4", images, 20)
        ids.append(bench.upload(path.name, path.read_bytes()))
    late = write_video(tmp_path / "late.mp4", moving(Clock(later), 22, 20, view=1)[:240], 20)
    cameras = [
        {"name": "long", "upload_ids": ids},
        {"name": "late", "upload_id": bench.upload(late.name, late.read_bytes())},
    ]
    imported = bench.run(
        bench.start(kind="video", cameras=cameras, sampling={"mode": "every", "value": 20})
    )
    assert imported.error is None
    job = ask(bench, int(imported.recording_id or 0), "motion")
    assert (job.state, job.error) == ("succeeded", None)
    assert bench.all(Synchronisation)[0].offsets[1]["offset_ms"] == pytest.approx(9400, abs=25)
