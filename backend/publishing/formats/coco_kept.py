"""Annotations of a COCO file that wait on disk for the second look at them.

What a file is about is known only when all of it was seen once: how joints and boxes are written,
which ids repeat, what the categories are. So annotations are looked at twice; parsing their text
twice would take as long as everything else that is done with them. Those with which nothing is odd
wait as columns.
"""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.publishing.formats.coco_alike import AlikeColumns, alike
from backend.publishing.formats.coco_joints import number_rows

BLOCK: Final = 256
"""So many annotations are looked at together."""
_IN_MEMORY: Final = 16 << 20
"""Annotations of so many bytes are not written to disk at all."""

Rows = Sequence[tuple[list[int], NDArray[np.float64]]]
"""As ``coco_joints.number_rows`` gives them."""


class Block(NamedTuple):
    """Annotations that are looked at together.

    Attributes:
        size: How many.
        alike: Those with which nothing is odd, as far as they tell it themselves.
        others: The others as they stand in the file.
        places: Of these among all, rising.
        rows: Which of them have joints that are plain numbers, with these.
    """

    size: int
    alike: AlikeColumns | None
    others: Sequence[Any]
    places: Sequence[int]
    rows: Rows


def blocks_of(elements: Iterator[Any]) -> Iterator[Block]:
    """The elements of an array, many at once."""
    while found := list(islice(elements, BLOCK)):
        columns = alike(found)
        if columns is not None and len(columns) == len(found):
            yield Block(len(found), columns, (), (), ())
            continue
        known = set(() if columns is None else columns.places)
        places = [i for i in range(len(found)) if i not in known]
        others = [found[i] for i in places]
        joints = [element.get("keypoints") if type(element) is dict else None for element in others]
        yield Block(len(found), columns, others, places, number_rows(joints))


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
        columns = None if block.alike is None else block.alike.parts()
        told: Any = (block.size, columns, block.others, block.places, rows)
        try:
            record = marshal.dumps(told)
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
            count, columns, others, places, rows = marshal.loads(self._file.read(size))
            place += size
            yield Block(
                count,
                None if columns is None else AlikeColumns.of_parts(columns),
                others,
                places,
                [
                    (chosen, np.frombuffer(numbers, np.float64).reshape(-1, length))
                    for chosen, length, numbers in rows
                ],
            )
