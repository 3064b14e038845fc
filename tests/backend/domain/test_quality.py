"""What measures say against a picture, by one set of thresholds."""

from __future__ import annotations

import pytest

from backend.domain.quality import (
    BLURRED_SHARE,
    BRIGHT_LUMA,
    DARK_LUMA,
    QualityFlag,
    mark_near_duplicates,
    median_sharpness,
    quality_flags,
)


@pytest.mark.parametrize(
    ("sharpness", "luma", "repeats", "flags"),
    [
        (100.0, 120.0, False, []),
        (100 * BLURRED_SHARE - 0.1, 120.0, False, [QualityFlag.BLURRED]),
        (100 * BLURRED_SHARE, 120.0, False, []),
        (100.0, DARK_LUMA - 1, False, [QualityFlag.DARK]),
        (100.0, BRIGHT_LUMA + 1, False, [QualityFlag.BRIGHT]),
        (100.0, BRIGHT_LUMA, True, [QualityFlag.DUPLICATE]),
        (1.0, 1.0, True, [QualityFlag.BLURRED, QualityFlag.DARK, QualityFlag.DUPLICATE]),
    ],
)
def test_a_frame_is_flagged_beyond_each_threshold(
    sharpness: float, luma: float, repeats: bool, flags: list[QualityFlag]
) -> None:
    found = quality_flags(sharpness, luma, median_sharpness=100.0, repeats=repeats)
    assert found == flags


def test_sharpness_says_nothing_where_there_is_nothing_to_compare_with() -> None:
    assert median_sharpness([]) is None
    assert quality_flags(0.0, 120.0, median_sharpness=None, repeats=False) == []


def test_an_even_number_of_frames_is_compared_with_the_middle_of_two() -> None:
    assert median_sharpness([4, 1, 3, 2]) == 2.5


def test_repetitions_point_to_the_first_frame_of_their_kind() -> None:
    assert mark_near_duplicates([0, 1, 0b11, 2**40 - 1, 2**40 - 2, 0]) == [
        None,
        0,
        0,
        None,
        3,
        None,
    ]


def test_a_slow_drift_yields_new_frames_from_time_to_time() -> None:
    drift = [(1 << i) - 1 for i in range(12)]
    assert [i for i, mark in enumerate(mark_near_duplicates(drift)) if mark is None] == [0, 5, 10]
