"""What is divided: recordings with their infant and videos, and what is known of their frames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

Key = int | str
"""An id of a recording or of an infant: a row's number, or a name."""

UNKNOWN: Final = "unknown"
"""The group of what nobody told."""

AGE_BOUNDS_MONTHS: Final = (3, 6, 9, 12, 18)
"""Lower bounds of the age groups after the first, in months. An infant's movements change most in
the first year, hence its quarters; InfantNet's infants are 6 to 18 months old."""


class LinkReason(StrEnum):
    """Why two recordings belong together beside infant and video."""

    NEAR_DUPLICATE = "near_duplicate"
    SAME_FILE = "same_file"


@dataclass(frozen=True, slots=True)
class SplitUnit:
    """A recording session, the smallest thing that is divided.

    Attributes:
        recording: Its id.
        infant: Id or pseudonym of its infant.
        videos: What was filmed in it, by content or origin: the same video imported into two
            recordings has the same name in both. File names alone are none: cameras count anew.
        source: Such as ``youtube``; target shares are set by source.
        frames: How many of its frames are divided.
        age_months: Of the infant in this recording; None where nobody told.
        sex: Of the infant; None where nobody told.
        postures: Frames by posture.
    """

    recording: Key
    infant: Key
    videos: frozenset[str] = frozenset()
    source: str = "other"
    frames: int = 0
    age_months: float | None = None
    sex: str | None = None
    postures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """Two recordings that belong together although infant and videos do not say so.

    Attributes:
        first: A recording.
        second: Another one.
        reason: Why.
        count: Pairs of near-duplicate images, or files that are the same.
    """

    first: Key
    second: Key
    reason: LinkReason
    count: int = 1


def order_of(key: Key) -> tuple[bool, int, str]:
    """An order of ids that is the same everywhere: numbers by value, then names by code point."""
    return (False, key, "") if isinstance(key, int) else (True, 0, key)


def in_order(keys: Iterable[Key]) -> tuple[Key, ...]:
    """Different ids, sorted."""
    return tuple(sorted(set(keys), key=order_of))


def age_groups() -> dict[str, tuple[float, float]]:
    """The age groups, such as ``6 to 9 months``, each with its first age and the next's."""
    found: dict[str, tuple[float, float]] = {}
    below: float = 0
    for bound in AGE_BOUNDS_MONTHS:
        found[f"{below} to {bound} months"] = (below, bound)
        below = bound
    return found | {f"{below} months and older": (below, math.inf)}


def age_group(age_months: float | None) -> str:
    """Name of the age group."""
    if age_months is None:
        return UNKNOWN
    return next(name for name, (_, bound) in age_groups().items() if age_months < bound)
