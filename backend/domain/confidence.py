"""How sure an answer is, as a number and in words.

A confidence is the chance that a clock is right within half a frame of the slower camera, over the
whole recording. It is calibrated: of the answers called sure, at least 99 of 100 are
(``docs/synchronisation.md``, *Measured*).
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

SURE: Final = 0.99
LIKELY: Final = 0.7
DOUBTFUL: Final = 0.3
NOT_SURE: Final = 0.98
"""The most that anything has that is not to be called sure."""
CONTRADICTED: Final = 0.5
"""The most that a method has that another one, which may well be right, contradicts."""


class Trust(StrEnum):
    """A confidence in a word."""

    SURE = "sure"
    LIKELY = "likely"
    DOUBTFUL = "doubtful"
    GUESS = "guess"


def trust_of(confidence: float) -> Trust:
    """The word for a confidence."""
    if confidence >= SURE:
        return Trust.SURE
    if confidence >= LIKELY:
        return Trust.LIKELY
    return Trust.DOUBTFUL if confidence >= DOUBTFUL else Trust.GUESS


def rounded(confidence: float, digits: int = 3) -> float:
    """Rounded down: no answer becomes sure by rounding."""
    scale = 10.0**digits
    return math.floor(min(max(confidence, 0.0), 1.0) * scale + 1e-9) / scale


def supported(first: float, second: float, by_chance: float) -> float:
    """Confidence in an answer that two independent methods give.

    Bayes' rule: either both are right, or both are wrong and agree by chance.

    Args:
        first: Confidence of one.
        second: Of the other.
        by_chance: How often two wrong answers agree.
    """
    right = first * second
    wrong = (1 - first) * (1 - second) * by_chance
    return right / (right + wrong) if right + wrong > 0 else 0.0


def contradicted(mine: float, other: float) -> float:
    """Confidence in an answer that another method contradicts: at most one of them is right."""
    right = mine * (1 - other)
    rest = other * (1 - mine) + (1 - mine) * (1 - other)
    return right / (right + rest) if right + rest > 0 else 0.0
