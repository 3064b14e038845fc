"""Which masked images a person is asked to look at.

Uncertain frames are many where infants lie face down; a sample that was drawn evenly would show few
of what fails most often. Frames are drawn by stratum, weak ones more often, and each stratum says
how many it has, so that what is found can be reckoned back to all.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.errors import InvalidInput
from backend.domain.privacy.check import FrameCheck
from backend.domain.privacy.faces import Ground


class Stratum(StrEnum):
    """Frames that are sampled alike, the weakest first."""

    FAILED = "failed"
    """The check failed."""

    DOUBTFUL = "doubtful"
    """Some region has a doubt, or stands on a whole person or image."""

    SHOULDERS = "shoulders"
    FEW_FACE_JOINTS = "few_face_joints"
    FITTED_HEAD = "fitted_head"
    FACE_JOINTS = "face_joints"

    NOBODY = "nobody"
    """Nobody is known to be in the image, and nothing is masked."""


WEIGHTS: Final[Mapping[Stratum, float]] = {
    Stratum.FAILED: 16,
    Stratum.DOUBTFUL: 16,
    Stratum.SHOULDERS: 8,
    Stratum.FEW_FACE_JOINTS: 4,
    Stratum.FITTED_HEAD: 2,
    Stratum.FACE_JOINTS: 1,
    Stratum.NOBODY: 4,
}
"""How much more often a frame is drawn than one that stands on the joints of its faces."""

MIN_EACH: Final = 5
"""Frames of each stratum that are drawn at least, where it has as many and the sample has room."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample of one stratum.

    Attributes:
        stratum: Which.
        keys: The frames drawn, in an order that is the sample's own.
        of: How many frames the stratum has.
    """

    stratum: Stratum
    keys: tuple[str, ...]
    of: int


def stratum_of(check: FrameCheck) -> Stratum:
    """Where a frame belongs."""
    if not check.passed:
        return Stratum.FAILED
    if check.weakest is None:
        return Stratum.NOBODY
    if check.doubts or check.weakest in (Ground.WHOLE_PERSON, Ground.WHOLE_IMAGE):
        return Stratum.DOUBTFUL
    return Stratum(check.weakest.value)


def draw(frames: Iterable[tuple[str, Stratum]], size: int, seed: int) -> list[Drawn]:
    """Draw frames for a person to confirm.

    The same frames and seed give the same sample, in whatever order the frames come; a larger
    sample of a stratum holds the smaller one.

    Args:
        frames: Key of each frame, unique, and its stratum.
        size: How many frames at most.
        seed: Any number.

    Returns:
        Each stratum that has frames, weakest first.

    Raises:
        InvalidInput: a negative size, or a key that comes twice.
    """
    if size < 0:
        raise InvalidInput(f"A sample of {size} frames cannot be drawn.")
    members: dict[Stratum, list[str]] = defaultdict(list)
    known: set[str] = set()
    for key, stratum in frames:
        if key in known:
            raise InvalidInput(f"The frame {key} comes twice.", frame=key)
        known.add(key)
        members[stratum].append(key)
    present = [stratum for stratum in Stratum if members[stratum]]
    amounts = _amounts([len(members[s]) for s in present], [WEIGHTS[s] for s in present], size)
    return [
        Drawn(s, tuple(sorted(members[s], key=lambda key: _place(seed, key))[:n]), len(members[s]))
        for s, n in zip(present, amounts, strict=True)
    ]


def _amounts(counts: Sequence[int], weights: Sequence[float], size: int) -> list[int]:
    """How many of each stratum: MIN_EACH first, then by count and weight."""
    amounts = [0] * len(counts)
    left = min(size, sum(counts))
    for _ in range(MIN_EACH):
        for i, count in enumerate(counts):
            if left and amounts[i] < count:
                amounts[i] += 1
                left -= 1
    while left:
        free = [i for i, count in enumerate(counts) if amounts[i] < count]
        total = sum(weights[i] * counts[i] for i in free)
        shares = {i: left * weights[i] * counts[i] / total for i in free}
        given = {i: min(int(shares[i]), counts[i] - amounts[i]) for i in free}
        if not any(given.values()):
            # Less than one each: the largest remainders, weakest first where they are equal.
            for i in sorted(free, key=lambda i: -shares[i])[:left]:
                given[i] = 1
        for i, number in given.items():
            amounts[i] += number
            left -= number
    return amounts


def _place(seed: int, key: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{key}".encode()).digest()
