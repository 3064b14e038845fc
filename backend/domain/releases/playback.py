"""What was accepted in playback: whether a release takes it, and the sample that vouches for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Int
from numpy.typing import NDArray

Z95: Final = 1.959964
"""Normal quantile of a 95 % interval."""


class PlaybackPolicy(StrEnum):
    """Whether acceptance in playback suffices for a release."""

    ALLOWED = "allowed"
    SAMPLED = "sampled"
    REFUSED = "refused"


def in_sample(frames: Int[NDArray[Any], " n"], share: float, seed: int) -> Bool[NDArray[Any], " n"]:
    """Which frames a random sample of a share holds.

    Whether a frame belongs to it hangs on the frame and the seed alone (SplitMix64, Steele et al.
    2014): the sample stays the same when frames come and go, and a larger share holds the smaller.

    Args:
        frames: Ids.
        share: 0 to 1.
        seed: Another seed draws another sample.
    """
    with np.errstate(over="ignore"):
        mixed = _mixed(frames.astype(np.uint64) ^ _mixed(np.full(1, seed, dtype=np.uint64)))
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53 < share)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Wrong joints per 1,000, with a 95 % interval."""

    estimate: float
    low: float
    high: float


def error_rate(joints: Sequence[int], wrong: Sequence[int]) -> ErrorRate | None:
    """Of frames that were checked, how many joints in a thousand are wrong; None without joints.

    Wilson's interval (1927). Joints of one frame err together, so the number of joints is divided
    by the design effect that the frames show (Kish 1965), at least 1.

    Args:
        joints: Of each frame, how many were checked.
        wrong: Of each frame, how many were wrong.
    """
    n, errors = sum(joints), sum(wrong)
    if n == 0:
        return None
    p = errors / n
    effective = n / _design_effect(joints, wrong, p)
    z2 = Z95 * Z95
    centre = (p + z2 / (2 * effective)) / (1 + z2 / effective)
    spread = p * (1 - p) / effective + z2 / (4 * effective * effective)
    half = Z95 * math.sqrt(spread) / (1 + z2 / effective)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return ErrorRate(*(round(1000 * value, 2) for value in (p, 0.0 if errors == 0 else low, high)))


def _design_effect(joints: Sequence[int], wrong: Sequence[int], p: float) -> float:
    frames = len(joints)
    if frames < 2 or not 0 < p < 1:
        return 1.0
    residuals = sum((w - p * j) ** 2 for j, w in zip(joints, wrong, strict=True))
    clustered = residuals * frames / (frames - 1) / sum(joints) ** 2
    return max(1.0, clustered / (p * (1 - p) / sum(joints)))
