"""Outlines (polygons) as masks, pixel for pixel as pycocotools fills them.

Outline coordinates are continuous edges, as inside of the product and in COCO alike. Source:
cocoapi, ``maskApi.c``, ``rleFrPoly``: corners are rounded to a fifth of a pixel, the boundary is
walked in steps of a fifth, and where it crosses the middle of a column the fill changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.masks import BoolMask, Ints

Outline = Sequence[float]
"""x1, y1, x2, y2, …, at least three corners."""

_FINE: Final = 5
MAX_STEPS: Final = 20_000_000
"""Longest boundary that is walked: an outline that runs far beyond every image is refused."""


def mask_of(outlines: Sequence[Outline], width: int, height: int) -> BoolMask:
    """The pixels inside any of the outlines.

    Args:
        outlines: Each x1, y1, x2, y2, … in image pixels.
        width: Of the image, pixels.
        height: Of the image, pixels.

    Returns:
        (height, width) bool.

    Raises:
        InvalidInput: an outline has fewer than three corners, a number that is not finite, or runs
            too far beyond the image.
    """
    flat = np.zeros(width * height, dtype=bool)
    for outline in outlines:
        flat |= _filled(outline, width, height)
    return np.ascontiguousarray(flat.reshape(width, height).T)


def rectangle_of(box: Box) -> list[float]:
    """The outline of a box, from its top-left corner clockwise."""
    x0, y0, x1, y1 = box.x, box.y, box.x + box.width, box.y + box.height
    return [x0, y0, x1, y0, x1, y1, x0, y1]


def check_outlines(outlines: Sequence[Outline]) -> None:
    """Look whether outlines can be filled, without filling them.

    Raises:
        InvalidInput: as :func:`mask_of`.
    """
    for outline in outlines:
        _reach(_corners(outline))


def _filled(outline: Outline, width: int, height: int) -> NDArray[np.bool_]:
    """(width · height,) bool, column by column."""
    u, v = _boundary(_corners(outline))
    crossing = np.flatnonzero(u[1:] != u[:-1])
    before, after = crossing, crossing + 1
    x = (np.where(u[after] < u[before], u[after], u[after] - 1) + 0.5) / _FINE - 0.5
    y = (np.minimum(v[before], v[after]) + 0.5) / _FINE - 0.5
    in_image = (np.floor(x) == x) & (x >= 0) & (x <= width - 1)
    columns = x[in_image].astype(np.int64)
    rows = np.ceil(np.clip(y[in_image], 0, height)).astype(np.int64)
    # Each crossing changes the fill from there on; two at one place change nothing.
    changes = np.bincount(columns * height + rows, minlength=width * height + 1)
    filled: NDArray[np.bool_] = (np.cumsum(changes[:-1]) % 2).astype(bool)
    return filled


def _corners(outline: Outline) -> Ints:
    """(N, 2) in fifths of a pixel."""
    corners = np.asarray(outline, dtype=np.float64)
    if corners.ndim != 1 or corners.size < 6 or corners.size % 2:
        raise InvalidInput("An outline needs at least three corners.", fault="outline")
    if not np.isfinite(corners).all():
        raise InvalidInput("An outline needs finite numbers.", fault="outline")
    if np.abs(corners).max() > 1e8:
        raise InvalidInput("An outline runs far beyond its image.", fault="outline")
    fine: Ints = np.trunc(_FINE * corners + 0.5).astype(np.int64).reshape(-1, 2)
    return fine


def _reach(corners: Ints) -> Ints:
    """How far each side runs in x and y (N, 2), in fifths of a pixel."""
    reach: Ints = np.abs(np.roll(corners, -1, axis=0) - corners)
    if int(reach.max(axis=1).sum()) > MAX_STEPS:
        raise InvalidInput("An outline runs far beyond its image.", fault="outline")
    return reach


def _boundary(corners: Ints) -> tuple[Ints, Ints]:
    """All points of the closed boundary (M,), (M,) in fifths of a pixel, corners twice."""
    start, end = corners, np.roll(corners, -1, axis=0)
    reach = _reach(corners)
    steps = reach.max(axis=1)
    # Each side is walked upwards along its longer axis, whichever way it runs, so that two shapes
    # that share a side share its points.
    along_x = reach[:, 0] >= reach[:, 1]
    axis = np.where(along_x, 0, 1)
    sides = np.arange(len(corners))
    flip = start[sides, axis] > end[sides, axis]
    low = np.where(flip[:, None], end, start)
    high = np.where(flip[:, None], start, end)
    other = 1 - axis
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(steps > 0, (high - low)[sides, other] / steps, 0.0)
    counts = steps + 1
    side = np.repeat(sides, counts)
    step = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    t = np.where(flip[side], steps[side] - step, step)
    major = low[sides, axis][side] + t
    minor = np.trunc(low[sides, other][side] + slope[side] * t + 0.5).astype(np.int64)
    return np.where(along_x[side], major, minor), np.where(along_x[side], minor, major)
