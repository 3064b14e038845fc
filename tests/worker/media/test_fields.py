"""Interlaced pictures are made of one instant, and the file's word is checked against them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from backend.domain.findings import FrameFindings
from tests.worker.media.conftest import decode
from tests.worker.media.making import write
from worker.media.extract import EveryNth, extract_frames

FRAME = Fraction(1, 25)
FINE = {"preset": "ultrafast", "crf": "8"}
SIZE = (320, 192)
UPPER, LOWER = 27.5, 39.5
"""Where the middle of the bar is in the first picture's upper and lower lines."""


def two_instants(number: int, width: int, height: int) -> np.ndarray:
    """A bar that moves by 12 pixels between the upper and the lower lines."""
    image = np.full((height, width, 3), 60, np.uint8)
    image[0::2, 20 + 24 * number : 36 + 24 * number] = 255
    image[1::2, 32 + 24 * number : 48 + 24 * number] = 255
    return image


def one_instant(number: int, width: int, height: int) -> np.ndarray:
    image = np.full((height, width, 3), 60, np.uint8)
    image[:, 20 + 24 * number : 36 + 24 * number] = 255
    return image


def film(number: int, width: int, height: int) -> np.ndarray:
    """24 pictures a second in 60 fields: of five frames two hold two pictures of the film."""
    image = np.full((height, width, 3), 60, np.uint8)
    fields = [(0, 0), (1, 1), (1, 2), (2, 3), (3, 3)][number % 5]
    for line, picture in enumerate(fields):
        at = 20 + 12 * (number // 5 * 4 + picture)
        image[line::2, at : at + 16] = 255
    return image


def places(data: bytes) -> tuple[float, float]:
    """Where the bar is in the upper and in the lower lines."""
    grey = decode(data).mean(axis=2)
    upper, lower = (np.nonzero(lines.mean(axis=0) > 150)[0] for lines in (grey[0::2], grey[1::2]))
    return float(upper.mean()), float(lower.mean())


def taken(path: Path) -> tuple[list[tuple[float, float]], FrameFindings]:
    found = FrameFindings()
    frames = list(extract_frames(path, EveryNth(1), found=found))
    return [places(frame.data) for frame in frames], found


@pytest.mark.parametrize(("order", "place"), [("tff", UPPER), ("bff", LOWER)])
@pytest.mark.parametrize(
    ("name", "codec", "pixels", "options"),
    [
        ("v.mp4", "libx264", "yuv420p", FINE | {"flags": "+ildct"}),
        ("v.ts", "mpeg2video", "yuv420p", {"flags": "+ildct+ilme", "b": "8000000"}),
        ("v.mov", "prores_ks", "yuv422p10le", {"flags": "+ildct"}),
    ],
)
def test_the_field_that_was_taken_first_makes_the_picture(
    tmp_path, order, place, name, codec, pixels, options
):
    path = write(
        tmp_path / name, range(6), FRAME, codec=codec, pixels=pixels, options=options, size=SIZE,
        draw=two_instants, filters=[("setfield", order)],
    )  # fmt: skip
    found, facts = taken(path)
    assert [upper for upper, _ in found] == pytest.approx([place + 24 * n for n in range(6)], abs=1)
    assert all(upper == pytest.approx(lower, abs=0.6) for upper, lower in found)
    assert (facts.by_field, facts.unmarked_fields, facts.marked) == (6, 0, 6)


def test_the_time_is_that_of_the_picture(tmp_path):
    path = write(
        tmp_path / "v.mp4", range(6), FRAME, options=FINE | {"flags": "+ildct"}, size=SIZE,
        draw=two_instants, filters=[("setfield", "tff")],
    )  # fmt: skip
    frames = extract_frames(path, EveryNth(1))
    assert [f.pts_s for f in frames] == [n * FRAME for n in range(6)]


def test_pictures_that_are_not_marked_are_seen_to_hold_two_instants(tmp_path):
    path = write(tmp_path / "v.mp4", range(6), FRAME, options=FINE, size=SIZE, draw=two_instants)
    found, facts = taken(path)
    assert all(upper == pytest.approx(lower, abs=0.6) for upper, lower in found)
    assert (facts.by_field, facts.unmarked_fields, facts.marked) == (6, 6, 0)


def test_pictures_that_are_marked_and_hold_one_instant_are_taken_whole(tmp_path):
    path = write(
        tmp_path / "v.mp4", range(6), FRAME, options=FINE | {"flags": "+ildct"}, size=SIZE,
        draw=one_instant, filters=[("setfield", "tff")],
    )  # fmt: skip
    _, facts = taken(path)
    assert (facts.by_field, facts.marked) == (0, 6)


def test_film_in_fields_is_taken_by_field_where_two_pictures_meet(tmp_path):
    path = write(
        tmp_path / "v.mp4", range(10), Fraction(1001, 30000), options=FINE, size=SIZE, draw=film
    )
    found, facts = taken(path)
    assert all(upper == pytest.approx(lower, abs=0.6) for upper, lower in found)
    assert facts.by_field == 4


def test_a_progressive_video_is_left_alone(tmp_path):
    path = write(tmp_path / "v.mp4", range(6), FRAME, options=FINE, size=SIZE, draw=one_instant)
    _, facts = taken(path)
    assert (facts.by_field, facts.marked) == (0, 0)


def test_fine_stripes_that_a_lens_can_draw_are_no_fields(tmp_path):
    def stripes(number: int, width: int, height: int) -> np.ndarray:
        rows = 127 + 60 * np.sin(np.arange(height) * 2 * np.pi / 5 + number)
        return np.repeat(rows[:, None, None], width, axis=1).repeat(3, axis=2).astype(np.uint8)

    path = write(tmp_path / "v.mp4", range(4), FRAME, options=FINE, size=SIZE, draw=stripes)
    assert taken_by_field(path) == 0


def taken_by_field(path: Path) -> int:
    found = FrameFindings()
    list(extract_frames(path, EveryNth(1), found=found))
    return found.by_field


def test_real_footage_is_not_taken_for_interlaced(shared_data):
    found = FrameFindings()
    list(
        extract_frames(shared_data / "children_bedroom" / "bedroom.mp4", EveryNth(10), found=found)
    )
    assert found.by_field == 0
