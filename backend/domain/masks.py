"""Binary masks: run-length encoding, area, rectangle, and the removal of specks and holes.

The encoding is COCO's: run lengths in column-major order starting with zeros, as text
(``mask_texts``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypedDict

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.estimates import BoxXYWH
from backend.domain.mask_texts import compress, decompress

BoolMask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SPECK_PIXELS: Final = 50
"""Islands and holes smaller than this are noise of the segmenter, not the infant."""

MAX_PIXELS: Final = 1 << 28
"""Largest mask that is read from outside."""


class Rle(TypedDict):
    """A mask as COCO files hold it: ``size`` is [height, width], ``counts`` the compressed runs."""

    size: list[int]
    counts: str


def encode(mask: BoolMask) -> Rle:
    """Compress a mask.

    Args:
        mask: (height, width) bool.
    """
    height, width = mask.shape
    flat = np.ascontiguousarray(mask.T).reshape(-1)
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    edges = np.concatenate([[0], changes, [flat.size]])
    counts = np.diff(edges)
    if flat.size and flat[0]:
        counts = np.concatenate([[0], counts])
    return Rle(size=[height, width], counts=compress(counts))


def decode(rle: Rle) -> BoolMask:
    """The (height, width) bool mask.

    Raises:
        InvalidInput: the text is not compressed runs, or they do not add up to the size.
    """
    height, width = rle["size"]
    counts = run_lengths(rle)
    values = np.zeros(counts.size, dtype=bool)
    values[1::2] = True
    return np.ascontiguousarray(np.repeat(values, counts).reshape(width, height).T)


def run_lengths(rle: Rle) -> Ints:
    """The lengths of the runs in column-major order, zeros first.

    Raises:
        InvalidInput: the text is not compressed runs, or they do not add up to the size.
    """
    height, width = rle["size"]
    counts = decompress(rle["counts"])
    if int(counts.sum()) != height * width:
        raise InvalidInput(
            f"The mask's runs do not add up to {width} × {height} pixels.", fault="mask runs"
        )
    return counts


def checked(value: Any) -> Rle:
    """Read a mask from outside, for example out of a JSON file.

    Raises:
        InvalidInput: not a compressed mask, or one whose runs do not fit its size.
    """
    if not (
        isinstance(value, dict)
        and isinstance(value.get("counts"), str)
        and isinstance(value.get("size"), (list, tuple))
        and len(value["size"]) == 2
        and all(isinstance(side, int) and side > 0 for side in value["size"])
        and value["size"][0] * value["size"][1] <= MAX_PIXELS
    ):
        raise InvalidInput(
            "A mask needs “size” (height, width) and “counts” (compressed runs).", fault="mask"
        )
    rle = Rle(size=list(value["size"]), counts=value["counts"])
    run_lengths(rle)
    return rle


def area(rle: Rle) -> int:
    """Pixels inside the mask."""
    return int(run_lengths(rle)[1::2].sum())


def rectangle(rle: Rle) -> BoxXYWH | None:
    """The smallest rectangle around the mask, None if it is empty; no pixel is unpacked."""
    height, _ = rle["size"]
    counts = run_lengths(rle)
    ends = np.cumsum(counts)[1::2]
    lengths = counts[1::2]
    starts, last = (ends - lengths)[lengths > 0], ends[lengths > 0] - 1
    if starts.size == 0:
        return None
    first_column, last_column = int(starts[0] // height), int(last[-1] // height)
    # A run that goes on into the next column touches the bottom of one and the top of the other.
    wraps = starts // height != last // height
    top = 0 if wraps.any() else int((starts % height).min())
    bottom = height - 1 if wraps.any() else int((last % height).max())
    return (
        float(first_column),
        float(top),
        float(last_column - first_column + 1),
        float(bottom - top + 1),
    )


def outside_by(rle: Rle, points: Floats) -> Floats:
    """(N,) pixels from each point to the mask, 0 inside; NaN for an empty mask or point.

    Args:
        rle: The mask; no pixel is unpacked.
        points: (N, 2) x, y.
    """
    height, _ = rle["size"]
    counts = run_lengths(rle)
    ends = np.cumsum(counts)[1::2]
    starts = ends - counts[1::2]
    starts, ends = starts[ends > starts], ends[ends > starts]
    if not starts.size:
        return np.full(len(points), np.nan)
    # A run that goes on through several columns is one run in each of them.
    first, last = starts // height, (ends - 1) // height
    many = last - first + 1
    column = np.repeat(first, many) + (
        np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    )
    top = np.where(column == np.repeat(first, many), np.repeat(starts % height, many), 0)
    bottom = np.where(
        column == np.repeat(last, many), np.repeat((ends - 1) % height + 1, many), height
    )
    out = np.full(len(points), np.nan)
    for i, (x, y) in enumerate(points):
        if np.isfinite(x) and np.isfinite(y):
            dx = np.maximum(np.maximum(column - x, x - column - 1), 0.0)
            dy = np.maximum(np.maximum(top - y, y - bottom), 0.0)
            out[i] = np.sqrt((dx * dx + dy * dy).min())
    return out


def mask_rectangle(mask: BoolMask) -> BoxXYWH | None:
    """The smallest rectangle around a mask that is not compressed, None if it is empty."""
    columns = np.flatnonzero(mask.any(axis=0))
    if columns.size == 0:
        return None
    rows = np.flatnonzero(mask.any(axis=1))
    return (
        float(columns[0]),
        float(rows[0]),
        float(columns[-1] - columns[0] + 1),
        float(rows[-1] - rows[0] + 1),
    )


def cleaned(mask: BoolMask, smallest: int = SPECK_PIXELS) -> BoolMask:
    """Remove islands and fill holes of fewer than ``smallest`` pixels.

    Island pixels hang together also over corners, hole pixels only over edges, so that the two are
    each other's complement. Background that touches the border is no hole. Where all islands are
    small, the largest stays: an infant far away is not noise.
    """
    islands = _components(mask, corners=True)
    if islands.count:
        big = islands.areas >= smallest
        big[int(islands.areas.argmax())] = True
        mask = islands.paint(big)
    holes = _components(~mask, corners=False)
    if holes.count:
        small = (holes.areas < smallest) & ~holes.on_border
        mask = mask | holes.paint(small)
    return mask


@dataclass(frozen=True, slots=True)
class _Components:
    """Connected components as horizontal runs.

    Attributes:
        shape: Height and width.
        rows, starts, stops: (R,) one horizontal run each.
        labels: (R,) the component of each run, from 0.
        areas: (C,) pixels of each component.
        on_border: (C,) whether it touches the image's border.
    """

    shape: tuple[int, int]
    rows: Ints
    starts: Ints
    stops: Ints
    labels: Ints
    areas: Ints
    on_border: BoolMask

    @property
    def count(self) -> int:
        return int(self.areas.size)

    def paint(self, chosen: BoolMask) -> BoolMask:
        """The mask of the chosen components. ``chosen`` is (C,) bool."""
        height, width = self.shape
        picked = chosen[self.labels]
        # +1 where a run starts and -1 where it stops; the running sum is the mask.
        steps = np.zeros((height, width + 1), dtype=np.int8)
        steps[self.rows[picked], self.starts[picked]] += 1
        steps[self.rows[picked], self.stops[picked]] -= 1
        return np.cumsum(steps, axis=1, dtype=np.int8)[:, :width].astype(bool)


def _components(mask: BoolMask, corners: bool) -> _Components:
    """Find connected components by joining horizontal runs; loops over neither pixels nor runs."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), dtype=np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    stops = np.nonzero(steps == -1)[1]
    labels = np.arange(rows.size)
    above, below = _touching_runs(rows, starts, stops, height, width, 1 if corners else 0)
    while True:
        # Every run takes the least label among those it touches; then labels follow labels.
        lowest = labels.copy()
        np.minimum.at(lowest, labels[above], labels[below])
        np.minimum.at(lowest, labels[below], labels[above])
        following = lowest[labels]
        while not np.array_equal(following, following[following]):
            following = following[following]
        if np.array_equal(following, labels):
            break
        labels = following
    _, labels = np.unique(labels, return_inverse=True)
    count = int(labels.max()) + 1 if labels.size else 0
    areas = np.bincount(labels, weights=stops - starts, minlength=count).astype(np.int64)
    edge = (rows == 0) | (rows == height - 1) | (starts == 0) | (stops == width)
    on_border = np.bincount(labels, weights=edge, minlength=count) > 0
    return _Components((height, width), rows, starts, stops, labels, areas, on_border)


def _touching_runs(
    rows: Ints, starts: Ints, stops: Ints, height: int, width: int, reach: int
) -> tuple[Ints, Ints]:
    """Pairs of runs (above, below) in neighbouring rows that touch.

    A run in the row above touches [start, stop) if its own stop > start − reach and its own
    start < stop + reach. Runs are sorted by row and place, so those are one contiguous stretch.
    """
    stride = width + 4
    row_above = (rows - 1) * stride
    first = np.searchsorted(rows * stride + stops, row_above + starts - reach, side="right")
    last = np.searchsorted(rows * stride + starts, row_above + stops + reach, side="left")
    amount = np.where(rows > 0, np.maximum(last - first, 0), 0)
    below = np.repeat(np.arange(rows.size), amount)
    offset = np.arange(below.size) - np.repeat(np.cumsum(amount) - amount, amount)
    return np.repeat(first, amount) + offset, below
