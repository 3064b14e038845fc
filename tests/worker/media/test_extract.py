from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from backend.domain.errors import Cancelled, InvalidInput
from tests.worker.media.conftest import decode, is_red, number_of
from worker.media.extract import AtRate, EveryNth, extract_frames

# Many B-frames, short groups, references among B-frames: what dropping packets must survive.
HARD_H264 = {"bf": "7", "g": "12", "b-pyramid": "normal", "refs": "4", "x264-params": "b-adapt=0"}
OPEN_GROUPS = {"bf": "3", "g": "10", "x264-params": "open-gop=1:b-adapt=0"}


def test_every_frame_comes_once_in_order_with_its_exact_time(make_video):
    path = make_video(frames=40, rate=Fraction(30000, 1001), options=HARD_H264)
    frames = list(extract_frames(path, EveryNth(1)))
    assert [number_of(f.data) for f in frames] == list(range(40))
    assert [f.source_frame_number for f in frames] == list(range(40))
    assert [f.pts_s for f in frames] == [Fraction(1001 * i, 30000) for i in range(40)]


@pytest.mark.parametrize("n", [2, 3, 10, 25, 100])
@pytest.mark.parametrize("options", [HARD_H264, OPEN_GROUPS], ids=["b-pyramid", "open groups"])
def test_every_nth_frame_has_the_same_pixels_as_when_all_are_decoded(make_video, n, options):
    path = make_video(frames=61, options=options)
    everything = {f.source_frame_number: f.sha256 for f in extract_frames(path, EveryNth(1))}
    some = list(extract_frames(path, EveryNth(n)))
    assert [f.source_frame_number for f in some] == list(range(0, 61, n))
    assert [f.index for f in some] == list(range(len(some)))
    assert all(f.sha256 == everything[f.source_frame_number] for f in some)


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("clip.mkv", "libx264", HARD_H264),
        ("clip.ts", "libx264", HARD_H264),
        ("clip.mp4", "libx265", {"x265-params": "log-level=none:keyint=12:bframes=4"}),
        ("clip.webm", "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
        ("clip.avi", "mjpeg", {}),
        ("clip.avi", "mpeg4", {"bf": "0"}),
        ("clip.mov", "mjpeg", {}),
    ],
)
def test_other_containers_and_codecs_give_the_same_frames(make_video, name, codec, options):
    path = make_video(name, codec=codec, frames=30, options=options)
    frames = list(extract_frames(path, EveryNth(7)))
    assert [number_of(f.data) for f in frames] == [0, 7, 14, 21, 28]
    assert [f.source_frame_number for f in frames] == [0, 7, 14, 21, 28]
    expected = [i / 30 for i in (0, 7, 14, 21, 28)]
    assert [float(f.pts_s) for f in frames] == pytest.approx(expected, abs=1e-3)


def test_a_rate_takes_the_frames_nearest_to_an_even_grid(make_video):
    path = make_video(frames=60, rate=30)
    frames = list(extract_frames(path, AtRate(4)))
    assert [f.source_frame_number for f in frames] == [0, 7, 15, 22, 30, 37, 45, 52]


def test_a_rate_above_the_videos_gives_each_frame_once(make_video):
    path = make_video(frames=12, rate=25)
    assert [f.source_frame_number for f in extract_frames(path, AtRate(60))] == list(range(12))


def test_uneven_frame_times_are_kept_and_sampled_by_time(make_video):
    times = [0, 1, 2, 3, 40, 41, 42, 90]
    path = make_video(frames=8, rate=30, times=times)
    everything = list(extract_frames(path, EveryNth(1)))
    assert [f.pts_s for f in everything] == [Fraction(t, 30) for t in times]
    assert [f.source_frame_number for f in extract_frames(path, AtRate(1))] == [0, 4, 7]


@pytest.mark.parametrize(
    ("degrees", "hflip", "red_corner"),
    [
        (0, False, "top left"),
        (90, False, "top right"),
        (180, False, "bottom right"),
        (270, False, "bottom left"),
        (0, True, "top right"),
    ],
)
def test_frames_are_turned_upright_as_the_display_matrix_says(
    make_video, degrees, hflip, red_corner
):
    path = make_video(frames=2, rotate_clockwise=degrees, hflip=hflip)
    frame = next(iter(extract_frames(path, EveryNth(1))))
    image = decode(frame.data)
    assert (frame.width, frame.height) == ((96, 160) if degrees % 180 else (160, 96))
    assert image.shape[:2] == (frame.height, frame.width)
    corners = {
        "top left": image[5, 5],
        "top right": image[5, -6],
        "bottom left": image[-6, 5],
        "bottom right": image[-6, -6],
    }
    assert [name for name, pixel in corners.items() if is_red(pixel)] == [red_corner]


def test_each_frame_carries_hash_measures_and_thumbnail(make_video):
    frame = next(iter(extract_frames(make_video(frames=1), EveryNth(1), thumbnail_height=48)))
    assert frame.sha256 == hashlib.sha256(frame.data).hexdigest()
    assert frame.media_type == "image/jpeg"
    assert decode(frame.thumbnail).shape == (48, 80, 3)
    assert frame.quality.sharpness > 100
    assert 50 < frame.quality.mean_luma < 150


def test_frames_also_go_into_a_folder(make_video, tmp_path: Path):
    folder = tmp_path / "frames"
    folder.mkdir()
    frames = list(extract_frames(make_video(frames=6), EveryNth(2), out=folder))
    assert sorted(p.name for p in folder.iterdir()) == ["000000.jpg", "000001.jpg", "000002.jpg"]
    assert (folder / "000001.jpg").read_bytes() == frames[1].data


def test_a_failing_receiver_stops_the_extraction(make_video):
    def full(frame):
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        list(extract_frames(make_video(), EveryNth(1), out=full))


def test_progress_counts_up_to_the_known_total(make_video):
    told: list[tuple[int, int | None]] = []
    list(extract_frames(make_video(frames=9), EveryNth(3), progress=lambda *a: told.append(a)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_cancelling_stops_between_frames(make_video):
    got = []
    frames = extract_frames(
        make_video(frames=30),
        EveryNth(1),
        cancelled=lambda: len(got) >= 3,
        progress=lambda *a: got.append(a),
    )
    with pytest.raises(Cancelled):
        list(frames)
    assert len(got) == 3


def test_a_consumer_may_stop_early(make_video):
    frames = extract_frames(make_video(frames=30), EveryNth(1))
    assert next(frames).index == 0
    frames.close()


@pytest.mark.parametrize("sampling", [lambda: EveryNth(0), lambda: AtRate(0), lambda: AtRate(-1)])
def test_senseless_sampling_is_refused(sampling):
    with pytest.raises(InvalidInput):
        sampling()


def test_real_footage_sampled_has_the_same_pixels_as_when_all_are_decoded(shared_data):
    path = shared_data / "children_bedroom" / "bedroom.mp4"
    everything = {f.source_frame_number: f.sha256 for f in extract_frames(path, EveryNth(1))}
    assert len(everything) == 200
    some = list(extract_frames(path, EveryNth(10)))
    assert [f.sha256 for f in some] == [everything[i] for i in range(0, 200, 10)]
    assert [f.pts_s for f in some] == [Fraction(i, 3) for i in range(20)]


def test_colours_follow_the_matrix_that_the_video_names(make_video):
    frame = next(iter(extract_frames(make_video(frames=1), EveryNth(1), jpeg_quality=100)))
    red = decode(frame.data)[8:16, 8:16].reshape(-1, 3).mean(axis=0)
    assert np.abs(red - (0, 0, 255)).max() < 12
