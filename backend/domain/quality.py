"""What the measures of a picture say against a frame: blurred, dark, overexposed, a repetition.

Hints for people; nothing is decided by them. The measures are taken by ``worker.media.quality``;
the flags are given out with the list of a recording's frames, so that no page has a threshold of
its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from statistics import median
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

Array = NDArray[Any]

STANDARD_SIDE: Final = 640
"""Longest side, in pixels, to which a picture is reduced before it is measured."""

BLACK_LUMA: Final = 5
WHITE_LUMA: Final = 250
"""Luma up to which, and from which on, a pixel is clipped: what was there cannot be told."""

NEAR_DUPLICATE_DISTANCE: Final = 4
"""Of 64 bits, the most in which the hashes of two pictures that show the same differ."""

SAME_SHARPNESS: Final = 1e-3
SAME_LUMA: Final = 0.01
"""Two pictures whose sharpness differs by less than this share, and whose mean luma by less than
this, show no movement."""

BLURRED_SHARE: Final = 0.35
"""Below this share of its recording's median sharpness a frame is called blurred. Sharpness hangs
on the scene, so frames are compared within a recording only. Chosen by eye on home videos."""

DARK_LUMA: Final = 40.0
BRIGHT_LUMA: Final = 215.0
"""Mean luma, 0 to 255, below and above which a frame is called dark or overexposed; by eye."""


class QualityFlag(StrEnum):
    """Why a picture deserves a second look."""

    BLURRED = "blurred"
    DARK = "dark"
    BRIGHT = "bright"
    DUPLICATE = "duplicate"


DOUBTFUL: Final = frozenset({QualityFlag.BLURRED, QualityFlag.DARK, QualityFlag.BRIGHT})
"""Flags for which joints may be hard to see. A repetition is as good as the frame it repeats."""


def median_sharpness(sharpness: Iterable[float]) -> float | None:
    """The sharpness with which a recording's frames are compared; None without frames."""
    known = list(sharpness)
    return median(known) if known else None


def quality_flags(
    sharpness: float, mean_luma: float, *, median_sharpness: float | None, repeats: bool
) -> list[QualityFlag]:
    """What a frame's measures say against it, in the enumeration's order.

    Args:
        sharpness: Variance of the Laplacian, squared grey levels.
        mean_luma: 0 (black) to 255 (white).
        median_sharpness: Of the recording; None where it is not known.
        repeats: Whether the frame nearly repeats an earlier one of its camera.
    """
    found = {
        QualityFlag.BLURRED: median_sharpness is not None
        and sharpness < BLURRED_SHARE * median_sharpness,
        QualityFlag.DARK: mean_luma < DARK_LUMA,
        QualityFlag.BRIGHT: mean_luma > BRIGHT_LUMA,
        QualityFlag.DUPLICATE: repeats,
    }
    return [flag for flag, holds in found.items() if holds]


def quality_bits(
    sharpness: Float[Array, " n"],
    mean_luma: Float[Array, " n"],
    *,
    median_sharpness: float | Float[Array, " n"] | None,
    repeats: Bool[Array, " n"],
) -> Int[Array, " n"]:
    """:func:`quality_flags` of many frames: the n-th bit stands for the enumeration's n-th flag."""
    nothing = np.zeros(len(sharpness), dtype=bool)
    found = {
        QualityFlag.BLURRED: nothing
        if median_sharpness is None
        else sharpness < BLURRED_SHARE * median_sharpness,
        QualityFlag.DARK: mean_luma < DARK_LUMA,
        QualityFlag.BRIGHT: mean_luma > BRIGHT_LUMA,
        QualityFlag.DUPLICATE: repeats,
    }
    return sum(
        (found[flag].astype(np.int64) << n for n, flag in enumerate(QualityFlag)),
        np.zeros(len(sharpness), dtype=np.int64),
    )


def hamming_distance(a: int, b: int) -> int:
    """Number of bits, 0 to 64, in which two hashes differ."""
    return (a ^ b).bit_count()


def near_duplicate(a: int, b: int, max_distance: int = NEAR_DUPLICATE_DISTANCE) -> bool:
    """Whether two hashes differ in at most ``max_distance`` of 64 bits."""
    return hamming_distance(a, b) <= max_distance


def mark_near_duplicates(
    hashes: Iterable[int], max_distance: int = NEAR_DUPLICATE_DISTANCE
) -> list[int | None]:
    """For each frame of a recording, the earlier frame that it nearly repeats.

    Each frame is compared with the last one that was not itself a repetition, so that a slow pan
    yields new frames from time to time instead of one endless chain.

    Args:
        hashes: Difference hashes in order of time.
        max_distance: Differing bits up to which frames count as the same.

    Returns:
        Per frame the index of the frame repeated, or None for a new one.
    """
    marks: list[int | None] = []
    reference: tuple[int, int] | None = None
    for i, current in enumerate(hashes):
        if reference is not None and near_duplicate(reference[1], current, max_distance):
            marks.append(reference[0])
        else:
            marks.append(None)
            reference = (i, current)
    return marks
