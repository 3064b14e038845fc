"""Pixels of a head, replaced by so few numbers that no face is left in them; and the proof of it.

All sums are of whole numbers, so that the same pixels come out on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.masks import BoolMask
from backend.domain.privacy.rule import COLOUR_STEP, FILL_LEVEL, MaskingMethod, MaskingRule

Pixels = NDArray[np.unsignedinteger[Any]]
"""(height, width) or (height, width, channels), 8 or 16 bits."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

BLUR_SIGMA: Final = 0.25
"""Of a head's length: standard deviation of a blur, that of its cells included."""

DETAIL: Final = 3.0
"""Root mean square of 255 below which a cell has no detail that could be hidden or shown."""

MAX_LEFT: Final = 0.75
"""Share of a square's own detail that may be found in it again. Unmasked it is 1; what coding and
chance make of it was at most .36 in JPEG files of quality 60 and more, and .58 at 30."""

_WIDEST: Final = 8.0
"""Cells: a blur wider than that is one mean."""

MIN_TILE_PX: Final = 24
"""Sides of the smallest square that is compared: in smaller ones coding looks like detail."""

MIN_TILE_PIXELS: Final = 128
"""Pixels inside that such a square has at least."""


def mask_pixels(image: Pixels, inside: BoolMask, rule: MaskingRule, head_px: float) -> None:
    """Mask part of an image, in place.

    What stands inside afterwards depends on pixels inside alone, and those outside stay.

    Args:
        image: (h, w) or (h, w, channels), the window around the region.
        inside: (h, w) the region's pixels.
        rule: How.
        head_px: Length of the head in pixels.
    """
    if not inside.any():
        return
    top = int(np.iinfo(image.dtype).max)
    if rule.method is MaskingMethod.FILL:
        grey = FILL_LEVEL * (top // 255)
        image[inside] = grey
        if image.ndim == 3 and image.shape[2] == 4:
            image[inside, 3] = top
        return
    rows, columns = inside.shape
    # One cell around all of it is the most there can be; a head may be larger than the image.
    cell = min(rule.cell_px(head_px), max(rows, columns))
    layers = image[..., None] if image.ndim == 2 else image
    sums, counts = _cells(layers, inside, cell)
    if rule.method is MaskingMethod.BLUR:
        # Cells and the drawing between them have a variance of a quarter of a cell's square.
        sigma = min(max(0.5, (BLUR_SIGMA * head_px / cell) ** 2 - 0.25) ** 0.5, _WIDEST)
        sums, counts = _smoothed(sums, sigma), _smoothed(counts[..., None], sigma)[..., 0]
    else:
        sums, counts = _pooled(sums, counts, cell)
    means = _rounded(sums, counts, COLOUR_STEP * (top // 255), top).astype(image.dtype)
    masked = _drawn(means, cell, rule.method, (rows, columns))
    layers[inside] = masked[inside]


def _cells(layers: Pixels, inside: BoolMask, cell: int) -> tuple[Ints, Ints]:
    """Sums (r, c, channels) and numbers (r, c) of the pixels inside, by cells."""
    rows = np.arange(0, inside.shape[0], cell)
    columns = np.arange(0, inside.shape[1], cell)
    kept = np.where(inside[..., None], layers, 0)

    def summed(values: NDArray[np.generic]) -> Ints:
        by_row = np.add.reduceat(values, rows, axis=0, dtype=np.int64)
        return np.asarray(np.add.reduceat(by_row, columns, axis=1), dtype=np.int64)

    return summed(kept), summed(inside[..., None])[..., 0]


def _pooled(sums: Ints, counts: Ints, cell: int) -> tuple[Ints, Ints]:
    """Cells with less than half of their pixels take their neighbours' as well, or all there are.

    Otherwise a cell at the border could be a single pixel, and show it.
    """
    near, number = _smoothed(sums, None), _smoothed(counts[..., None], None)[..., 0]
    few = 2 * counts < cell * cell
    sums, counts = np.where(few[..., None], near, sums), np.where(few, number, counts)
    fewer = 2 * counts < cell * cell
    total, all_ = sums.sum(axis=(0, 1)), counts.sum()
    return np.where(fewer[..., None], total, sums), np.where(fewer, all_, counts)


def _smoothed(values: Ints, sigma: float | None) -> Ints:
    """Sums over neighbouring cells, weighted by a Gaussian in cells; None weighs 3 × 3 alike."""
    reach = 1 if sigma is None else int(np.ceil(3 * sigma))
    places = np.arange(-reach, reach + 1)
    weights = [1] * 3 if sigma is None else np.rint(256 * np.exp(-0.5 * (places / sigma) ** 2))
    for axis in (0, 1):
        padding = [(reach, reach) if k == axis else (0, 0) for k in range(values.ndim)]
        padded = np.pad(values, padding)
        length = values.shape[axis]
        values = np.asarray(
            sum(
                int(weight) * np.take(padded, range(k, k + length), axis=axis)
                for k, weight in enumerate(weights)
            ),
            dtype=np.int64,
        )
    return values


def _rounded(sums: Ints, counts: Ints, step: int, top: int) -> Ints:
    """Means in steps; a cell without a pixel anywhere near takes the mean of all."""
    empty = counts == 0
    sums = np.where(empty[..., None], sums.sum(axis=(0, 1)), sums)
    counts = np.where(empty, counts.sum(), counts)[..., None]
    rounded = (2 * sums + step * counts) // (2 * step * counts) * step
    return np.asarray(np.minimum(rounded, top), dtype=np.int64)


def _drawn(means: Pixels, cell: int, method: MaskingMethod, size: tuple[int, int]) -> Pixels:
    rows, columns = means.shape[:2]
    if method is MaskingMethod.BLUR:
        # Bit-exact on every processor, which the usual linear interpolation need not be.
        width, height = columns * cell, rows * cell
        smooth = cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR_EXACT)
        drawn: Pixels = np.asarray(smooth, dtype=means.dtype).reshape(height, width, -1)
    else:
        drawn = means.repeat(cell, axis=0).repeat(cell, axis=1)
    out: Pixels = drawn[: size[0], : size[1]]
    return out


@dataclass(frozen=True, slots=True)
class Left:
    """What of a region's detail is found in the written picture.

    Attributes:
        most: The largest share that any square shows of its own detail; 1 where it is untouched.
        squares: How many squares had detail to compare.
        changed: Mean absolute change of a pixel, of 255.
    """

    most: float
    squares: int
    changed: float

    @property
    def hidden(self) -> bool:
        """Whether the face is gone."""
        return self.most <= MAX_LEFT


def what_is_left(
    before: Floats, after: Floats, inside: BoolMask, rule: MaskingRule, head_px: float
) -> Left:
    """Compare the detail of a region before and after, square by square.

    Detail is what is finer than the rule leaves: what differs from the mean of a cell, or, where
    cells are drawn smoothly, from the mean of a cell's surroundings. Its share is the slope of the
    written detail over the original's (least squares): coding adds to neither side of it.

    Args:
        before: (h, w) brightness from 0 to 255, the window around the region.
        after: The same window of the written picture.
        inside: (h, w) the region's pixels.
        rule: How it was masked.
        head_px: Length of the head in pixels.
    """
    cell = rule.cell_px(head_px)
    finer = _finer_than_surroundings if rule.method is MaskingMethod.BLUR else _finer_than_cells
    fine_old, fine_new = finer(before, inside, cell), finer(after, inside, cell)
    tile = max(cell, MIN_TILE_PX)
    both = _totals(fine_old * fine_new, tile)
    own = _totals(fine_old**2, tile)
    number = _totals(inside.astype(np.float32), tile)
    enough = (number >= MIN_TILE_PIXELS) & (own > DETAIL**2 * number)
    shares = both[enough] / own[enough]
    changed = float(np.abs(after - before)[inside].mean()) if inside.any() else 0.0
    return Left(float(shares.max()) if shares.size else 0.0, int(enough.sum()), changed)


def _finer_than_cells(values: Floats, inside: BoolMask, cell: int) -> Floats:
    number = np.maximum(_totals(inside.astype(np.float32), cell), 1)
    means = _totals(values * inside, cell) / number
    drawn = means.repeat(cell, axis=0).repeat(cell, axis=1)[: inside.shape[0], : inside.shape[1]]
    return np.asarray((values - drawn) * inside, dtype=np.float32)


def _finer_than_surroundings(values: Floats, inside: BoolMask, cell: int) -> Floats:
    side = (cell | 1, cell | 1)
    number = cv2.blur(inside.astype(np.float32), side, borderType=cv2.BORDER_CONSTANT)
    means = cv2.blur(values * inside, side, borderType=cv2.BORDER_CONSTANT)
    near = means / np.maximum(number, np.float32(1e-6))
    return np.asarray((values - near) * inside, dtype=np.float32)


def _totals(values: Floats, side: int) -> Floats:
    rows = np.add.reduceat(values, np.arange(0, values.shape[0], side), axis=0)
    return np.asarray(np.add.reduceat(rows, np.arange(0, values.shape[1], side), axis=1))
