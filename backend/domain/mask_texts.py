"""Run lengths of masks as text.

The encoding is COCO's (cocoapi, ``maskApi.c``): from the third count on each is stored as the
difference to the count two before; numbers are cut into five-bit groups with a continuation bit,
lowest first, each group one character from ``0``. The product's only reader and writer of it: it
uses numpy alone, gives the same text as pycocotools, and trusts no text that comes from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput

Ints = NDArray[np.int64]

_MAX_NUMBER: Final = 8
"""Characters of one number. Eight hold 40 bits, more than the pixels of any mask that is read."""

_MOST_AT_ONCE: Final = 6
"""The same where many masks are looked at together: within 32 bits."""

_MAX_TEXT: Final = 1 << 23
"""Characters of one mask. Within both bounds no sum of run lengths leaves 64 bits."""


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
    # Twice as wide where a sum within a mask might leave 32 bits, which is slower.
    if max(-int(numbers.min()), int(numbers.max())) * int(runs.max()) >= 1 << 31:
        numbers = numbers.astype(np.int64)
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


def _numbers_at(codes: NDArray[np.uint8], ends: Ints) -> NDArray[np.int32] | None:
    """The numbers (ends,) of groups (groups,), of which those at ``ends`` are each one's last.

    Returns:
        None where one has so many groups that :func:`decompress` refuses it, or nearly so.
    """
    # Most numbers are one group or two: both together are looked up.
    pairs = np.empty((codes.size, 2), dtype=np.uint8)
    pairs[:, 1] = codes
    pairs[0, 0] = 0
    pairs[1:, 0] = codes[:-1]
    numbers = _OF_PAIRS.take(pairs.view(">u2")[:, 0].take(ends)).astype(np.int32)
    goes_on = codes >= 0x20
    longer = np.flatnonzero(goes_on[:-2] & goes_on[1:-1] & ~goes_on[2:]) + 2
    which = np.searchsorted(ends, longer)
    for place in range(2, _MOST_AT_ONCE):
        if not longer.size:
            return numbers
        numbers[which] = (numbers[which] << 5) | (codes[longer - place] & np.uint8(0x1F))
        further = (longer > place) & goes_on[longer - place - 1]
        longer, which = longer[further], which[further]
    return None if longer.size else numbers


def _of_pairs() -> NDArray[np.int16]:
    """The number that two groups end, (65536,) by the first times 256 and the second."""
    first, last = np.divmod(np.arange(1 << 16), 256)
    # The last group of a number holds its sign; the one before stands five bits lower.
    signed = ((last & 0x1F) ^ 0x10) - 0x10
    return np.where(first & 0x20, (signed << 5) | (first & 0x1F), signed).astype(np.int16)


_OF_PAIRS: Final = _of_pairs()


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
