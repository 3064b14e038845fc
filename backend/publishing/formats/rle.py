"""COCO's compressed run lengths as text, without trusting the text.

Runs go down the columns and alternate between outside and inside, outside first. From the fourth
run on, the difference to the run two before is stored; each number is cut into groups of 5 bits,
lowest first, in characters from "0" on, with bit 6 set where a group follows. Source: cocoapi,
``maskApi.c``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_MAX_GROUPS: Final = 8
_MAX_CHARACTERS: Final = 1 << 23


def decode_counts(text: str) -> NDArray[np.int64]:
    """Run lengths from text.

    Returns:
        (runs,) int64, outside first.

    Raises:
        ValueError: a character out of range, a number cut off or too large, or a negative run.
    """
    codes = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 48
    if codes.size == 0:
        return codes
    if codes.min() < 0 or codes.max() > 63:
        raise ValueError("the run lengths are damaged")
    ends = np.flatnonzero(codes < 32)
    if ends.size == 0 or ends[-1] != codes.size - 1:
        raise ValueError("the run lengths are cut off")
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    # Within these bounds no sum below leaves 64 bits.
    if lengths.max() > _MAX_GROUPS or codes.size > _MAX_CHARACTERS:
        raise ValueError("the run lengths are damaged")
    shifts = 5 * (np.arange(codes.size) - np.repeat(starts, lengths))
    counts = np.add.reduceat((codes & 31) << shifts, starts)
    counts -= np.where(codes[ends] & 16, np.int64(1) << (5 * lengths), 0)
    counts[1::2] = np.cumsum(counts[1::2])
    counts[2::2] = np.cumsum(counts[2::2])
    if counts.min() < 0:
        raise ValueError("the run lengths are damaged")
    return counts


def encode_counts(counts: Sequence[int] | NDArray[np.int64]) -> str:
    """Text from run lengths, character for character as pycocotools writes it."""
    text = bytearray()
    counts = [int(count) for count in counts]
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        while True:
            code = value & 31
            value >>= 5
            more = value != (-1 if code & 16 else 0)
            text.append(48 + code + (32 if more else 0))
            if not more:
                break
    return text.decode("ascii")


def area(counts: Sequence[int] | NDArray[np.int64]) -> int:
    """Pixels inside the mask."""
    return int(sum(counts[1::2]))
