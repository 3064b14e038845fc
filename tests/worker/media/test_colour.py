"""Colours come out as they went in, whatever the video was coded with."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import ColorRange

from backend.domain.findings import FrameFindings
from tests.worker.media.conftest import decode
from tests.worker.media.making import write
from worker.media.colour import to_bgr
from worker.media.extract import EveryNth, extract_frames

FRAME = Fraction(1, 25)
FINE = {"preset": "ultrafast", "crf": "4"}
QUARTERS = [(0, 0, 255), (0, 255, 0), (255, 0, 0), (225, 225, 225)]
BT601, BT709, BT2020 = 5, 1, 9
LIMITED, FULL = int(ColorRange.MPEG), int(ColorRange.JPEG)


def quarters(number: int, width: int, height: int) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    rows, columns = height // 2, width // 2
    for place, colour in enumerate(QUARTERS):
        y, x = place // 2 * rows, place % 2 * columns
        image[y : y + rows, x : x + columns] = colour
    return image


def coded(pixels: str, matrix: int, range_: int, *, named: bool = True) -> dict[str, Any]:
    """How to code frames with a matrix and a range, and whether the file names them."""

    def dress(frame: VideoFrame) -> VideoFrame:
        out = frame.reformat(format=pixels, dst_colorspace=matrix, dst_color_range=range_)
        out.colorspace, out.color_range = (matrix, range_) if named else (2, 0)
        return out

    def setup(stream: Any) -> None:
        if named:
            stream.codec_context.colorspace = matrix
            stream.codec_context.color_range = range_

    return {"pixels": pixels, "dress": dress, "setup": setup}


def seen(path: Path, found: FrameFindings | None = None) -> list[tuple[float, ...]]:
    frame = next(iter(extract_frames(path, EveryNth(1), jpeg_quality=100, found=found)))
    image = decode(frame.data)
    height, width = image.shape[:2]
    centres = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    parts = [image[y - 4 : y + 4, x - 4 : x + 4].reshape(-1, 3) for y, x in centres]
    return [tuple(part.mean(axis=0)) for part in parts]


def assert_as_drawn(colours: list[tuple[float, ...]]) -> None:
    assert np.abs(np.array(colours) - np.array(QUARTERS)).max() < 10


@pytest.mark.parametrize("matrix", [BT601, BT709, BT2020], ids=["bt601", "bt709", "bt2020"])
@pytest.mark.parametrize("range_", [LIMITED, FULL], ids=["limited", "full"])
def test_matrix_and_range_are_those_that_the_video_names(tmp_path, matrix, range_):
    how = coded("yuv420p", matrix, range_)
    assert_as_drawn(
        seen(write(tmp_path / "v.mp4", range(2), FRAME, options=FINE, draw=quarters, **how))
    )


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "options"),
    [
        ("v.mp4", "libx264", "yuv422p10le", FINE),
        ("v.mp4", "libx264", "yuv444p", FINE),
        (
            "v.mp4",
            "libx265",
            "yuv420p10le",
            # Of two frames, one that waits for the other has a time that mp4 sometimes refuses.
            {"x265-params": "log-level=none:pools=none:frame-threads=1:crf=4:bframes=0"},
        ),
        ("v.mov", "prores_ks", "yuva444p10le", {}),
        ("v.webm", "libvpx-vp9", "yuv420p", {"deadline": "realtime", "crf": "4", "b": "0"}),
    ],
)
def test_deeper_and_finer_samples_are_read(tmp_path, name, codec, pixels, options):
    how = coded(pixels, BT709, LIMITED)
    path = write(
        tmp_path / name, range(2), FRAME, codec=codec, options=options, draw=quarters, **how
    )
    assert_as_drawn(seen(path))


@pytest.mark.parametrize(
    ("size", "matrix"), [((320, 240), BT601), ((1280, 720), BT709)], ids=["SD", "HD"]
)
def test_a_video_that_names_nothing_is_taken_by_its_height(tmp_path, size, matrix):
    how = coded("yuv420p", matrix, LIMITED, named=False)
    path = write(tmp_path / "v.mp4", range(1), FRAME, options=FINE, size=size, draw=quarters, **how)
    assert_as_drawn(seen(path))


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("v.mp4", "libx264rgb", "bgr24"),
        ("v.mov", "png", "rgba"),
        ("v.mov", "qtrle", "argb"),
        ("v.avi", "rawvideo", "bgr24"),
        ("v.avi", "utvideo", "gbrp"),
    ],
)
def test_red_green_and_blue_are_taken_as_they_are(tmp_path, name, codec, pixels):
    options = {"crf": "0"} if codec == "libx264rgb" else {}
    path = write(
        tmp_path / name, range(2), FRAME, codec=codec, pixels=pixels, options=options, draw=quarters
    )
    assert_as_drawn(seen(path))


@pytest.mark.parametrize(("range_", "grey"), [(LIMITED, 255), (FULL, 235), (0, 235)])
def test_grey_pictures_are_of_the_range_that_they_name(range_, grey):
    frame = VideoFrame.from_ndarray(np.full((32, 32), 235, np.uint8), format="gray")
    frame.color_range = range_
    assert (to_bgr(frame, 32) == grey).all()


def test_colours_that_cannot_be_read_give_grey_pictures_and_a_word(tmp_path):
    options = FINE | {"x264-params": "colormatrix=YCgCo"}
    path = write(tmp_path / "v.mp4", range(1), FRAME, options=options, draw=quarters)
    found = FrameFindings()
    colours = seen(path, found)
    assert all(max(colour) - min(colour) < 3 for colour in colours)
    assert found.unreadable_matrix == 8


def wide_range(transfer: int, codes: list[float]) -> VideoFrame:
    """A grey step wedge of ten bits, in columns of sixteen pixels."""
    luma = np.repeat(np.round(64 + 876 * np.array(codes)).astype("<u2"), 16)
    frame = VideoFrame(len(luma), 16, "yuv420p10le")
    for plane, line in zip(
        frame.planes, (luma, *[np.full(len(luma) // 2, 512, "<u2")] * 2), strict=True
    ):
        lines = np.zeros((plane.height, plane.line_size // 2), "<u2")
        lines[:, : len(line)] = line
        plane.update(lines.tobytes())
    frame.colorspace, frame.color_range = BT2020, LIMITED
    frame.color_primaries, frame.color_trc = BT2020, transfer
    return frame


# Codes of black, 10, 50, 100, 203 and 1,000 cd/m² (SMPTE ST 2084), and HLG's of like light.
PQ, HLG = 16, 18
PQ_CODES = [0.0, 0.3025, 0.4403, 0.5081, 0.5807, 0.7518]


def test_high_dynamic_range_is_mapped_without_clipping():
    levels = to_bgr(wide_range(PQ, PQ_CODES), 16)[8, 8::16, 0].astype(int)
    assert levels[0] == 0
    assert (np.diff(levels) > 0).all()
    assert 60 < levels[1] < 85
    assert 225 < levels[4] < 250  # reference white is nearly white
    assert levels[5] > 250


def test_hybrid_log_gamma_rises_from_black_to_white():
    levels = to_bgr(wide_range(HLG, [0.0, 0.25, 0.5, 0.75, 1.0]), 16)[8, 8::16, 0].astype(int)
    assert levels[0] == 0
    assert (np.diff(levels) > 0).all()
    assert 225 < levels[3] < 250
    assert levels[4] > 250


def test_high_dynamic_range_is_said(tmp_path):
    def setup(stream: Any) -> None:
        context = stream.codec_context
        context.colorspace, context.color_range = BT2020, LIMITED
        context.color_primaries, context.color_trc = BT2020, HLG

    options = {
        "x265-params": "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
        ":bframes=0"
    }
    path = write(
        tmp_path / "v.mp4", range(2), FRAME, codec="libx265", pixels="yuv420p10le",
        options=options, draw=quarters, setup=setup,
    )  # fmt: skip
    found = FrameFindings()
    seen(path, found)
    assert found.high_dynamic_range == "HLG"
