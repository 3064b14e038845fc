"""Vouching by a random sample: an inspector looks at some frames and answers for the others.

The frames are drawn by chance alone, from those that nobody has vouched for yet; each of them must
be looked at and marked. What they show is stated as wrong joints per 1,000 with its interval
(:mod:`backend.domain.error_rates`), and only where the interval's upper end is within the limit
does the sample vouch for the frames that were not opened. Source: acceptance sampling with a
stated consumer's risk (ISO 2859-2; Montgomery, "Statistical Quality Control", chapter 15).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.domain.chance import keys_of
from backend.domain.error_rates import ErrorRate, error_rate
from backend.domain.errors import InvalidInput

MIN_LOOK_S: Final = 0.3
"""A frame shown for less was passed, not looked at: the shortest time in which people tell what is
in a picture and answer (Thorpe, Fize & Marlot 1996)."""

LEAST_EFFECT: Final = 2.0
"""Wrong joints seldom come alone: a limb slips as a whole, sides are exchanged in pairs. Where a
sample shows too few errors to tell, they are taken to come by two."""

MAX_SEED: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """How large a sample is, and how good it has to be.

    Attributes:
        min_frames: At least so many frames, or all where there are fewer.
        share: At least this share of the frames that are vouched for.
        max_errors_per_1000: The interval's upper end may not lie above this many wrong joints.
    """

    min_frames: int = 30
    share: float = 0.05
    max_errors_per_1000: float = 20.0

    def __post_init__(self) -> None:
        if self.min_frames < 1:
            raise InvalidInput("A sample has at least one frame.")
        if not 0 <= self.share <= 1:
            raise InvalidInput("The share of frames in a sample is between 0 and 1.")
        if not 0 < self.max_errors_per_1000 <= 1000:
            raise InvalidInput("The limit of wrong joints per 1,000 is above 0, at most 1,000.")


def sample_size(frames: int, rule: SamplingRule) -> int:
    """How many of so many frames must be looked at."""
    return min(frames, max(rule.min_frames, math.ceil(rule.share * frames)))


def drawn(frames: Collection[int], size: int, seed: int) -> list[int]:
    """The frames of a random sample, in the order in which they were drawn.

    The order hangs on ids and seed alone, so that anybody can draw the same sample again, and a
    larger one of the same seed holds the smaller.

    Args:
        frames: Ids.
        size: At most so many.
        seed: Another seed draws another sample.
    """
    ids = np.array(sorted(frames), dtype=np.int64)
    order = np.lexsort((ids, keys_of(ids, seed)))[:size]
    return [int(frame) for frame in ids[order]]


def sampled_rate(joints: Sequence[int], wrong: Sequence[int], out_of: int) -> ErrorRate | None:
    """Wrong joints per 1,000 of all frames, by those of a sample; None without joints.

    Args:
        joints: Of each frame of the sample, how many joints it has.
        wrong: Of each frame of the sample, how many of them are wrong.
        out_of: How many frames it was drawn from.
    """
    return error_rate(joints, wrong, out_of=out_of, least_effect=LEAST_EFFECT)


def why_not_vouched(rate: ErrorRate | None, rule: SamplingRule) -> str | None:
    """Why a sample does not vouch for the frames that were not opened; None if it does."""
    if rate is None or rate.high <= rule.max_errors_per_1000:
        return None
    return (
        f"Up to {rate.high:g} wrong joints in 1,000 are possible by this sample; the limit is"
        f" {rule.max_errors_per_1000:g}. Look at more frames, or return what is wrong."
    )
