"""Parts of a long recording: ranges of moments, each of one person, joined for inspection.

A part is a range of moments with all their cameras, so that whoever corrects a moment sees it from
everywhere. The parts of a recording lie side by side and cover it. Each is submitted by itself; the
recording goes to inspection when all are in, and only those parts come back in which something is
to be revised.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from backend.domain.errors import InvalidInput

MAX_PARTS: Final = 50
MIN_PART_MOMENTS: Final = 1


@dataclass(frozen=True, slots=True)
class Part:
    """Moments ``first`` to ``last``, both included, counted from 0."""

    first: int
    last: int

    def holds(self, moment: int) -> bool:
        """Whether a moment belongs to it."""
        return self.first <= moment <= self.last

    def __len__(self) -> int:
        """How many moments it has."""
        return self.last - self.first + 1


def cut(moments: int, parts: int) -> list[Part]:
    """Parts of nearly equal length that cover all moments in order.

    Raises:
        InvalidInput: fewer than two parts, too many, or more than there are moments.
    """
    if not 2 <= parts <= MAX_PARTS:
        raise InvalidInput(f"A recording is cut into 2 to {MAX_PARTS} parts, not {parts}.")
    if moments < parts * MIN_PART_MOMENTS:
        raise InvalidInput(f"{moments} moments are too few for {parts} parts.")
    edges = [moments * i // parts for i in range(parts + 1)]
    return [Part(a, b - 1) for a, b in pairwise(edges)]


def check_cover(parts: Sequence[Part], moments: int) -> None:
    """Refuse parts that overlap, leave a gap, or end elsewhere than the recording.

    Raises:
        InvalidInput: with the first moment at which it goes wrong.
    """
    if not 2 <= len(parts) <= MAX_PARTS:
        raise InvalidInput(f"A recording is cut into 2 to {MAX_PARTS} parts, not {len(parts)}.")
    expected = 0
    for number, part in enumerate(parts, 1):
        if part.first != expected:
            raise InvalidInput(
                f"Part {number} begins at moment {part.first + 1}; it must begin at"
                f" {expected + 1}, where the one before ends."
            )
        if part.last < part.first:
            raise InvalidInput(f"Part {number} ends before it begins.")
        expected = part.last + 1
    if expected != moments:
        raise InvalidInput(
            f"The last part ends at moment {expected}; the recording has {moments} moments."
        )


def to_reopen(parts: Sequence[Part], moments_to_revise: Iterable[int]) -> list[int]:
    """Which parts go back to their people when a recording is returned, by place in the sequence.

    Those with a moment to revise; all of them where no moment is named, since a note about the
    whole is for everybody.
    """
    wanted = set(moments_to_revise)
    found = [i for i, part in enumerate(parts) if any(part.holds(moment) for moment in wanted)]
    return found or list(range(len(parts)))
