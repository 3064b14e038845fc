"""Annotations of a COCO file that wait on disk for the second look at them.

What a file is about is known only when all of it was seen once: how joints and boxes are written,
which ids repeat, what the categories are. So annotations are looked at twice; parsing their text
twice would take as long as everything else that is done with them.
"""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.publishing.formats.coco_joints import number_rows

BLOCK: Final = 128
"""So many annotations are looked at together."""
_IN_MEMORY: Final = 16 << 20
"""Annotations of so many bytes are not written to disk at all."""

Rows = Sequence[tuple[list[int], NDArray[np.float64]]]
"""As ``coco_joints.number_rows`` gives them."""


class Block(NamedTuple):
    """Annotations that are looked at together.

    Attributes:
        elements: As they stand in the file.
        rows: Which of them have joints that are plain numbers, with these.
    """

    elements: list[Any]
    rows: Rows


def blocks_of(elements: Iterator[Any]) -> Iterator[Block]:
    """The elements of an array, many at once."""
    while found := list(islice(elements, BLOCK)):
        joints = [element.get("keypoints") if type(element) is dict else None for element in found]
        yield Block(found, number_rows(joints))


class KeptAnnotations:
    """The annotations of one list of a file, in its order; the file has no name and goes with it.

    Attributes:
        name: Of the list; empty where it is the whole file.
    """

    def __init__(self) -> None:
        self.name = ""
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._sizes: list[int] = []
        self._singular: dict[int, Block] = {}

    def add(self, block: Block) -> None:
        """Keep annotations behind those that are kept."""
        rows = [(chosen, numbers.shape[1], numbers.tobytes()) for chosen, numbers in block.rows]
        try:
            record = marshal.dumps((block.elements, rows))
        except ValueError:  # nested more deeply than it writes
            record = b""
            self._singular[len(self._sizes)] = block
        self._file.write(record)
        self._sizes.append(len(record))

    def __iter__(self) -> Iterator[Block]:
        place = 0
        for i, size in enumerate(self._sizes):
            if i in self._singular:
                yield self._singular[i]
                continue
            self._file.seek(place)
            elements, rows = marshal.loads(self._file.read(size))
            place += size
            yield Block(
                elements,
                [
                    (chosen, np.frombuffer(numbers, np.float64).reshape(-1, length))
                    for chosen, length, numbers in rows
                ],
            )
