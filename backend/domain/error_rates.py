"""How many joints in a thousand are wrong, from a random sample of frames, with an interval.

Wilson's score interval (Wilson 1927). Joints of one frame err together, so the number of joints is
divided by the design effect that the frames show (Kish 1965, clusters), at least 1. Where the
sample is a good part of all frames, less is left to chance: the finite population correction
(Cochran 1977, section 2.6).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Z95: Final = 1.959964
"""Normal quantile of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Wrong joints per 1,000, with a 95 % interval."""

    estimate: float
    low: float
    high: float


def error_rate(
    joints: Sequence[int],
    wrong: Sequence[int],
    *,
    out_of: int | None = None,
    least_effect: float = 1.0,
) -> ErrorRate | None:
    """Of frames that were checked, how many joints in a thousand are wrong; None without joints.

    Args:
        joints: Of each frame, how many were checked.
        wrong: Of each frame, how many were wrong.
        out_of: How many frames the sample was drawn from; None for very many.
        least_effect: The design effect is at least this. Where few frames err, or none, what they
            show of it is too little.
    """
    n, errors = sum(joints), sum(wrong)
    if n == 0:
        return None
    p = errors / n
    frames = len(joints)
    if out_of is not None and out_of <= frames:
        return ErrorRate(*(round(1000 * p, 2),) * 3)
    effective = n / max(least_effect, _design_effect(joints, wrong, p))
    if out_of is not None:
        effective *= (out_of - 1) / (out_of - frames)
    z2 = Z95 * Z95
    centre = (p + z2 / (2 * effective)) / (1 + z2 / effective)
    spread = p * (1 - p) / effective + z2 / (4 * effective * effective)
    half = Z95 * math.sqrt(spread) / (1 + z2 / effective)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    low = 0.0 if errors == 0 else low
    high = 1.0 if errors == n else high
    return ErrorRate(*(round(1000 * value, 2) for value in (p, low, high)))


def _design_effect(joints: Sequence[int], wrong: Sequence[int], p: float) -> float:
    frames = len(joints)
    if frames < 2 or not 0 < p < 1:
        return 1.0
    residuals = sum((w - p * j) ** 2 for j, w in zip(joints, wrong, strict=True))
    clustered = residuals * frames / (frames - 1) / sum(joints) ** 2
    return max(1.0, clustered / (p * (1 - p) / sum(joints)))
