"""Pixels that are not square, turned and mirrored pictures, and both together."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from backend.domain.findings import FrameFindings, about_file
from tests.worker.media.conftest import decode, is_red
from tests.worker.media.making import IN_ORDER, write
from worker.media.decode import probe
from worker.media.extract import EveryNth, extract_frames

FRAME = Fraction(1, 25)
FINE = {"preset": "ultrafast", "crf": "10"}
MPEG = Fraction(1, 90_000)


def disc(aspect: Fraction) -> Any:
    """A disc 60 pixels across on a screen, beside a red corner, drawn for pixels of a shape."""

    def draw(number: int, width: int, height: int) -> np.ndarray:
        image = np.full((height, width, 3), 40, np.uint8)
        across = (30 / float(aspect), 30) if aspect >= 1 else (30, 30 * float(aspect))
        axes = (round(across[0]), round(across[1]))
        cv2.ellipse(image, (width // 2, height // 2), axes, 0, 0, 360, (255, 255, 255), -1)
        image[:16, :24] = (0, 0, 255)
        return image

    return draw


def shaped(path: Path, aspect: Fraction | None, **more: Any) -> Path:
    def setup(stream: Any) -> None:
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if "turned" in more:
            stream.set_display_rotation(-more["turned"], hflip=more.get("mirrored", False))

    draw = disc(aspect or Fraction(1))
    return write(
        path, range(2), more.get("base", FRAME), options=more.get("options", FINE),
        size=more.get("size", (160, 120)), codec=more.get("codec", "libx264"), draw=draw,
        setup=setup,
    )  # fmt: skip


def first_picture(path: Path) -> np.ndarray:
    return decode(next(iter(extract_frames(path, EveryNth(1)))).data)


def extent(image: np.ndarray) -> tuple[int, int]:
    """Width and height of the disc."""
    ys, xs = np.nonzero(image.min(axis=2) > 150)
    return int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        (Fraction(4, 3), (213, 120)),
        (Fraction(16, 15), (171, 120)),
        (Fraction(8, 9), (160, 135)),
        (Fraction(2), (320, 120)),
        (Fraction(1, 2), (160, 240)),
    ],
)
@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.ts"])
def test_pixels_are_made_square_by_stretching_their_long_side(tmp_path, name, aspect, size):
    base = Fraction(1, 1000) if name == "v.mkv" else FRAME
    image = first_picture(shaped(tmp_path / name, aspect, base=base))
    assert image.shape[1::-1] == size
    width, height = extent(image)
    assert width == pytest.approx(60, abs=3)
    assert height == pytest.approx(60, abs=3)


def test_square_pixels_are_left_alone(tmp_path):
    for aspect in (None, Fraction(1)):
        assert first_picture(shaped(tmp_path / "v.mp4", aspect)).shape[1::-1] == (160, 120)


def test_the_stretched_size_is_what_is_probed_and_said(tmp_path):
    facts = probe(shaped(tmp_path / "v.mp4", Fraction(4, 3)))
    assert (facts.width, facts.height) == (213, 120)
    assert (facts.stored_width, facts.stored_height) == (160, 120)
    assert facts.pixel_aspect == Fraction(4, 3)
    (said,) = about_file(facts.found)
    assert "4:3" in said
    assert "213 × 120" in said


def test_a_shape_that_no_pixel_has_is_not_believed_and_said(tmp_path):
    path = shaped(tmp_path / "v.mp4", Fraction(50))
    assert first_picture(path).shape[1::-1] == (160, 120)
    assert any("50:1" in said and "square" in said for said in about_file(probe(path).found))


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_pixels_are_made_square_before_pictures_are_turned(tmp_path, turned, mirrored):
    path = shaped(tmp_path / "v.mp4", Fraction(4, 3), turned=turned, mirrored=mirrored)
    image = first_picture(path)
    assert image.shape[1::-1] == ((213, 120) if turned % 180 == 0 else (120, 213))
    assert extent(image) == (pytest.approx(60, abs=3), pytest.approx(60, abs=3))
    facts = probe(path)
    assert (facts.width, facts.height) == image.shape[1::-1]


@pytest.mark.parametrize(
    ("matrix", "corner"),
    [
        ((1, 0, 0, 1), (0, 0)),
        ((-1, 0, 0, 1), (0, -1)),
        ((-1, 0, 0, -1), (-1, -1)),
        ((1, 0, 0, -1), (-1, 0)),
        ((0, 1, 1, 0), (0, 0)),
        ((0, 1, -1, 0), (0, -1)),
        ((0, -1, -1, 0), (-1, -1)),
        ((0, -1, 1, 0), (-1, 0)),
    ],
)
def test_all_eight_turns_and_mirrorings_are_undone(tmp_path, matrix, corner):
    a, b, c, d = (value << 16 for value in matrix)

    def setup(stream: Any) -> None:
        stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])

    path = write(
        tmp_path / "v.mp4", range(1), FRAME, options=FINE, size=(160, 120),
        draw=disc(Fraction(1)), setup=setup,
    )  # fmt: skip
    image = first_picture(path)
    places = {
        (y, x): image[5 if y == 0 else -6, 5 if x == 0 else -6] for y in (0, -1) for x in (0, -1)
    }
    assert [place for place, pixel in places.items() if is_red(pixel)] == [corner]


def test_a_turn_that_is_no_multiple_of_90_is_not_done_and_said(tmp_path):
    path = shaped(tmp_path / "v.mp4", None, turned=12)
    found = FrameFindings()
    frames = list(extract_frames(path, EveryNth(1), found=found))
    assert (frames[0].width, frames[0].height) == (160, 120)
    assert found.tilt_degrees == pytest.approx(12, abs=0.5)


def test_a_shape_that_changes_on_the_way_is_followed_picture_by_picture(tmp_path):
    parts = []
    for part, aspect in enumerate((Fraction(1), Fraction(4, 3))):

        def setup(stream: Any, aspect: Fraction = aspect) -> None:
            stream.codec_context.sample_aspect_ratio = aspect

        times = [part * 10 * 3600 + i * 3600 for i in range(10)]
        path = write(
            tmp_path / f"{part}.ts", times, MPEG, options=IN_ORDER, size=(160, 120),
            draw=disc(aspect), setup=setup,
        )  # fmt: skip
        parts.append(path.read_bytes())
    path = tmp_path / "v.ts"
    path.write_bytes(b"".join(parts))
    found = FrameFindings()
    frames = list(extract_frames(path, EveryNth(1), found=found))
    assert [f.width for f in frames] == [160] * 10 + [213] * 10
    assert list(found.sizes) == [(160, 120), (213, 120)]


def test_a_size_that_changes_on_the_way_is_followed(tmp_path):
    parts = []
    for part, size in enumerate(((160, 120), (320, 240))):
        times = [part * 10 * 3600 + i * 3600 for i in range(10)]
        path = write(tmp_path / f"{part}.ts", times, MPEG, options=IN_ORDER, size=size)
        parts.append(path.read_bytes())
    path = tmp_path / "v.ts"
    path.write_bytes(b"".join(parts))
    frames = list(extract_frames(path, EveryNth(1)))
    assert [(f.width, f.height) for f in frames] == [(160, 120)] * 10 + [(320, 240)] * 10
