"""Reads the operations and constants of a TensorFlow Lite file, without TensorFlow.

The format is a FlatBuffer: tables that name their fields by number, from TensorFlow Lite's public
schema (``schema.fbs``, version 3). Only what the networks of BlazePose need is read. Nothing in the
file is run, and every offset is checked against the file's end.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput, WeightsMissing

Array = NDArray[Any]
_T = TypeVar("_T")

MAX_BYTES: Final = 256 * 2**20
"""A larger file is none of BlazePose's."""

_IDENTIFIER: Final = b"TFL3"
_TYPES: Final = {0: "<f4", 1: "<f2", 2: "<i4", 3: "u1", 4: "<i8", 9: "i1"}
"""numpy's names of the tensor types that occur."""

OPERATIONS: Final = {
    0: "add",
    2: "concatenation",
    3: "convolution",
    4: "depthwise",
    5: "depth_to_space",
    6: "dequantize",
    14: "logistic",
    17: "max_pool",
    22: "reshape",
    23: "resize_bilinear",
    34: "pad",
    124: "densify",
}
"""Names of the operations that occur, by the schema's number."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a network.

    Attributes:
        kind: One of :data:`OPERATIONS`' names.
        inputs: Numbers of the tensors that it takes.
        output: Number of the tensor that it makes.
        same: Whether borders are padded so that size follows stride alone.
        stride: Rows and columns from one window to the next.
        window: Rows and columns of a pooling window; (1, 1) elsewhere.
        activation: 0 none, 1 ReLU, 3 ReLU6 (the schema's numbers), applied to the result.
        axis: Along which a concatenation goes.
        block: Rows and columns that each cell's channels are spread over.
    """

    kind: str
    inputs: tuple[int, ...]
    output: int
    same: bool = True
    stride: tuple[int, int] = (1, 1)
    window: tuple[int, int] = (1, 1)
    activation: int = 0
    axis: int = 0
    block: int = 1


@dataclass(frozen=True, slots=True)
class Graph:
    """A network as a file tells it.

    Attributes:
        inputs: Numbers of the tensors that are given.
        outputs: Numbers of the tensors that are wanted, in the file's order.
        names: Of all tensors.
        shapes: Of all tensors; (batch, rows, columns, channels) for images.
        constants: Arrays by tensor's number.
        operations: In an order in which they can be done.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    constants: dict[int, Array]
    operations: tuple[Operation, ...]


def read_graph(path: Path) -> Graph:
    """The network in a ``.tflite`` file.

    Raises:
        WeightsMissing: there is no such file.
        InvalidInput: it is no such file, is damaged, or holds an operation that is not known here.
    """
    if not path.is_file():
        raise WeightsMissing(f"The checkpoint {path} is not there.", file=str(path))
    if path.stat().st_size > MAX_BYTES:
        raise InvalidInput(f"{path.name} is too large.", file=str(path), fault="too large")
    data = path.read_bytes()
    if data[4:8] != _IDENTIFIER:
        raise InvalidInput(
            f"{path.name} is not a TensorFlow Lite file.", file=str(path), fault="unreadable"
        )
    try:
        return _graph(data)
    except (struct.error, ValueError, IndexError, KeyError, OverflowError) as error:
        raise InvalidInput(
            f"{path.name} cannot be read as a TensorFlow Lite file: {error}",
            file=str(path),
            fault="unreadable",
        ) from error


class _Table:
    """One table of a FlatBuffer: fields by number, each with a default where it is left out."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self._place = place
        self._fields = place - struct.unpack_from("<i", data, place)[0]
        if not 0 <= self._fields < len(data):
            raise ValueError("a table lies outside of the file")
        self._size = struct.unpack_from("<H", data, self._fields)[0]

    def _at(self, field: int) -> int:
        """Where a field lies; 0 where it is left out."""
        slot = 4 + 2 * field
        if slot >= self._size:
            return 0
        offset: int = struct.unpack_from("<H", self._data, self._fields + slot)[0]
        return self._place + offset if offset else 0

    def number(self, field: int, form: str, default: int = 0) -> int:
        place = self._at(field)
        return int(struct.unpack_from("<" + form, self._data, place)[0]) if place else default

    def table(self, field: int) -> _Table | None:
        place = self._at(field)
        return _Table(self._data, self._follow(place)) if place else None

    def array(self, field: int, dtype: str) -> Array:
        place = self._at(field)
        if not place:
            return np.empty(0, dtype)
        start = self._follow(place)
        count = struct.unpack_from("<I", self._data, start)[0]
        return np.frombuffer(self._data, dtype, count, start + 4)

    def tables(self, field: int, make: Callable[[_Table], _T]) -> list[_T]:
        place = self._at(field)
        if not place:
            return []
        start = self._follow(place)
        count = struct.unpack_from("<I", self._data, start)[0]
        if count * 4 > len(self._data) - start:
            raise ValueError("a list is longer than the file")
        return [make(_Table(self._data, self._follow(start + 4 + 4 * i))) for i in range(count)]

    def _follow(self, place: int) -> int:
        return place + int(struct.unpack_from("<I", self._data, place)[0])


def _graph(data: bytes) -> Graph:
    model = _Table(data, struct.unpack_from("<I", data)[0])
    # The number outgrew its first field, one byte wide; files name it in either.
    codes = model.tables(1, lambda t: max(t.number(0, "b"), t.number(3, "i")))
    buffers = model.tables(4, lambda t: t.array(0, "u1"))
    graphs = model.tables(2, lambda t: t)
    if len(graphs) != 1:
        raise ValueError(f"{len(graphs)} networks lie in it, not one")
    tensors = graphs[0].tables(0, lambda t: t)
    shapes = tuple(tuple(int(n) for n in t.array(0, "<i4")) for t in tensors)
    constants = {
        i: _constant(t, shapes[i], buffers[t.number(2, "I")])
        for i, t in enumerate(tensors)
        if len(buffers[t.number(2, "I")])
    }
    return Graph(
        inputs=_numbers(graphs[0].array(1, "<i4")),
        outputs=_numbers(graphs[0].array(2, "<i4")),
        names=tuple(t.array(3, "u1").tobytes().decode(errors="replace") for t in tensors),
        shapes=shapes,
        constants=constants,
        operations=tuple(graphs[0].tables(3, lambda t: _operation(t, codes))),
    )


def _numbers(array: Array) -> tuple[int, ...]:
    return tuple(int(n) for n in array)


def _constant(tensor: _Table, shape: Sequence[int], raw: Array) -> Array:
    """A constant in its shape, sparse ones filled up with zeros."""
    kind = tensor.number(1, "b")
    if kind not in _TYPES:
        raise ValueError(f"tensors of type {kind} are not read")
    values = np.frombuffer(raw.tobytes(), _TYPES[kind])
    sparse = tensor.table(6)
    if sparse is not None:
        return _filled(sparse, shape, values)
    return values.reshape(shape)


def _filled(sparse: _Table, shape: Sequence[int], values: Array) -> Array:
    """A sparse constant written out.

    Its dimensions are walked in the order that the file names, blocks after the rest; each is
    either dense, or a list of the places that are not zero, as in a compressed sparse row.
    """
    order = _numbers(sparse.array(0, "<i4"))
    blocks = _numbers(sparse.array(1, "<i4"))
    levels = sparse.tables(2, _level)
    if len(levels) != len(order) or len(shape) + len(blocks) != len(order):
        raise ValueError("a sparse tensor's dimensions contradict each other")
    # Coordinates (one row a dimension walked) and the row number of each entry so far.
    rows = np.zeros(1, np.int64)
    walked: list[Array] = []
    for dense, size, segments, indices in levels:
        if dense:
            walked = [np.repeat(w, size) for w in walked]
            walked.append(np.tile(np.arange(size), len(rows)))
            rows = (rows[:, None] * size + np.arange(size)).ravel()
        else:
            counts = np.diff(segments)[rows]
            walked = [np.repeat(w, counts) for w in walked]
            starts = np.repeat(segments[:-1][rows] - np.cumsum(counts) + counts, counts)
            rows = starts + np.arange(len(starts))
            walked.append(indices[rows])
    extents = [1] * len(order)
    for number, block in zip(blocks, range(len(shape), len(order)), strict=True):
        extents[number] = levels[order.index(block)][1]
    place = [np.zeros(len(rows), np.int64) for _ in shape]
    for dimension, at in zip(order, walked, strict=True):
        if dimension < len(shape):
            place[dimension] += at * extents[dimension]
        else:
            place[blocks[dimension - len(shape)]] += at
    full = np.zeros(shape, values.dtype)
    full[tuple(place)] = values[: len(rows)]
    return full


def _level(table: _Table) -> tuple[bool, int, Array, Array]:
    """Of one dimension: whether it is dense, its size, its segments and indices."""
    return (
        table.number(0, "b") == 0,
        table.number(1, "i"),
        _vector(table, 2),
        _vector(table, 4),
    )


def _vector(table: _Table, field: int) -> Array:
    """A list of numbers whose width (4, 2 or 1 bytes) a union's tag says."""
    kind = table.number(field, "B")
    inner = table.table(field + 1)
    if kind == 0 or inner is None:
        return np.empty(0, np.int64)
    return inner.array(0, {1: "<i4", 2: "<u2", 3: "u1"}[kind]).astype(np.int64)


def _operation(table: _Table, codes: Sequence[int]) -> Operation:
    code = codes[table.number(0, "I")]
    if code not in OPERATIONS:
        raise ValueError(f"the operation number {code} is not known here")
    kind = OPERATIONS[code]
    inputs, outputs = _numbers(table.array(1, "<i4")), _numbers(table.array(2, "<i4"))
    if len(outputs) != 1:
        raise ValueError(f"{kind} has {len(outputs)} results, not one")
    facts: dict[str, Any] = {}
    options = table.table(4)
    if options is not None:
        facts = _options(kind, options)
    return Operation(kind, inputs, outputs[0], **facts)


def _options(kind: str, options: _Table) -> dict[str, Any]:
    if kind in ("convolution", "depthwise", "max_pool"):
        activation = {"convolution": 3, "depthwise": 4, "max_pool": 5}[kind]
        facts: dict[str, Any] = {
            "same": options.number(0, "b") == 0,
            "stride": (options.number(2, "i"), options.number(1, "i")),
            "activation": options.number(activation, "b"),
        }
        if kind == "max_pool":
            facts["window"] = (options.number(4, "i"), options.number(3, "i"))
        else:
            width, height = (4, 5) if kind == "convolution" else (5, 6)
            if (options.number(width, "i", 1), options.number(height, "i", 1)) != (1, 1):
                raise ValueError("dilated convolutions are not known here")
        return facts
    if kind == "add":
        return {"activation": options.number(0, "b")}
    if kind == "concatenation":
        return {"axis": options.number(0, "i"), "activation": options.number(1, "b")}
    if kind == "resize_bilinear" and (options.number(2, "B") or not options.number(3, "B")):
        raise ValueError("resizing other than by pixels' centres is not known here")
    if kind == "depth_to_space":
        return {"block": options.number(0, "i")}
    return {}
