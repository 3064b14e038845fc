"""Motion of a recording, measured by its job on real tables, pictures and files."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from backend.core.database.session import transaction
from backend.core.database.tables import FlowFile, Frame, Job, Recording, User
from backend.core.database.tables.jobs import JobKind
from backend.core.jobs import service as jobs
from backend.core.storage import open_store
from backend.domain.errors import Cancelled, Conflict
from backend.domain.flow_grids import FlowGrids
from backend.multiview.propagation import service
from tests.worker.bench import Bench
from tests.worker.synchronisation.makers import Clock, moving, write_video
from worker.context import JobContext
from worker.pipelines import measure_motion


@pytest.fixture
def recording(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """One camera of some twenty frames, a few links a file."""
    monkeypatch.setattr(measure_motion, "LINKS_PER_FILE", 8)
    path = write_video(tmp_path / "film.mp4", moving(Clock(), 2.0, 20), 20)
    job = bench.videos((path.name, path.read_bytes()), sampling={"mode": "every", "value": 2})
    assert job.error is None
    return bench.all(Recording)[0].id


def _order(bench: Bench, recording_id: int) -> int:
    with transaction(bench.engine) as session:
        user = session.get_one(User, bench.maintainer_id)
        return service.request_motion(session, user, recording_id).id


def _context(bench: Bench, job_id: int, resume_at: int = 0) -> JobContext:
    """The job in a worker's hands."""
    with transaction(bench.engine) as session:
        job = jobs.claim(session, job_id) or jobs.get_job(session, job_id)
        return JobContext(job_id, job.recording_id, {}, resume_at, job.claims, bench.settings)


def test_consecutive_frames_are_linked_file_by_file(bench: Bench, recording: int) -> None:
    job = bench.run(_order(bench, recording))
    assert (job.state, job.error) == ("succeeded", None)
    frames = [frame.id for frame in bench.all(Frame)]
    files = bench.all(FlowFile)
    assert [file.links for file in files] == [8] * (len(frames) // 8) + [(len(frames) - 1) % 8]
    grids = [FlowGrids.from_bytes(open_store(bench.settings).read(f.key)) for f in files]
    assert np.concatenate([g.before for g in grids]).tolist() == frames[:-1]
    assert np.concatenate([g.after for g in grids]).tolist() == frames[1:]
    assert job.result == {"links": len(frames) - 1, "files": len(files)}


def test_measuring_again_replaces_every_file(bench: Bench, recording: int) -> None:
    bench.run(_order(bench, recording))
    before = {file.key for file in bench.all(FlowFile)}
    again = bench.run(_order(bench, recording))
    after = {file.key for file in bench.all(FlowFile)}
    assert again.state == "succeeded"
    assert len(before) == len(after)
    assert not before & after
    store = open_store(bench.settings)
    assert [store.exists(key) for key in (*before, *after)] == [False] * len(before) + [True] * len(
        after
    )


def test_a_worker_that_takes_over_goes_on_behind_the_last_file(
    bench: Bench, recording: int
) -> None:
    job_id = _order(bench, recording)
    context = _context(bench, job_id)
    real = context.check_cancelled
    steps = iter(range(10**6))

    def dies() -> None:
        if next(steps) == 12:
            raise KeyboardInterrupt
        real()

    context.check_cancelled = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        measure_motion.run(context)
    [first] = bench.all(FlowFile)
    assert first.links == 8
    finish = measure_motion.run(_context(bench, job_id, resume_at=8))
    with transaction(bench.engine) as session:
        finish(session)
    files = bench.all(FlowFile)
    assert files[0].id == first.id
    assert sum(f.links for f in files) == len(bench.all(Frame)) - 1


def test_a_cancelled_job_leaves_whole_files(bench: Bench, recording: int) -> None:
    context = _context(bench, _order(bench, recording))
    context.stop_asked = threading.Event()
    context.stop_asked.set()
    with pytest.raises(Cancelled):
        measure_motion.run(context)
    assert bench.all(FlowFile) == []


def test_a_damaged_picture_is_named(bench: Bench, recording: int) -> None:
    frame = bench.all(Frame)[3]
    open_store(bench.settings).put(frame.image_key, b"no picture")
    job = bench.run(_order(bench, recording))
    assert job.state == "failed"
    assert frame.image_key in str(job.error)


def test_one_job_at_a_time(bench: Bench, recording: int) -> None:
    _order(bench, recording)
    with pytest.raises(Conflict):
        _order(bench, recording)
    assert [job.kind for job in bench.all(Job)].count(JobKind.MEASURE_MOTION) == 1
