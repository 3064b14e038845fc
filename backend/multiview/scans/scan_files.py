"""Reading scans: point clouds from PLY and numpy files, depth from 16-bit PNG.

PLY as Turk described it (Stanford, 1994): a text header, then elements in order, as text or binary
of either byte order. Only x, y and z of the vertices are taken.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.core.archives import ArchiveFault, Oversized, read_npy, read_npz
from backend.domain.errors import TooLarge
from backend.domain.scans import wrong

Array = NDArray[np.float64]

MAX_BYTES: Final = 256 * 1024 * 1024
"""Largest scan that is read; a cloud of ten million points in double precision."""

_TYPES: Final = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2",
    "ushort": "u2", "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_ORDERS: Final = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_HEADER: Final = re.compile(rb"\Aply\r?\n.*?\nend_header\r?\n", re.DOTALL)


def check_size(size: int, filename: str) -> None:
    """Refuse what would not fit into memory.

    Raises:
        TooLarge: above :data:`MAX_BYTES`.
    """
    if size > MAX_BYTES:
        raise TooLarge(
            f"{filename} has {size:,} bytes; a scan may have {MAX_BYTES:,}.",
            file=filename,
            limit=MAX_BYTES,
        )


def read_cloud(data: bytes, filename: str) -> Array:
    """Points of a ``.ply``, ``.npz`` (array ``points``) or ``.npy`` file.

    Args:
        data: The file.
        filename: Its name, which tells the format and is named in messages.

    Returns:
        (P, 3) in the file's units; points that are not finite are left out.

    Raises:
        InvalidInput: the file is broken; the message names it and the fault.
        TooLarge: it is too large, or would be once unpacked.
    """
    check_size(len(data), filename)
    suffix = filename.lower()[-4:]
    points = _ply(data, filename) if suffix == ".ply" else _numpy(data, filename)
    return np.asarray(points[np.isfinite(points).all(axis=1)])


def _numpy(data: bytes, filename: str) -> Array:
    try:
        if filename.lower().endswith(".npz"):
            arrays = read_npz(data, MAX_BYTES, ("points", "moment"))
            if "points" not in arrays:
                raise wrong(filename, "it has no array “points”")
            moments = arrays.get("moment")
            if moments is not None and moments.size and np.any(moments != moments.flat[0]):
                raise wrong(filename, "it holds several moments; each needs a file of its own")
            points = arrays["points"]
        else:
            points = read_npy(data, MAX_BYTES)
    except Oversized as error:
        raise TooLarge(f"{filename}: {error}.", file=filename, limit=MAX_BYTES) from error
    except ArchiveFault as error:
        raise wrong(filename, str(error)) from error
    if points.ndim != 2 or points.shape[1] != 3 or points.dtype.kind not in "fiu":
        shape = " × ".join(map(str, points.shape)) or "a single value"
        raise wrong(filename, f"its points are {shape}, not points × 3 numbers")
    return np.asarray(points, float)


@dataclass
class _Element:
    """One element of a PLY header: ``count`` rows of ``fields`` (name, numpy type)."""

    name: str
    count: int
    fields: list[tuple[str, str]] = field(default_factory=list)
    has_list: bool = False


def _ply(data: bytes, filename: str) -> Array:
    header = _HEADER.match(data)
    if header is None:
        raise wrong(filename, "it is not a PLY file, or its header is cut off")
    try:
        order, elements = _parse(header[0].decode("ascii"))
    except (ValueError, KeyError, IndexError) as error:
        raise wrong(filename, "its PLY header is invalid") from error
    before = 0
    for element in elements:
        if element.name == "vertex":
            break
        if element.has_list:
            raise wrong(filename, f"lists of {element.name} stand before its vertices")
        before += element.count * (1 if not order else _row(element, order).itemsize)
    else:
        raise wrong(filename, "it has no vertices")
    names = [name for name, _ in element.fields]
    if element.has_list or not {"x", "y", "z"} <= set(names) or len(set(names)) < len(names):
        raise wrong(filename, "its vertices have no x, y and z")
    body = data[header.end() :]
    if order:
        row = _row(element, order)
        if len(body) < before + element.count * row.itemsize:
            there = max(0, (len(body) - before) // row.itemsize)
            raise wrong(filename, f"it is cut off after {there:,} of {element.count:,} points")
        rows: Any = np.frombuffer(body, row, element.count, before)
        return np.stack([rows[axis].astype(float) for axis in "xyz"], axis=1)
    columns = [names.index(axis) for axis in "xyz"]
    lines = body.splitlines()[before : before + element.count]
    if len(lines) < element.count:
        raise wrong(filename, f"it is cut off after {len(lines):,} of {element.count:,} points")
    try:
        return np.asarray(
            np.loadtxt(lines, usecols=columns, ndmin=2, comments=None).reshape(-1, 3), float
        )
    except (ValueError, IndexError) as error:
        raise wrong(filename, "one of its points is not three numbers") from error


def _parse(header: str) -> tuple[str, list[_Element]]:
    """Byte order ("" for text) and elements of a PLY header."""
    order: str | None = None
    elements: list[_Element] = []
    for line in header.splitlines()[1:-1]:
        words = line.split()
        if not words or words[0] in {"comment", "obj_info"}:
            continue
        if words[0] == "format":
            order = _ORDERS[words[1]]
        elif words[0] == "element":
            elements.append(_Element(words[1], int(words[2])))
            if elements[-1].count < 0:
                raise ValueError("a negative count")
        elif words[0] == "property" and words[1] == "list":
            elements[-1].has_list = True
        elif words[0] == "property":
            elements[-1].fields.append((words[2], _TYPES[words[1]]))
        else:
            raise ValueError(words[0])
    if order is None:
        raise ValueError("no format")
    return order, elements


def _row(element: _Element, order: str) -> np.dtype[Any]:
    return np.dtype([(name, order + kind) for name, kind in element.fields])


def read_depth(data: bytes, filename: str, size: tuple[int, int]) -> NDArray[np.uint16]:
    """A 16-bit grey PNG.

    Args:
        data: The file.
        filename: For messages.
        size: Width and height that it must have.

    Returns:
        (height, width); 0 where nothing was measured.

    Raises:
        InvalidInput: the file is broken, of another size, or not 16-bit grey.
        TooLarge: it is too large.
    """
    check_size(len(data), filename)
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.size != size:
                found, wanted = (f"{w}×{h}" for w, h in (image.size, size))
                raise wrong(filename, f"it is {found} pixels, but its camera's images {wanted}")
            if not image.mode.startswith("I"):
                raise wrong(filename, "it is not a depth image: 16 bits of one grey channel are")
            pixels = np.asarray(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise wrong(filename, "it is damaged, or not a PNG image") from error
    return pixels.astype(np.uint16)
