"""Importing several cameras: pictures of one moment show one instant, whatever the files are."""

from __future__ import annotations

from fractions import Fraction

import pytest

from backend.core.database.session import transaction
from backend.core.database.tables import Camera, CameraFile, Frame, Moment, UploadLook
from backend.core.storage import open_store
from backend.recordings.coverage import coverage_of
from backend.recordings.inspection.service import stored
from tests.worker.bench import Bench
from tests.worker.timed_video import HEIGHT, WIDTH, film, steady, told


def instants(bench: Bench) -> list[dict[int, float]]:
    """Per moment, by the place of the camera, the instant that its picture tells."""
    store = open_store(bench.settings)
    place = {camera.id: camera.index for camera in bench.all(Camera)}
    by_moment: dict[int, dict[int, float]] = {moment.id: {} for moment in bench.all(Moment)}
    for frame in bench.all(Frame):
        by_moment[frame.moment_id][place[frame.camera_id]] = told(store.read(frame.image_key))
    return list(by_moment.values())


def widest(moments: list[dict[int, float]]) -> float:
    return max(max(own.values()) - min(own.values()) for own in moments)


@pytest.mark.parametrize(
    ("rates", "sampling", "count"),
    [
        ((30, 25), {"mode": "every", "value": 5}, 24),
        ((25, 30), {"mode": "every", "value": 5}, 20),
        ((30, 60), {"mode": "every", "value": 6}, 20),
        ((30, 25), {"mode": "fps", "value": 10}, 40),
        ((25, 75, 30, 50), {"mode": "fps", "value": 4}, 16),
    ],
)
def test_cameras_of_different_rates_meet_at_every_instant(
    bench: Bench, rates: tuple[int, ...], sampling: dict[str, object], count: int
) -> None:
    files = [(f"{rate}.mp4", film(steady(rate, 4))) for rate in rates]
    job = bench.videos(*files, sampling=sampling)
    assert (job.state, job.error) == ("succeeded", None)
    assert job.result is not None
    assert job.result["warnings"] == []
    moments = instants(bench)
    assert len(moments) == count
    assert all(len(own) == len(rates) for own in moments)
    assert widest(moments) <= 0.5 / min(rates) + 0.5 / 150


def test_every_frame_of_every_camera_is_taken_where_none_is_left_out(bench: Bench) -> None:
    bench.videos(("a.mp4", film(steady(30, 1))), ("b.mp4", film(steady(60, 1))))
    moments = instants(bench)
    assert len(moments) == 60
    assert sum(len(own) == 2 for own in moments) == 30
    assert widest(moments) == 0


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("sampling", [{"mode": "fps", "value": 10}, {"mode": "every", "value": 3}])
def test_a_gap_moves_nothing_and_is_counted(
    bench: Bench, place: int, sampling: dict[str, object]
) -> None:
    whole, cut = film(steady(30, 4)), film(steady(30, 4, gap=(2.0, 2.5)))
    files = [("whole.mp4", whole), ("cut.mp4", cut)]
    job = bench.videos(*(files if place else files[::-1]), sampling=sampling)
    moments = instants(bench)
    assert len(moments) == 40
    assert widest(moments) == 0
    assert [sum(c in own for own in moments) for c in (place, 1 - place)] == [35, 40]
    with transaction(bench.engine) as session:
        found = coverage_of(session, int(job.recording_id or 0))
    assert (found.moments, found.complete, found.alone) == (40, 35, 5)
    assert found.cameras[place].missing == 5
    assert job.result is not None
    assert "has no picture in 5 of 40 moments" in job.result["warnings"][0]


def test_without_synchronisation_files_begin_together_with_their_first_pictures(
    bench: Bench,
) -> None:
    """The second file's clock shows 3 s at its first picture: its own, not the world's."""
    late = film(steady(30, 2), first_s=3.0, format_="mpegts")
    bench.videos(
        ("a.mp4", film(steady(30, 2))), ("b.ts", late), sampling={"mode": "fps", "value": 5}
    )
    moments = instants(bench)
    assert len(moments) == 10
    assert all(len(own) == 2 for own in moments)
    assert widest(moments) == 0
    assert min(frame.time_s for frame in bench.all(Frame)) == 0


def test_a_camera_that_ends_early_is_said_by_name(bench: Bench) -> None:
    job = bench.videos(("a.mp4", film(steady(30, 3))), ("b.mp4", film(steady(25, 2))),
                       sampling={"mode": "fps", "value": 5})  # fmt: skip
    assert job.result is not None
    (words,) = job.result["warnings"]
    assert words.startswith("camera 2 ends 1.0 s before camera 1 and has no picture in 5 of 15")


def test_the_rate_of_the_source_is_kept_however_few_frames_are_taken(bench: Bench) -> None:
    bench.videos(("a.mp4", film(steady(30, 2))), ("b.mp4", film(steady(25, 2))),
                 sampling={"mode": "fps", "value": 2})  # fmt: skip
    assert [camera.frame_interval_s for camera in bench.all(Camera)] == [
        pytest.approx(1 / 30), pytest.approx(1 / 25),
    ]  # fmt: skip


def pieces(bench: Bench, *parts: tuple[str, bytes]) -> list[int]:
    return [bench.upload(name, data) for name, data in parts]


NTSC = Fraction(30000, 1001)


def test_files_in_a_row_are_one_camera_whose_frames_are_counted_through(bench: Bench) -> None:
    # 90 frames last 3.003 s; the second file goes on there.
    parts = [film(steady(NTSC, 3)), film(steady(NTSC, 2, start_s=3.003))]
    ids = pieces(bench, ("GX010001.MP4", parts[0]), ("GX020001.MP4", parts[1]))
    job = bench.run(
        bench.start(kind="video", cameras=[{"name": "one", "upload_ids": ids}],
                    sampling={"mode": "every", "value": 10})
    )  # fmt: skip
    assert (job.state, job.error) == ("succeeded", None)
    (camera,) = bench.all(Camera)
    assert camera.source_filename == "GX010001.MP4"
    assert camera.duration_s == pytest.approx(5.005)
    frames = bench.all(Frame)
    numbers = list(range(0, 150, 10))
    assert [frame.source_frame for frame in frames] == numbers
    assert [frame.time_s for frame in frames] == pytest.approx([k / NTSC for k in numbers])
    store = open_store(bench.settings)
    for frame in frames:
        assert told(store.read(frame.image_key)) == pytest.approx(frame.time_s, abs=0.004)
    files = bench.all(CameraFile)
    assert [(f.filename, f.first_frame, f.frames) for f in files] == [
        ("GX010001.MP4", 0, 90), ("GX020001.MP4", 90, 60),
    ]  # fmt: skip
    assert files[1].start_s == pytest.approx(3.003)
    for file, part in zip(files, parts, strict=True):
        assert store.read(file.key) == part


def test_a_gap_between_two_files_is_kept_and_said(bench: Bench) -> None:
    parts = [
        film(steady(30, 2), timecode="10:00:00:00"),
        film(steady(30, 2, start_s=3.0), timecode="10:00:03:00"),
    ]
    ids = pieces(bench, ("GX010001.MP4", parts[0]), ("GX020001.MP4", parts[1]))
    other = bench.upload("other.mp4", film(steady(25, 5)))
    cameras = [{"name": "one", "upload_ids": ids}, {"name": "two", "upload_id": other}]
    job = bench.run(
        bench.start(kind="video", cameras=cameras, sampling={"mode": "fps", "value": 5})
    )
    moments = instants(bench)
    assert len(moments) == 25
    assert widest(moments) <= 0.02 + 0.5 / 150
    assert sum(0 in own for own in moments) == 20
    assert job.result is not None
    assert "begins 1.0 s after the end of GX010001.MP4" in job.result["warnings"][0]


def test_files_of_one_camera_with_other_sizes_are_refused(bench: Bench) -> None:
    ids = pieces(
        bench,
        ("GX010001.MP4", film(steady(30, 1))),
        ("GX020001.MP4", film(steady(30, 1), size=(WIDTH * 2, HEIGHT))),
    )
    job = bench.run(bench.start(kind="video", cameras=[{"name": "one", "upload_ids": ids}]))
    assert job.state == "failed"
    assert "GX020001.MP4 of 384×48" in str(job.error)
    bench.assert_nothing_is_left()


def test_what_was_seen_before_goes_with_the_import(bench: Bench) -> None:
    upload = bench.upload("v.mp4", film(steady(30, 1)))
    with transaction(bench.engine) as session:
        session.add(UploadLook(upload_id=upload, fault="unreadable"))
    job = bench.run(bench.start(kind="video", cameras=[{"name": "one", "upload_id": upload}]))
    assert job.state == "succeeded"
    assert bench.all(UploadLook) == []
    with transaction(bench.engine) as session:
        assert stored(session, upload) is None
