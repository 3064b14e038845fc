"""Which files are one camera, by name and by time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from backend.domain.chapters import propose
from backend.domain.clip_names import Naming, place_of
from backend.domain.file_times import FileFacts, Sequel, duration, lay_out, link
from backend.domain.timecodes import parse

RATE = Fraction(30000, 1001)
LENGTH = float(18_000 / RATE)
"""A file of ten minutes: 18,000 frames."""


def file(name: str, **facts: Any) -> FileFacts:
    if "code" in facts:
        facts["code"] = parse(facts["code"], RATE)
    whole: dict[str, Any] = {
        "size_bytes": 3 * 10**9, "width": 1920, "height": 1080, "codec": "h264",
        "interval_s": float(1 / RATE), "duration_s": LENGTH,
    }  # fmt: skip
    return FileFacts(name, **(whole | facts))


def groups(*files: FileFacts) -> list[tuple[int, ...]]:
    return [camera.files for camera in propose(files)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("GX010001.MP4", "GX020001.MP4"),
        ("GH010457.MP4", "GH020457.MP4"),
        ("GL010457.LRV", "GL020457.LRV"),
        ("GHAA0123.MP4", "GHAB0123.MP4"),
        ("GOPR0001.MP4", "GP010001.MP4"),
        ("gx010001.mp4", "gx020001.mp4"),
        ("D:\\visit\\GX010001.MP4", "D:\\visit\\GX020001.MP4"),
        ("VID_20240101_120000_00_001.mp4", "VID_20240101_120000_00_002.mp4"),
    ],
)
def test_a_cameras_own_chapters_are_one_camera_without_asking(first: str, second: str) -> None:
    (camera,) = propose([file(second), file(first)])
    assert camera.files == (1, 0)
    assert camera.sure
    assert "by their names" in camera.reason


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("DJI_0001.MP4", "DJI_0002.MP4"),
        ("C0001.MP4", "C0002.MP4"),
        ("MAH00001.MP4", "MAH00002.MP4"),
        ("00000.MTS", "00001.MTS"),
        ("MVI_0007.MOV", "MVI_0008.MOV"),
        ("P1000001.MP4", "P1000002.MP4"),
        ("A001C001_240101.MXF", "A001C002_240101.MXF"),
        ("visit_1.mp4", "visit_2.mp4"),
        ("visit.mp4", "visit (1).mp4"),
        ("visit-part1.mp4", "visit-part2.mp4"),
        ("visit 1 of 2.mp4", "visit 2 of 2.mp4"),
        ("left-1.mp4", "left-2.mp4"),
    ],
)
@pytest.mark.parametrize(
    "times",
    [
        ({"code": "10:00:00:00"}, {"code": "10:10:00:00"}),
        ({"created_s": 1.7e9}, {"created_s": 1.7e9 + 601}),
        ({"clock_s": 1.4}, {"clock_s": 1.4 + LENGTH}),
    ],
    ids=["timecode", "time of creation", "time stamps that run on"],
)
def test_files_whose_times_go_on_are_one_camera(
    first: str, second: str, times: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    (camera,) = propose([file(first, **times[0]), file(second, **times[1])])
    assert camera.files == (0, 1)
    assert camera.sure
    assert "follow one another in time" in camera.reason


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("DJI_20240101120000_0001_D.MP4", "DJI_20240101121001_0002_D.MP4"),
        ("20240101_120000.mp4", "20240101_121000.mp4"),
        ("PXL_20240101_120000123.mp4", "PXL_20240101_121001456.mp4"),
    ],
)
def test_the_time_in_a_name_tells_what_follows(first: str, second: str) -> None:
    assert groups(file(first), file(second)) == [(0, 1)]


def test_times_in_names_that_lie_apart_keep_files_apart() -> None:
    cameras = propose(
        [file("DJI_20240101120000_0001_D.MP4"), file("DJI_20240101130000_0002_D.MP4")]
    )
    assert [camera.files for camera in cameras] == [(0,), (1,)]
    assert not cameras[1].sure
    assert "50 min after" in cameras[1].reason


def test_files_stamped_when_they_were_closed_follow_each_other_too() -> None:
    second = file("C0002.MP4", created_s=1.7e9 + 120, duration_s=120.0)
    assert groups(file("C0001.MP4", created_s=1.7e9), second) == [(0, 1)]


def test_chapters_that_all_carry_the_first_ones_time_are_chapters() -> None:
    names = [f"GX0{k}0001.MP4" for k in (1, 2, 3)]
    (camera,) = propose([file(name, created_s=1.7e9) for name in names])
    assert camera.files == (0, 1, 2)


@pytest.mark.parametrize("name", ["GX0{}0001.MP4", "DJI_000{}.MP4", "visit-part{}.mp4", "v_{}.mp4"])
def test_files_that_were_running_at_one_time_are_two_cameras(name: str) -> None:
    cameras = propose([file(name.format(1), code="10:00:00:00"),
                       file(name.format(2), code="10:00:03:00")])  # fmt: skip
    assert [camera.files for camera in cameras] == [(0,), (1,)]
    if name.startswith(("GX", "visit")):
        assert not cameras[1].sure
        assert "both were running at the same time" in cameras[1].reason


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"width": 1280, "height": 720}, "pixels"),
        ({"codec": "hevc"}, "codecs"),
        ({"interval_s": 1 / 60}, "frames/s"),
    ],
)
def test_chapters_with_other_pictures_are_asked(changes: dict[str, Any], word: str) -> None:
    cameras = propose([file("GX010001.MP4"), file("GX020001.MP4", **changes)])
    assert len(cameras) == 2
    assert not cameras[1].sure
    assert word in cameras[1].reason


@pytest.mark.parametrize(
    ("first", "second"),
    [("cam1.mp4", "cam2.mp4"), ("camera_1.mp4", "camera_2.mp4"), ("c25.mp4", "c30.mp4"),
     ("left.mp4", "right.mp4"), ("bedroom.cam1.mp4", "bedroom.cam2.mp4"), ("a.mp4", "b.mp4")],
)  # fmt: skip
def test_numbered_files_without_times_are_cameras(first: str, second: str) -> None:
    cameras = propose([file(first), file(second)])
    assert [camera.files for camera in cameras] == [(0,), (1,)]
    assert all(camera.sure for camera in cameras)


def test_cameras_whose_files_happen_to_go_on_in_time_are_asked() -> None:
    cameras = propose([file("cam1.mp4", created_s=1.7e9), file("cam2.mp4", created_s=1.7e9 + 600)])
    assert len(cameras) == 2
    assert not cameras[1].sure


def test_parts_without_times_are_one_video_and_asked() -> None:
    (camera,) = propose([file("visit-part1.mp4"), file("visit-part2.mp4")])
    assert not camera.sure
    assert "nothing in the files gives their times" in camera.reason


def test_a_full_file_and_the_next_number_are_one_camera_and_asked() -> None:
    (camera,) = propose([file("MVI_0001.MP4", size_bytes=4_294_000_000), file("MVI_0002.MP4")])
    assert camera.files == (0, 1)
    assert not camera.sure
    assert "4.3 GB" in camera.reason


def test_clips_that_nothing_tells_apart_are_asked() -> None:
    cameras = propose([file("C0001.MP4"), file("C0002.MP4")])
    assert len(cameras) == 2
    assert not cameras[1].sure


def test_timecode_that_counts_only_while_recording_does_not_fool_it() -> None:
    cameras = propose([file("C0001.MP4", code="00:00:00:00", created_s=1.7e9),
                       file("C0002.MP4", code="00:10:00:00", created_s=1.7e9 + 7200)])  # fmt: skip
    assert len(cameras) == 2
    assert "times of creation say otherwise" in cameras[1].reason


def test_a_missing_chapter_is_said() -> None:
    (camera,) = propose([file("GX010001.MP4"), file("GX030001.MP4")])
    assert not camera.sure
    assert "missing" in camera.reason
    (camera,) = propose([file("GX010001.MP4", code="10:00:00:00"),
                         file("GX030001.MP4", code="10:20:00:00")])  # fmt: skip
    assert "1 between them is missing" in camera.reason
    assert "10 min after" in camera.reason


def test_cameras_in_folders_of_their_own_keep_their_chapters() -> None:
    names = ["left/GX010001.MP4", "right/GX010001.MP4", "left/GX020001.MP4", "right/GX020001.MP4"]
    assert groups(*map(file, names)) == [(0, 2), (1, 3)]


def test_chapters_of_two_cameras_without_folders_are_told_apart_by_timecode() -> None:
    names = ["GX010001.MP4", "GX010001.MP4", "GX020001.MP4", "GX020001.MP4"]
    codes = ["10:00:00:00", "10:00:05:00", "10:10:05:00", "10:10:00:00"]
    files = [file(name, code=code) for name, code in zip(names, codes, strict=True)]
    assert groups(*files) == [(0, 3), (1, 2)]


def test_chapters_of_two_cameras_that_nothing_tells_apart_are_asked() -> None:
    cameras = propose([file(name) for name in ("GX010001.MP4", "GX010001.MP4", "GX020001.MP4")])
    assert [camera.files for camera in cameras] == [(0,), (1,), (2,)]
    assert not cameras[2].sure
    assert "nothing says which" in cameras[2].reason


def test_different_videos_of_one_camera_stay_apart() -> None:
    assert groups(file("GX010001.MP4"), file("GX010002.MP4")) == [(0,), (1,)]


def test_nothing_is_joined_where_that_is_not_wanted() -> None:
    cameras = propose([file("GX010001.MP4"), file("GX020001.MP4")], separate=True)
    assert [camera.files for camera in cameras] == [(0,), (1,)]


def test_chapters_follow_each_other_without_a_gap() -> None:
    files = [file(f"GX0{k}0001.MP4", code=f"10:{10 * (k - 1):02}:00:00") for k in (1, 2, 3)]
    assert [b.start_s for b in lay_out(files)] == pytest.approx([0, LENGTH, 2 * LENGTH], abs=1e-9)
    assert [b.note for b in lay_out(files)] == ["", "", ""]


def test_a_gap_that_timecode_shows_moves_what_comes_after() -> None:
    files = [file("GX010001.MP4", code="10:00:00:00"), file("GX020001.MP4", code="10:10:01:15")]
    assert propose(files)[0].sure
    beginning = lay_out(files)[1]
    assert beginning.gap_s == pytest.approx(45 * 1001 / 30000)
    assert beginning.start_s == pytest.approx(LENGTH + beginning.gap_s)
    assert "1.5 s after the end" in beginning.note


def test_a_gap_by_times_of_creation_is_said_to_be_rough() -> None:
    files = [file("a.mp4", created_s=1.7e9), file("b.mp4", created_s=1.7e9 + 700)]
    beginning = lay_out(files)[1]
    assert beginning.gap_s == pytest.approx(700 - LENGTH)
    assert "about 99.4 s" in beginning.note


def test_timecode_at_midnight_goes_on() -> None:
    found = link(file("a", code="23:55:00:00"), file("b", code="00:05:00:00"))
    assert found.sequel is Sequel.FOLLOWS


def test_timecode_that_begins_anew_says_nothing() -> None:
    found = link(file("a", code="01:00:00:00"), file("b", code="01:00:00:00"))
    assert found.sequel is Sequel.UNKNOWN


def test_an_mpeg_clock_goes_on_over_its_end() -> None:
    first = file("00000.MTS", clock_s=95_000.0)
    second = replace(file("00001.MTS"), clock_s=95_000.0 + LENGTH - 2**33 / 90_000)
    assert link(first, second).sequel is Sequel.FOLLOWS


def test_rounded_times_do_not_shift_a_files_end() -> None:
    exact = [k / 30 for k in range(18_000)]
    rounded = [round(1000 * t) / 1000 for t in exact]
    assert duration(exact)[1] == pytest.approx(600)
    assert duration(rounded)[1] == pytest.approx(600, abs=1e-3)
    paused = [*exact[:300], *(t + 5 for t in exact[300:600])]
    assert duration(paused)[1] == pytest.approx(25)
    assert duration([0.0]) == (0, 0)


@pytest.mark.parametrize("name", ["visit.mp4", "30fps_gap.mp4", "IMG.mov"])
def test_names_without_a_number_belong_to_no_series(name: str) -> None:
    assert place_of(name) is None


def test_a_word_that_ends_in_part_is_no_part() -> None:
    place = place_of("depart1.mp4")
    assert place is not None
    assert place.naming is Naming.NUMBERED
