"""Imports from files to frames, and what is left of those that fail: their job, and words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Annotation,
    Camera,
    Candidate,
    Frame,
    Infant,
    Job,
    JobLog,
    Moment,
    Recording,
)
from backend.core.jobs import service as jobs
from backend.core.storage import open_store
from backend.core.uploads import service as uploads
from backend.domain.skeleton import EDGES, JOINTS
from backend.domain.workflow import Stage
from tests.worker.bench import Bench, archive, png, png_claiming, video
from tests.worker.media.metadata import SECRET, jpeg, textured


def coco(**changes: Any) -> dict[str, Any]:
    keypoints = [v for i in range(17) for v in (5.0 + i, 6.0 + i, 2)]
    return {
        "images": [{"id": 1, "file_name": "a.png", "width": 64, "height": 48}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "keypoints": keypoints,
             "num_keypoints": 17, "bbox": [5, 6, 20, 20], "area": 400, "iscrowd": 0}
        ],
        "categories": [
            {"id": 1, "name": "person", "keypoints": list(JOINTS),
             "skeleton": [[a + 1, b + 1] for a, b in EDGES]}
        ],
    } | changes  # fmt: skip


def test_a_video_becomes_frames_with_an_annotation_each(bench: Bench) -> None:
    job = bench.videos(("v.mp4", video(12)), sampling={"mode": "every", "value": 5})
    assert (job.state, job.error) == ("succeeded", None)
    frames = bench.all(Frame)
    assert [(f.position, f.source_frame, round(f.time_s, 3)) for f in frames] == [
        (0, 0, 0.0), (1, 5, 0.5), (2, 10, 1.0),
    ]  # fmt: skip
    assert len(bench.all(Annotation)) == 3
    assert bench.all(Recording)[0].stage == Stage.INGESTED
    assert sum(name.endswith(".thumb.jpg") for name in bench.files()) == 3


def test_cameras_share_their_moments(bench: Bench) -> None:
    bench.videos(("a.mp4", video(6)), ("b.mp4", video(8)))
    moments, frames = bench.all(Moment), bench.all(Frame)
    assert len(moments) == 8
    by_camera = [[f.moment_id for f in frames if f.camera_id == c.id] for c in bench.all(Camera)]
    assert by_camera == [[m.id for m in moments[:6]], [m.id for m in moments]]
    assert [f.position for f in frames] == list(range(14))


def test_videos_of_different_lengths_are_pointed_out(bench: Bench) -> None:
    job = bench.videos(("a.mp4", video(10)), ("b.mp4", video(6)))
    assert job.result is not None
    (warning,) = job.result["warnings"]
    assert warning.endswith("4 moments are seen by one camera only.")
    assert "ends 0.4 s before" in warning
    assert warning in [line.message for line in bench.all(JobLog) if line.level == "warning"]


def test_videos_of_the_same_length_give_no_warning(bench: Bench) -> None:
    job = bench.videos(("a.mp4", video(4)), ("b.mp4", video(4)))
    assert job.result is not None
    assert job.result["warnings"] == []


def test_a_damaged_video_is_imported_and_says_what_is_missing(bench: Bench) -> None:
    data = bytearray(video(40, 320, 240))
    media = data.index(b"mdat") + 4
    middle = media + (data.index(b"moov") - media) // 2
    data[middle : middle + 400] = bytes(400)
    job = bench.videos(("v.mp4", bytes(data)))
    assert job.error is None
    (camera,), frames = bench.all(Camera), bench.all(Frame)
    assert len(frames) == 40 - camera.undecodable
    assert camera.damaged == sum(f.damage is not None for f in frames) > 0
    assert frames[0].damage is None
    assert [round(f.time_s * 10) for f in frames] == [f.source_frame for f in frames]
    assert any("marked" in remark for remark in camera.remarks)
    assert job.result is not None
    assert job.result["warnings"] == [f"{camera.name}: {remark}" for remark in camera.remarks]


def test_a_sound_video_has_nothing_to_be_said_of(bench: Bench) -> None:
    bench.videos(("v.mp4", video(5)))
    (camera,) = bench.all(Camera)
    assert (camera.undecodable, camera.damaged, camera.untimed, camera.by_field) == (0, 0, 0, 0)
    assert (camera.remarks, camera.pixel_aspect) == ([], None)
    assert all(f.own_time for f in bench.all(Frame))


def test_the_uploads_are_gone_after_a_good_import(bench: Bench) -> None:
    bench.videos(("v.mp4", video(2)))
    assert list(bench.settings.uploads_dir.glob("*.part")) == []


def test_a_zip_of_images_is_read_in_natural_order(bench: Bench) -> None:
    job = bench.images(
        ("photos.zip", archive({"img10.png": png(), "img2.png": png(shade=9), "notes.txt": b"x"}))
    )
    assert job.error is None
    assert [f.source_name for f in bench.all(Frame)] == ["img2.png", "img10.png"]


def test_photographs_are_stored_without_metadata_and_known_by_the_file_that_came(
    bench: Bench,
) -> None:
    photograph = jpeg(textured(), orientation=1, comment=SECRET)
    job = bench.images(("a.jpg", photograph))
    assert job.error is None
    (frame,) = bench.all(Frame)
    stored = open_store(bench.settings).read(frame.image_key)
    assert frame.sha256 == hashlib.sha256(photograph).hexdigest()
    assert frame.stored_sha256 == hashlib.sha256(stored).hexdigest()
    assert SECRET not in stored


def test_a_coco_file_brings_its_people_as_candidates(bench: Bench) -> None:
    job = bench.images(("a.png", png()), ("unused.png", png()), coco=coco())
    assert job.error is None
    assert [f.source_name for f in bench.all(Frame)] == ["a.png"]
    assert bench.all(Candidate)[0].model == "COCO file people.json"
    assert bench.all(Annotation)[0].keypoints[:3] == [5.5, 6.5, 2.0]  # a pixel's centre
    assert bench.all(Recording)[0].stage == Stage.PRELABELLED


Faulty = Callable[[Bench], Job]


@pytest.mark.parametrize(
    ("faulty", "words"),
    [
        (lambda b: b.videos(("notes.mp4", b"Dear diary, today " * 40)), ("notes.mp4",)),
        (lambda b: b.videos(("empty.mp4", b"")), ("empty.mp4", "empty")),
        (
            lambda b: b.videos(("cut.mp4", video(40, 320, 240)[: -len(video(40, 320, 240)) // 2])),
            ("cut.mp4",),
        ),
        (lambda b: b.images(("half.png", png(200, 200)[:60])), ("half.png",)),
        (
            lambda b: b.images(("huge.png", png_claiming(20_000, 10_001))),
            ("huge.png", "200", "megapixel"),
        ),
        (
            lambda b: b.images(("evil.zip", archive({"../../etc/a.png": png()}))),
            ("evil.zip", "points outside"),
        ),
        (lambda b: b.images(("texts.zip", archive({"a.txt": b"x"}))), ("texts.zip", "no image")),
        (
            lambda b: b.images(("a.png", png()), coco=coco(annotations=[
                {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [1, 2, 2] * 16}
            ])),
            ("people.json", "annotations[0]", "48", "51", "nobody's joints can be used"),
        ),
        (
            lambda b: b.images(("a.png", png()), coco=coco(annotations=[
                {"id": 1, "image_id": 77, "category_id": 1, "keypoints": [1, 2, 2] * 17}
            ])),
            ("people.json", "77"),
        ),
        (
            lambda b: b.images(("a.png", png()), coco=json.dumps(coco(annotations=[
                {"id": 1, "image_id": 1, "category_id": 1,
                 "keypoints": [float("nan"), 2, 2] * 17}
            ])).encode()),
            ("people.json", "nobody's joints can be used"),
        ),
        (
            lambda b: b.images(("other.png", png()), coco=coco()),
            ("people.json", "a.png", "no such file was sent", "no image of the file can be used"),
        ),
        (
            lambda b: b.images(("a.png", png(32, 32)), coco=coco()),
            ("people.json", "64 x 48", "32 x 32"),
        ),
        (lambda b: b.images(("a.png", png()), coco=b"[1, 2"), ("people.json",)),
    ],
    ids=[
        "text named mp4", "empty video", "cut-off video", "truncated image", "200 megapixels",
        "climbing zip", "zip without images", "wrong joint count", "unknown image id", "NaN",
        "image not sent", "other image size", "broken JSON",
    ],
)  # fmt: skip
def test_a_bad_file_is_named_and_leaves_nothing(
    bench: Bench, faulty: Faulty, words: tuple[str, ...]
) -> None:
    job = faulty(bench)
    assert job.state == "failed"
    for word in words:
        assert word in str(job.error)
    bench.assert_nothing_is_left()


def test_a_failed_import_is_retried_from_its_uploads(bench: Bench) -> None:
    upload = bench.upload("v.mp4", b"not yet a video")
    job_id = bench.start(kind="video", cameras=[{"name": "one", "upload_id": upload}])
    assert bench.run(job_id).state == "failed"
    uploads.path_of(bench.settings.uploads_dir, upload).write_bytes(video(2))
    with transaction(bench.engine) as session:
        jobs.retry(session, job_id)
    assert bench.run(job_id).state == "succeeded"
    assert len(bench.all(Frame)) == 2
    assert len(bench.all(Infant)) == 1


def test_an_import_whose_worker_died_begins_anew_without_doubles(bench: Bench) -> None:
    upload = bench.upload("v.mp4", video(5))
    job_id = bench.start(kind="video", cameras=[{"name": "one", "upload_id": upload}])
    with transaction(bench.engine) as session:
        # What a worker that was killed in the middle leaves behind.
        job = jobs.claim(session, job_id)
        assert job is not None
        assert job.heartbeat_at is not None
        job.heartbeat_at -= 2 * jobs.LOST_AFTER
        camera = Camera(recording_id=job.recording_id, index=0, name="one")
        session.add_all([camera, Moment(recording_id=job.recording_id, index=0, time_s=0.0)])
    assert bench.run(job_id).state == "succeeded"
    assert (len(bench.all(Camera)), len(bench.all(Moment)), len(bench.all(Frame))) == (1, 5, 5)


def test_a_cancelled_import_leaves_nothing(bench: Bench) -> None:
    upload = bench.upload("v.mp4", video(5))
    job_id = bench.start(kind="video", cameras=[{"name": "one", "upload_id": upload}])
    with transaction(bench.engine) as session:
        jobs.request_cancel(session, job_id)
    assert bench.run(job_id).state == "cancelled"
    bench.assert_nothing_is_left()
    assert Path(uploads.path_of(bench.settings.uploads_dir, upload)).exists()


def test_a_video_of_which_no_wanted_frame_can_be_decoded_is_named(bench: Bench) -> None:
    data = bytearray(video(4, 320, 240))
    media = data.index(b"mdat") + 4
    data[media : data.index(b"moov") - 4] = bytes(data.index(b"moov") - 4 - media)
    job = bench.videos(("v.mp4", bytes(data)))
    assert job.state == "failed"
    assert "v.mp4" in str(job.error)
    assert "decoded" in str(job.error)
    bench.assert_nothing_is_left()
