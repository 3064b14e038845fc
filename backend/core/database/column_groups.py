"""Many rows as columns of numbers, without a Python object for each value."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

_SIGNATURE: Final = 19  # of the format, with its flags and the length of its extension
_ARRAY_HEAD: Final = struct.Struct(">iii")  # dimensions, whether there are nulls, type
_DIMENSION: Final = 8

_ELEMENTS: Final[Mapping[str, Any]] = {
    name: np.dtype([("bytes", ">i4"), ("value", kind)])
    for name, kind in {"int4": ">i4", "int8": ">i8", "float8": ">f8"}.items()
}


def read_columns(
    session: Session,
    query: str,
    parameters: Mapping[str, Any],
    columns: Mapping[str, str],
    *,
    by: str,
) -> dict[str, NDArray[Any]]:
    """Answer of a query, column by column.

    Postgres puts the rows of a group into one array a column, and sends those in its binary form:
    a row has no cost of its own.

    Args:
        session: A transaction; what it has not written yet is not seen.
        query: A SELECT with parameters as ``%(name)s``, whose columns are named as ``columns``.
        parameters: Their values.
        columns: By name the type in Postgres: ``int4``, ``int8``, ``float8``, which may also be
            arrays of one length. No value may be null.
        by: By which column rows are grouped; some hundreds of rows a group are best.

    Returns:
        By name one array: (n,), or (n, length) where values are arrays. Groups follow each other in
        no certain order.

    Raises:
        ValueError: a value is null.
    """
    listed = ", ".join(f"array_agg({name})" for name in columns)
    connection: Any = session.connection().connection.driver_connection
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY (SELECT {listed} FROM ({query}) AS rows GROUP BY {by})"
            " TO STDOUT (FORMAT BINARY)",
            parameters,
        ) as copy,
    ):
        data = b"".join(copy)
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in columns}
    place = _SIGNATURE
    while struct.unpack_from(">h", data, place)[0] > 0:
        place += 2
        for name, kind in columns.items():
            (size,) = struct.unpack_from(">i", data, place)
            parts[name].append(_array(data, place + 4, name, _ELEMENTS[kind]))
            place += 4 + size
    return {
        name: np.concatenate(of) if of else np.zeros(0, _ELEMENTS[columns[name]]["value"])
        for name, of in parts.items()
    }


def _array(data: bytes, place: int, name: str, element: Any) -> NDArray[Any]:
    """One array of Postgres's binary form, in the machine's own byte order."""
    dimensions, nulls, _ = _ARRAY_HEAD.unpack_from(data, place)
    if nulls:
        raise ValueError(f"a value of {name} is null")
    place += _ARRAY_HEAD.size
    shape = [struct.unpack_from(">i", data, place + _DIMENSION * i)[0] for i in range(dimensions)]
    values = np.frombuffer(data, element, int(np.prod(shape)), place + _DIMENSION * dimensions)[
        "value"
    ]
    return values.astype(values.dtype.newbyteorder("=")).reshape(shape)
