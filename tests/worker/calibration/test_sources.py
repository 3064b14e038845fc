"""Boards in images and videos of one camera and of several."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.errors import Cancelled, InvalidInput
from tests.worker.calibration.rigs import LENS_BOARD, RIG_BOARD, lens_pictures, rig, rig_pictures
from worker.calibration.boards import Board
from worker.calibration.sources import find_moments, find_views, pictures_to_search

PICTURES = lens_pictures(rig()[0], 3)


def image_file(folder: Path, name: str, image: NDArray[np.uint8]) -> tuple[str, Path]:
    path = folder / name
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return name, path


def video_file(folder: Path, name: str, images: list[NDArray[np.uint8]]) -> tuple[str, Path]:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "12"})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for image in images:
            for _ in range(2):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        container.mux(stream.encode(None))
    (folder / name).write_bytes(buffer.getvalue())
    return name, folder / name


def test_files_without_a_board_are_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("hello")
    files = [
        image_file(tmp_path, "a.png", PICTURES[0]),
        image_file(tmp_path, "blank.png", np.full((360, 480, 3), 90, np.uint8)),
        ("text.jpg", tmp_path / "text.jpg"),
        ("gone.png", tmp_path / "gone.png"),
    ]
    found = find_views(files, LENS_BOARD)
    assert [v.name for v in found.views] == ["a.png"]
    reasons = {d.file: d.reason for d in found.dropped}
    assert "no board of 7×4" in reasons["blank.png"]
    assert "not an image" in reasons["text.jpg"]
    assert "gone.png" in reasons


def test_different_frames_of_a_video_are_chosen(tmp_path: Path) -> None:
    found = find_views([video_file(tmp_path, "board.mp4", PICTURES)], LENS_BOARD)
    assert 3 <= len(found.views) <= 6
    assert found.views[0].name.startswith("board.mp4 at ")
    assert set(found.pictures) == {v.name for v in found.views}


def test_a_video_without_frames_is_listed_with_its_fault(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").write_bytes(b"")
    found = find_views([("empty.mp4", tmp_path / "empty.mp4")], LENS_BOARD)
    assert "empty" in found.dropped[0].reason


def test_squares_counted_instead_of_corners_are_pointed_out(tmp_path: Path) -> None:
    found = find_views([image_file(tmp_path, "a.png", PICTURES[0])], Board(8, 5, 0.03))
    assert "7×4 inner corners" in found.hint


def test_a_common_board_of_another_size_is_recognised(tmp_path: Path) -> None:
    found = find_views([image_file(tmp_path, "a.png", PICTURES[0])], Board(5, 9, 0.03))
    assert "looks like 4×7 inner corners (a.png)" in found.hint


def test_a_board_of_another_size_is_recognised_in_a_video(tmp_path: Path) -> None:
    found = find_views([video_file(tmp_path, "b.mp4", PICTURES)], Board(9, 6, 0.03))
    assert "looks like 7×4 inner corners (b.mp4)" in found.hint


def test_pictures_to_search_are_counted(tmp_path: Path) -> None:
    files = [image_file(tmp_path, "a.png", PICTURES[0]),
             video_file(tmp_path, "b.mp4", PICTURES)]  # fmt: skip
    assert pictures_to_search(files) == 1 + 2 * len(PICTURES)


def test_the_search_can_be_stopped(tmp_path: Path) -> None:
    def stop() -> None:
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        find_views([image_file(tmp_path, "a.png", PICTURES[0])], LENS_BOARD, tick=stop)


def test_the_nth_pictures_of_cameras_are_one_moment(tmp_path: Path) -> None:
    pictures = rig_pictures(rig()[:2], 2)
    files = [[image_file(tmp_path, f"{c}-{k}.png", image) for k, image in enumerate(mine)]
             for c, mine in enumerate(pictures)]  # fmt: skip
    found = find_moments([*files, []], RIG_BOARD)
    assert [sorted(m) for m in found.moments] == [[0, 1], [0, 1]]
    assert found.moments[1][1].name == "1-1.png"


def test_videos_of_several_cameras_are_looked_at_at_the_same_times(tmp_path: Path) -> None:
    pictures = rig_pictures(rig()[:2], 3)
    files = [[video_file(tmp_path, f"{c}.mp4", mine)] for c, mine in enumerate(pictures)]
    found = find_moments(files, RIG_BOARD)
    assert found.moments
    for moment in found.moments:
        assert moment[0].time_s == pytest.approx(moment[1].time_s)


def test_images_are_not_paired_with_videos(tmp_path: Path) -> None:
    files = [[image_file(tmp_path, "a.png", PICTURES[0])],
             [video_file(tmp_path, "b.mp4", PICTURES)]]  # fmt: skip
    with pytest.raises(InvalidInput, match="cannot be paired"):
        find_moments(files, LENS_BOARD)


def at_times(
    folder: Path, name: str, images: list[NDArray[np.uint8]], times_ms: list[int]
) -> tuple[str, Path]:
    with av.open(str(folder / name), "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "12"})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for image, at in zip(images, times_ms, strict=True):
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return name, folder / name


def test_a_camera_that_pauses_is_not_paired_with_what_others_saw_meanwhile(tmp_path: Path) -> None:
    whole, paused = rig_pictures(rig()[:2], 12)
    kept = [0, 1, 2, 9, 10, 11]  # 0.6 s are missing
    files = [
        [at_times(tmp_path, "whole.mkv", whole, [100 * k for k in range(12)])],
        [at_times(tmp_path, "paused.mkv", [paused[k] for k in kept], [100 * k for k in kept])],
    ]
    found = find_moments(files, RIG_BOARD)
    assert found.moments
    apart = [abs((m[0].time_s or 0) - (m[1].time_s or 0)) for m in found.moments]
    assert max(apart) <= 0.05


def test_a_slow_camera_is_paired_within_half_of_its_frame(tmp_path: Path) -> None:
    fast, slow = rig_pictures(rig()[:2], 12)
    files = [
        [at_times(tmp_path, "fast.mkv", fast, [50 * k for k in range(12)])],
        [at_times(tmp_path, "slow.mkv", slow[:4], [0, 150, 300, 450])],
    ]
    found = find_moments(files, RIG_BOARD)
    times = [(m[0].time_s or 0, m[1].time_s or 0) for m in found.moments]
    assert times
    assert max(abs(a - b) for a, b in times) <= 0.075
    assert len({b for _, b in times}) == len(times)  # no picture is in two moments
