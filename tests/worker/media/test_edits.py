"""MP4 files whose edit list shows another stretch than the whole."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.worker.media.making import REORDERED, pictures, with_edits, write
from worker.media.clock import origin_of
from worker.media.decode import probe, read_index
from worker.media.times import frame_times

FRAME = Fraction(1, 25)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Forty pictures, 25 a second, stored in another order than shown."""
    return write(tmp_path / "clip.mp4", range(40), FRAME, options=REORDERED)


def shown(path: Path) -> list[int | None]:
    return [number for _, _, number, _ in pictures(path)]


@pytest.mark.parametrize(
    ("edits", "want"),
    [
        ([(40 * FRAME, 0, 1)], range(40)),
        ([(22 * FRAME, 18 * FRAME, 1)], range(18, 40)),
        ([(13 * FRAME, 0, 1)], range(13)),
        ([(7 * FRAME, 18 * FRAME, 1)], range(18, 25)),
        ([(99 * FRAME, 18 * FRAME, 1)], range(18, 40)),
        ([(Fraction(0), 18 * FRAME, 1)], range(18, 40)),
        ([(7 * FRAME, 3 * FRAME, 1), (8 * FRAME, 25 * FRAME, 1)], [*range(3, 10), *range(25, 33)]),
        ([(8 * FRAME, 25 * FRAME, 1), (7 * FRAME, 3 * FRAME, 1)], [*range(25, 33), *range(3, 10)]),
        ([(5 * FRAME, 12 * FRAME, 1), (5 * FRAME, 12 * FRAME, 1)], [*range(12, 17)] * 2),
        ([(1 * FRAME, 12 * FRAME, 0)], [12]),
    ],
    ids=[
        "whole", "start cut", "end cut", "both cut", "longer than the media", "without a length",
        "two stretches", "later one first", "one twice", "standing",
    ],
)  # fmt: skip
def test_an_edit_list_shows_what_it_names(clip, edits, want):
    path = with_edits(clip, edits)
    assert shown(path) == list(want)
    assert probe(path).frames == len(want)


def test_pictures_keep_their_distance_in_time_and_begin_at_zero(clip):
    path = with_edits(clip, [(7 * FRAME, 18 * FRAME, 1)])
    assert frame_times(path) == pytest.approx([i / 25 for i in range(7)])
    assert origin_of(path) == 0
    assert probe(path).duration_s == pytest.approx(7 / 25)


@pytest.mark.parametrize("rounded", [Fraction(1, 1000), Fraction(-1, 1000)])
def test_lengths_that_are_rounded_show_no_picture_more_or_less(clip, rounded):
    path = with_edits(clip, [(7 * FRAME + rounded, 18 * FRAME, 1)])
    assert shown(path) == list(range(18, 25))


def test_a_picture_that_is_shown_for_half_of_its_time_is_one(clip):
    path = with_edits(clip, [(Fraction(15, 2) * FRAME, 18 * FRAME, 1)])
    assert shown(path) == list(range(18, 26))


def test_an_empty_edit_at_the_start_delays_the_pictures(clip):
    path = with_edits(clip, [(Fraction(1, 2), None, 1), (10 * FRAME, 5 * FRAME, 1)])
    assert shown(path) == list(range(5, 15))
    assert frame_times(path)[:2] == pytest.approx([0, 1 / 25])
    assert origin_of(path) == Fraction(1, 2)


def test_an_empty_edit_in_the_middle_is_a_gap(clip):
    path = with_edits(
        clip, [(5 * FRAME, 0, 1), (Fraction(1, 2), None, 1), (5 * FRAME, 20 * FRAME, 1)]
    )
    assert shown(path) == [*range(5), *range(20, 25)]
    assert frame_times(path)[5] - frame_times(path)[4] == pytest.approx(0.04 + 0.5)


def test_a_stretch_that_plays_faster_has_the_times_of_play_and_says_so(clip):
    path = with_edits(clip, [(10 * FRAME, 0, 2)])
    assert shown(path) == list(range(20))
    assert frame_times(path)[1] == pytest.approx(0.02)
    assert probe(path).found.edit_rates == (2.0,)


@pytest.mark.parametrize(
    "edits", [[(Fraction(1), None, 1)], [(Fraction(1), Fraction(9), 1)]], ids=["empty", "beyond"]
)
def test_a_list_that_shows_nothing_is_not_followed(clip, edits):
    path = with_edits(clip, edits)
    assert shown(path) == list(range(40))
    assert not read_index(path, "clip.mp4").followed


def test_a_list_that_is_cut_off_is_none(clip):
    data = bytearray(clip.read_bytes())
    at = data.find(b"elst") + 8
    data[at : at + 4] = (1000).to_bytes(4, "big")
    clip.write_bytes(data)
    assert shown(clip) == list(range(40))
