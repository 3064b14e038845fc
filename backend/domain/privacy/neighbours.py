"""People who were found just before or after an image of the same camera, and not in it.

A model that misses somebody in one frame of a video finds them in the next. Their head is masked in
between as well, where it was beside; a person looks at such images first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from backend.domain.boxes import Box

NEAR_S: Final = 2.0
"""Seconds between two frames within which somebody is expected to be still there."""

COUNTERPART: Final = 0.1
"""Overlap (intersection over union) of two boxes that may be the same person."""


def missing_people(here: Sequence[Box], near: Sequence[Box]) -> list[int]:
    """Of the people of a neighbouring frame, those who have no counterpart here.

    Nobody is missing while there are as many people here as there: who moved is at another place.

    Args:
        here: Boxes of everybody in the image, pixels.
        near: Boxes of everybody in the frame beside it.

    Returns:
        Indices into ``near``, in order.
    """
    lacking = len(near) - len(here)
    if lacking <= 0:
        return []
    best = [max((_overlap(box, other) for other in here), default=0.0) for box in near]
    loneliest = sorted(range(len(near)), key=lambda i: (best[i], i))[:lacking]
    return sorted(i for i in loneliest if best[i] < COUNTERPART)


def counterparts(a: Box, b: Box) -> bool:
    """Whether two boxes may be the same person."""
    return _overlap(a, b) >= COUNTERPART


def _overlap(a: Box, b: Box) -> float:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a.width * a.height + b.width * b.height - shared)
