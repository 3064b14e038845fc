"""Binary masks: run-length encoding, area, rectangle, and the removal of specks and holes.

The encoding is COCO's (cocoapi, ``maskApi.c``): run lengths in column-major order starting with
zeros; from the third count on each is stored as the difference to the count two before; numbers are
cut into five-bit groups with a continuation bit, lowest first, each group one character from ``0``.
The product's only reader and writer of run lengths: it uses numpy alone, gives the same text as
pycocotools, and trusts no text that comes from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.estimates import BoxXYWH

BoolMask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SPECK_PIXELS: Final = 50
"""Islands and holes smaller than this are noise of the segmenter, not the infant."""

MAX_PIXELS: Final = 1 << 28
"""Largest mask that is read from outside."""

_MAX_NUMBER: Final = 8
"""Characters of one number. Eight hold 40 bits, more than the pixels of any mask that is read."""

_MAX_TEXT: Final = 1 << 23
"""Characters of one mask. Within both bounds no sum of run lengths leaves 64 bits."""


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


def compress(counts: Ints) -> str:
    """Text from run lengths (runs,), outside first, character for character as pycocotools'."""
    numbers = counts.astype(np.int64)
    numbers[3:] -= counts[1:-2]
    # A group is the last one when what remains is only its sign.
    groups = np.empty((numbers.size, _MAX_NUMBER), dtype=np.uint8)
    used = np.zeros((numbers.size, _MAX_NUMBER), dtype=bool)
    open_ = np.ones(numbers.size, dtype=bool)
    rest = numbers
    for place in range(_MAX_NUMBER):
        low = (rest & 0x1F).astype(np.uint8)
        rest = rest >> 5
        more = np.where(low & 0x10, rest != -1, rest != 0)
        groups[:, place] = (low | np.where(more, 0x20, 0)) + 48
        used[:, place] = open_
        open_ = open_ & more
        if not open_.any():
            break
    return groups[used].tobytes().decode("ascii")


def covered(texts: Sequence[str]) -> Ints | None:
    """How many pixels the runs of each of many masks cover (masks,), all at once.

    Returns:
        None where :func:`decompress` refuses one of them, or might: each is to be looked at singly.
    """
    if not texts or not all(text and text.isascii() for text in texts):
        return None
    codes = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8) - np.uint8(48)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    last = np.cumsum(lengths) - 1
    if lengths.max() > _MAX_TEXT or codes.max() > 0x3F or (codes[last] & 0x20).any():
        return None
    ends = np.flatnonzero(codes < 0x20)
    numbers = _numbers_at(codes, ends)
    if numbers is None:
        return None
    stops = np.searchsorted(ends, last) + 1
    starts = np.concatenate([[0], stops[:-1]])
    runs = stops - starts
    if runs.min() < 2:
        return None
    # Half as wide where no sum within a mask can leave 32 bits, which is faster.
    if max(-int(numbers.min()), int(numbers.max())) * int(runs.max()) < 1 << 31:
        numbers = numbers.astype(np.int32)
    # Each number adds to the one two before, the first alone excepted.
    third = starts[runs > 2]
    numbers[third + 2] -= numbers[third]
    amounts = np.zeros(len(texts), dtype=np.int64)
    for parity in (0, 1):
        turn = np.ascontiguousarray(numbers[parity::2])
        begins = (starts + (starts + parity) % 2) // 2
        # What the mask before came to is taken away where the next begins.
        turn[begins[1:]] -= np.add.reduceat(turn, begins)[:-1]
        np.cumsum(turn, out=turn)
        if turn.min() < 0:
            return None
        amounts += np.add.reduceat(turn, begins, dtype=np.int64)
    return amounts


def _numbers_at(codes: NDArray[np.uint8], ends: Ints) -> Ints | None:
    """The numbers (ends,) of groups (groups,), of which those at ``ends`` are each one's last.

    Returns:
        None where one has so many groups that :func:`decompress` refuses it, or nearly so.
    """
    goes_on = codes >= 0x20
    # The last group of a number holds its sign; the one before stands five bits lower.
    numbers = ((codes & np.uint8(0x1F)) ^ np.uint8(0x10)).astype(np.int16) - np.int16(0x10)
    both = (numbers[1:] << np.int16(5)) | (codes[:-1] & np.uint8(0x1F))
    # Where there is one before: all ones select, and numpy does so much faster than by indices.
    selected = -goes_on[:-1].astype(np.int16)
    numbers[1:] ^= (numbers[1:] ^ both) & selected
    numbers = numbers.take(ends).astype(np.int64)
    longer = np.flatnonzero(goes_on[:-2] & goes_on[1:-1] & ~goes_on[2:]) + 2
    which = np.searchsorted(ends, longer)
    for place in range(2, _MAX_NUMBER):
        if not longer.size:
            return numbers
        if place == _MAX_NUMBER - 1:
            return None
        numbers[which] = (numbers[which] << 5) | (codes[longer - place] & np.uint8(0x1F))
        further = (longer > place) & goes_on[longer - place - 1]
        longer, which = longer[further], which[further]
    return numbers


def decompress(text: str) -> Ints:
    """Run lengths (runs,) from text, outside first; whether they fit an image is not looked at.

    Raises:
        InvalidInput: a foreign character, a number that is cut off or far too large, or a negative
            run.
    """
    try:
        codes = np.frombuffer(text.encode("ascii"), dtype=np.uint8).astype(np.int64) - 48
    except UnicodeEncodeError as error:
        raise InvalidInput("The mask's runs hold foreign characters.", fault="mask") from error
    if codes.size == 0 or codes.min() < 0 or codes.max() > 0x3F or codes[-1] & 0x20:
        raise InvalidInput("The mask's runs are cut off or not compressed runs.", fault="mask")
    if codes.size > _MAX_TEXT:
        raise InvalidInput("The mask has far too many runs.", fault="mask")
    ends = np.flatnonzero((codes & 0x20) == 0)
    begins = np.concatenate([[0], ends[:-1] + 1])
    places = np.arange(codes.size) - np.repeat(begins, ends - begins + 1)
    if places.max() >= _MAX_NUMBER:
        raise InvalidInput("The mask's runs hold a number that is far too large.", fault="mask")
    numbers = np.add.reduceat((codes & 0x1F) << (5 * places), begins)
    negative = (codes[ends] & 0x10) != 0
    numbers[negative] -= np.int64(1) << (5 * (places[ends][negative] + 1))
    # Undo the differences: each count adds to the one two before, the first alone excepted.
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    if numbers.min() < 0:
        raise InvalidInput("The mask's runs hold a negative length.", fault="mask")
    return numbers
