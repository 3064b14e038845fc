"""Whether a fitted body is one that an infant can have: its length for its age, and its shape.

Lengths are the World Health Organization's Child Growth Standards (2006), length for age up to two
years and height for age after: the medians of girls and boys, and the lower of girls' and the upper
of boys' three standard deviations, outside of which the standards call a length extreme.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

_AGES: Final = (0.0, 3.0, 6.0, 9.0, 12.0, 18.0, 24.0, 30.0, 36.0)
_GIRLS: Final = (0.491, 0.598, 0.657, 0.701, 0.740, 0.807, 0.857, 0.907, 0.951)
_BOYS: Final = (0.499, 0.614, 0.676, 0.720, 0.757, 0.823, 0.871, 0.919, 0.961)
_SPREAD_GIRLS: Final = (0.0186, 0.0211, 0.0227, 0.0243, 0.0258, 0.0291, 0.0321, 0.0352, 0.0380)
_SPREAD_BOYS: Final = (0.0189, 0.0204, 0.0212, 0.0226, 0.0238, 0.0270, 0.0305, 0.0340, 0.0374)

OLDEST_MONTHS: Final = 36.0
EXTREME: Final = 3.0
"""Standard deviations: of lengths by the standards, and of the body's own shape numbers."""


def length_range(age_months: float) -> tuple[float, float, float]:
    """Shortest, usual and longest length in metres at an age of 0 to 36 months."""
    age = float(np.clip(age_months, 0.0, OLDEST_MONTHS))
    girls, boys = np.interp(age, _AGES, _GIRLS), np.interp(age, _AGES, _BOYS)
    low = girls - EXTREME * np.interp(age, _AGES, _SPREAD_GIRLS)
    high = boys + EXTREME * np.interp(age, _AGES, _SPREAD_BOYS)
    return float(low), float((girls + boys) / 2), float(high)


def unusual_body(
    length_m: float, betas: Sequence[float], age_months: float | None = None
) -> list[str]:
    """What about a fitted body no infant has, or few have, in words; nothing where it is usual.

    Args:
        length_m: Crown to sole.
        betas: Shape, in standard deviations of the body model.
        age_months: Of the infant, where it is known.
    """
    found = []
    if age_months is not None and age_months > OLDEST_MONTHS:
        found.append(
            f"The infant is {age_months:.0f} months old: bodies are made for 0 to"
            f" {OLDEST_MONTHS:.0f} months."
        )
    elif age_months is not None:
        low, usual, high = length_range(age_months)
        if not low <= length_m <= high:
            found.append(
                f"{100 * length_m:.0f} cm is unusual at an age of {age_months:.0f} months, when"
                f" infants are {100 * low:.0f} to {100 * high:.0f} cm long (usually"
                f" {100 * usual:.0f}): is the calibration’s scale right?"
            )
    if age_months is None or age_months > OLDEST_MONTHS:
        low, high = length_range(0.0)[0], length_range(OLDEST_MONTHS)[2]
        if not low <= length_m <= high:
            found.append(
                f"{100 * length_m:.0f} cm is outside of what infants of 0 to 36 months measure"
                f" ({100 * low:.0f} to {100 * high:.0f} cm): is the calibration’s scale right?"
            )
    far = [i + 1 for i, beta in enumerate(betas) if abs(beta) > EXTREME]
    if far:
        found.append(
            "The shape lies at the edge of the infants that the body model knows (number"
            f" {', '.join(map(str, far))} beyond {EXTREME:g} standard deviations): its joints may"
            " be off."
        )
    return found
