"""The box rule: the smallest rectangle around mask ∪ occluded joints, clipped to the image.

Source: InfantNet, bounding box generation: boxes cover the infant's visible surface (the mask) and
the joints that annotators placed under an occluder.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Skeleton, Visibility


class BoxOrigin(StrEnum):
    """Who drew a box."""

    MODEL = "model"
    HUMAN = "human"
    IMPORTED = "imported"


class BoxStatus(StrEnum):
    """Where a box stands in the second review."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    SENT_BACK = "sent_back"


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, width, height in image pixels. Width and height are positive."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if not (
            math.isfinite(self.x)
            and math.isfinite(self.y)
            and math.isfinite(self.width)
            and math.isfinite(self.height)
        ):
            raise InvalidInput("A box needs four finite numbers.")
        if self.width <= 0 or self.height <= 0:
            raise InvalidInput("A box needs a positive width and height.")

    def clipped(self, width: int, height: int) -> Box:
        """The part of the box inside an image of the given size in pixels.

        Raises:
            InvalidInput: the box lies outside the image.
        """
        x0, y0 = max(0.0, self.x), max(0.0, self.y)
        x1, y1 = min(float(width), self.x + self.width), min(float(height), self.y + self.height)
        if x1 <= x0 or y1 <= y0:
            raise InvalidInput("The box lies outside the image.")
        return Box(x0, y0, x1 - x0, y1 - y0)

    def contains(self, x: float, y: float, tolerance: float = 1e-6) -> bool:
        """Whether a point lies in the box, borders included."""
        return (
            self.x - tolerance <= x <= self.x + self.width + tolerance
            and self.y - tolerance <= y <= self.y + self.height + tolerance
        )


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box in a frame's document: where it is, what it belongs to, what the inspector says of it.

    Attributes:
        box: Image pixels.
        made_from: The joints that it was drawn around.
        status: Where it stands in the second review.
    """

    box: Box
    made_from: Skeleton
    status: BoxStatus = BoxStatus.PROPOSED


def infant_box(mask: NDArray[np.bool_] | None, skeleton: Skeleton, width: int, height: int) -> Box:
    """The infant's box from its mask and joints.

    Mask pixel (row r, column c) covers x from c to c + 1 and y from r to r + 1. Where there is no
    mask, or it is empty, the visible joints stand in for it.

    Args:
        mask: (height, width) bool, or None.
        skeleton: The frame's joints.
        width: Image width in pixels.
        height: Image height in pixels.

    Raises:
        InvalidInput: neither a mask nor a joint inside the image to draw a box around.
    """
    xs: list[float] = []
    ys: list[float] = []
    has_mask = mask is not None and bool(mask.any())
    if mask is not None and has_mask:
        rows = np.flatnonzero(mask.any(axis=1))
        columns = np.flatnonzero(mask.any(axis=0))
        xs += [float(columns[0]), float(columns[-1] + 1)]
        ys += [float(rows[0]), float(rows[-1] + 1)]
    for joint in skeleton.joints:
        counts = joint.visibility is Visibility.OCCLUDED or (joint.present and not has_mask)
        if counts:
            xs.append(min(max(joint.x, 0.0), float(width)))
            ys.append(min(max(joint.y, 0.0), float(height)))
    if not xs:
        raise InvalidInput("No mask and no joint: there is nothing to draw a box around.")
    x0, x1 = _seen(min(xs), max(xs), width)
    y0, y1 = _seen(min(ys), max(ys), height)
    return Box(x0, y0, x1 - x0, y1 - y0)


def _seen(low: float, high: float, size: int) -> tuple[float, float]:
    """At least a pixel of ``size`` around what spans less: a box that can be seen and dragged."""
    if high - low >= 1:
        return low, high
    begin = min(max((low + high - 1) / 2, 0.0), max(size - 1.0, 0.0))
    return min(begin, low), max(min(begin + 1, float(size)), high)


def is_usable(*, stale: bool, sent_back: bool) -> bool:
    """Whether a box may leave the house, or lend its mask to a body fit.

    Args:
        stale: Whether the joints changed since it was made.
        sent_back: Whether the inspector refused it.
    """
    return not stale and not sent_back


def awaits_decision(*, flagged: bool, decided: bool) -> bool:
    """Whether a recording cannot be approved because a person must look at its box first.

    A box is flagged where mask and joints disagree. Approving the rest leaves it out on purpose, so
    it needs a decision of its own; a proposed box without a flag needs none.

    Args:
        flagged: Whether the box is doubtful.
        decided: Whether the inspector approved it or sent it back.
    """
    return flagged and not decided
