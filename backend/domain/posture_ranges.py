"""Postures over time: ranges of moments, painted over each other like strokes of a brush.

A recording's ranges never overlap and are kept as few as they can be: neighbours that say the same,
said by the same person in the same way, are one. All cameras show the same body, so a range holds
for every camera's frames of its moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from backend.domain.errors import InvalidInput
from backend.domain.postures import PostureLabel

MAX_STROKES: Final = 2000
"""Strokes of one act: as many as a long recording may have proposals."""


class PostureOrigin(StrEnum):
    """How a person came to say it."""

    PLACED = "placed"
    """Chosen by hand."""
    PROPOSED = "proposed"
    """Proposed from the body's pose and taken by a person."""
    IMPORTED = "imported"
    """Read from a file."""


@dataclass(frozen=True, slots=True, order=True)
class Stroke:
    """Moments to which one label is given, or from which it is taken.

    Attributes:
        first: Index of the first moment.
        last: Index of the last one, itself included.
        label: What holds there; None takes away what lay there.
        origin: How it came about.
    """

    first: int
    last: int
    label: PostureLabel | None
    origin: PostureOrigin = PostureOrigin.PLACED

    def touches(self, other: Stroke) -> bool:
        """Whether the two have a moment in common."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class PostureRange:
    """Moments of one posture.

    Attributes:
        first: Index of the first moment.
        last: Index of the last one, itself included.
        label: What holds there.
        origin: How it came about.
        author: Who said so; an id.
        round: In which round.
    """

    first: int
    last: int
    label: PostureLabel
    origin: PostureOrigin = PostureOrigin.PLACED
    author: int | None = None
    round: int = 1

    def says_the_same(self, other: PostureRange) -> bool:
        """Whether both are one where they lie side by side."""
        mine = (self.label, self.origin, self.author, self.round)
        return mine == (other.label, other.origin, other.author, other.round)


def check_strokes(strokes: Sequence[Stroke], moments: int) -> None:
    """Refuse strokes that cannot be painted.

    Args:
        strokes: What a person wants.
        moments: How many the recording has.

    Raises:
        InvalidInput: none, too many, or one that lies outside of the recording or ends before it
            begins.
    """
    if not strokes:
        raise InvalidInput("Nothing is to be painted.")
    if len(strokes) > MAX_STROKES:
        raise InvalidInput(f"{len(strokes):,} ranges at once; {MAX_STROKES:,} are the most.")
    for stroke in strokes:
        if stroke.last < stroke.first:
            raise InvalidInput(
                f"A range ends at moment {stroke.last + 1}, before it begins at {stroke.first + 1}."
            )
        if stroke.first < 0 or stroke.last >= moments:
            raise InvalidInput(
                f"Moments {stroke.first + 1} to {stroke.last + 1} are not all in the recording,"
                f" which has {moments:,}."
            )


def paint(
    ranges: Iterable[PostureRange],
    strokes: Iterable[Stroke],
    *,
    author: int | None = None,
    round_number: int = 1,
) -> tuple[PostureRange, ...]:
    """Paint strokes over ranges, one after the other: what lay there is cut, split or replaced.

    Args:
        ranges: In order of time, none over another.
        strokes: The later ones lie above.
        author: Who paints.
        round_number: In which round.

    Returns:
        Ranges in order of time, none over another, equal neighbours made one.
    """
    found = list(ranges)
    for stroke in strokes:
        found = [part for old in found for part in _without(old, stroke)]
        if stroke.label is not None:
            new = PostureRange(
                stroke.first, stroke.last, stroke.label, stroke.origin, author, round_number
            )
            found.append(new)
    return merged(found)


def _without(old: PostureRange, stroke: Stroke) -> list[PostureRange]:
    """What of a range is left beside a stroke: all of it, one or both ends, or nothing."""
    if old.last < stroke.first or stroke.last < old.first:
        return [old]
    left = [replace(old, last=stroke.first - 1)] if old.first < stroke.first else []
    right = [replace(old, first=stroke.last + 1)] if old.last > stroke.last else []
    return left + right


def merged(ranges: Iterable[PostureRange]) -> tuple[PostureRange, ...]:
    """Ranges in order of time, equal neighbours made one."""
    found: list[PostureRange] = []
    for part in sorted(ranges, key=lambda r: r.first):
        if found and found[-1].last + 1 == part.first and found[-1].says_the_same(part):
            found[-1] = replace(found[-1], last=part.last)
        else:
            found.append(part)
    return tuple(found)


def beneath(ranges: Iterable[PostureRange], first: int, last: int) -> list[Stroke]:
    """What lies within moments, gaps included: painted later, it leads back to the labels of now.

    Args:
        ranges: In order of time, none over another.
        first: Index of the first moment.
        last: Index of the last one, itself included.
    """
    found: list[Stroke] = []
    at = first
    for part in ranges:
        if part.last < first or part.first > last:
            continue
        begin, end = max(part.first, first), min(part.last, last)
        if begin > at:
            found.append(Stroke(at, begin - 1, None))
        found.append(Stroke(begin, end, part.label, part.origin))
        at = end + 1
    if at <= last:
        found.append(Stroke(at, last, None))
    return found


def runs_until(ranges: Iterable[PostureRange], start: int, moments: int) -> int:
    """The last moment of a posture that begins now: as far as the next change.

    Within a range that is its end; in a gap it is the moment before the next range, or the
    recording's last one.
    """
    for part in ranges:
        if part.first <= start <= part.last:
            return part.last
        if part.first > start:
            return part.first - 1
    return moments - 1


def covered(ranges: Iterable[PostureRange]) -> int:
    """How many moments have a label."""
    return sum(part.last - part.first + 1 for part in ranges)


def named(ranges: Iterable[PostureRange]) -> int:
    """How many moments have a posture, and not only its group."""
    return sum(part.last - part.first + 1 for part in ranges if part.label.posture is not None)
