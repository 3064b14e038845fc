"""COCO's compressed run lengths as text, without trusting the text.

Runs go down the columns and alternate between outside and inside, outside first. From the fourth
run on, the difference to the run two before is stored; each number is cut into groups of 5 bits,
lowest first, in characters from "0" on, with bit 6 set where a group follows. Source: cocoapi,
``maskApi.c``.
"""

from __future__ import annotations

from collections.abc import Sequence


def decode_counts(text: str) -> list[int]:
    """Run lengths from text.

    Raises:
        ValueError: a character out of range, a number cut off, or a negative run.
    """
    counts: list[int] = []
    value = shift = 0
    for byte in text.encode("ascii"):
        code = byte - 48
        if not 0 <= code < 64 or shift > 60:
            raise ValueError("the run lengths are damaged")
        value |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        if len(counts) > 2:
            value += counts[-2]
        if value < 0:
            raise ValueError("the run lengths are damaged")
        counts.append(value)
        value = shift = 0
    if shift:
        raise ValueError("the run lengths are cut off")
    return counts


def encode_counts(counts: Sequence[int]) -> str:
    """Text from run lengths, character for character as pycocotools writes it."""
    text = bytearray()
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


def area(counts: Sequence[int]) -> int:
    """Pixels inside the mask."""
    return sum(counts[1::2])
