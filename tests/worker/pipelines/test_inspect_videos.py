"""Looking into uploaded videos before an import, as a job."""

from __future__ import annotations

import pytest

from backend.core.database.session import transaction
from backend.core.database.tables import Upload, UploadLook, User
from backend.core.jobs import service as jobs
from backend.recordings.inspection import service
from backend.recordings.inspection.facts import unpacked
from backend.recordings.inspection.payloads import InspectPayload
from backend.recordings.inspection.schemas import InspectFile, InspectIn
from tests.worker.bench import Bench
from tests.worker.timed_video import film, steady


def look(bench: Bench, *ids: int) -> None:
    with transaction(bench.engine) as session:
        job = jobs.enqueue(session, InspectPayload(upload_ids=list(ids)), None, bench.maintainer_id)
        job_id = job.id
    done = bench.run(job_id)
    assert (done.state, done.error) == ("succeeded", None)


def test_facts_and_times_of_each_file_are_read(bench: Bench) -> None:
    times = steady(30, 2, gap=(0.5, 1.0))
    data = film(times, timecode="10:00:00:00", created="2024-01-01T10:00:00.000000Z")
    upload = bench.upload("GX010001.MP4", data)
    look(bench, upload)
    (row,) = bench.all(UploadLook)
    assert row.fault is None
    assert row.facts["timecode"] == ["10:00:00:00", "30"]
    assert row.facts["created_s"] == 1704103200
    assert (row.facts["frames"], row.facts["size_bytes"]) == (45, len(data))
    assert row.facts["duration_s"] == pytest.approx(2)
    assert unpacked(row.times) == pytest.approx(times, abs=1e-6)


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_being_seen(bench: Bench) -> None:
    bad, good = bench.upload("story.mp4", b"Dear diary " * 50), bench.upload("v.mp4", film([0, 1]))
    look(bench, bad, good)
    rows = {row.upload_id: row for row in bench.all(UploadLook)}
    assert "story.mp4: this is a text file" in rows[bad].fault
    assert rows[good].facts["frames"] == 2


def test_a_file_thrown_away_meanwhile_is_passed_over(bench: Bench) -> None:
    upload = bench.upload("v.mp4", film([0, 1]))
    with transaction(bench.engine) as session:
        session.delete(session.get_one(Upload, upload))
    look(bench, upload)
    assert bench.all(UploadLook) == []


def test_what_is_announced_is_what_is_imported(bench: Bench) -> None:
    ids = [
        bench.upload("GX010001.MP4", film(steady(30, 2), timecode="10:00:00:00")),
        bench.upload("GX020001.MP4", film(steady(30, 1, start_s=2), timecode="10:00:02:00")),
        bench.upload("other.mp4", film(steady(25, 2))),
    ]
    look(bench, *ids)
    sampling = {"mode": "every", "value": 5}
    with transaction(bench.engine) as session:
        user = session.get_one(User, bench.maintainer_id)
        files = [InspectFile(upload_id=i) for i in ids]
        seen = service.inspect(
            session, InspectIn.model_validate({"files": files, "sampling": sampling}), user
        )
    assert [len(camera.files) for camera in seen.cameras] == [2, 1]
    cameras = [{"name": c.name, "upload_ids": [f.upload_id for f in c.files]} for c in seen.cameras]
    job = bench.run(bench.start(kind="video", cameras=cameras, sampling=sampling))
    assert job.result is not None
    assert job.result["frames"] == sum(camera.taken for camera in seen.cameras)
    assert job.result["warnings"][0].startswith("other ends")
