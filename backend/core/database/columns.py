"""Whole columns of a query as arrays: for answers of ten thousand rows and more.

The server puts each column into arrays and sends those in their binary form, which numpy takes as
it is. A row at a time, with an object for each value, costs some thirty times as much here.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg.adapt import Loader
from psycopg.pq import Format
from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session

Query = Select[*tuple[Any, ...]]

_ELEMENTS: Final = {
    23: np.dtype([("bytes", ">i4"), ("value", ">i4")]),
    20: np.dtype([("bytes", ">i4"), ("value", ">i8")]),
    701: np.dtype([("bytes", ">i4"), ("value", ">f8")]),
}
"""By Postgres's number of a type, how elements of an array of it come."""
_TYPES: Final[Mapping[str, int]] = {"int4": 23, "int8": 20, "float8": 701}
_ARRAYS: Final = (1016, 1022)
"""Postgres's numbers of the types ``bigint[]`` and ``double precision[]``."""
_ARRAY_HEAD: Final = struct.Struct(">iii")  # dimensions, whether there are nulls, type
_DIMENSION: Final = 8
_COPY_HEAD: Final = 19  # of the format, with its flags and the length of its extension


def _numbers(
    data: Any, place: int = 0, name: str = "a column that is read as an array"
) -> NDArray[Any]:
    """An array of Postgres's binary form, in the machine's own byte order.

    Raises:
        ValueError: some element is null.
    """
    dimensions, nulls, kind = _ARRAY_HEAD.unpack_from(data, place)
    if nulls:
        raise ValueError(f"{name} holds nulls")
    element = _ELEMENTS[kind]
    place += _ARRAY_HEAD.size
    shape = [struct.unpack_from(">i", data, place + _DIMENSION * i)[0] for i in range(dimensions)]
    count = int(np.prod(shape)) if shape else 0
    values = np.frombuffer(data, element, count, place + _DIMENSION * dimensions)["value"]
    return values.astype(element["value"].newbyteorder("=")).reshape(shape or 0)


class _Array(Loader):
    """An array of numbers without gaps, of one dimension."""

    format = Format.BINARY

    def load(self, data: Any) -> NDArray[Any]:
        return _numbers(bytes(data))


@dataclass(frozen=True, slots=True)
class Statement:
    """A query whose columns come as one array each, ready to be sent."""

    sql: str
    params: Mapping[str, Any]


def by_columns(query: Query) -> Statement:
    """A query of ``bigint`` and ``double precision`` columns that are never null.

    The rows come in no order, since several processes of the server may gather them: sort the
    arrays. Values may be left open by ``bindparam``.
    """
    rows = query.subquery()
    aggregated = select(*(func.array_agg(column) for column in rows.c))
    compiled = aggregated.compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]
    return Statement(str(compiled), dict(compiled.params))


def read_columns(
    session: Session, statement: Statement, values: Mapping[str, Any]
) -> list[NDArray[Any]]:
    """The columns of a query, all of one length.

    Args:
        session: A transaction.
        statement: The query.
        values: For what it leaves open.
    """
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor(binary=True) as cursor:
        for oid in _ARRAYS:
            cursor.adapters.register_loader(oid, _Array)
        cursor.execute(statement.sql, {**statement.params, **values})
        row = cursor.fetchone()
    return [np.zeros(0, dtype=np.int64) if column is None else column for column in row]


def read_column_groups(
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
    place = _COPY_HEAD
    while struct.unpack_from(">h", data, place)[0] > 0:
        place += 2
        for name in columns:
            (size,) = struct.unpack_from(">i", data, place)
            parts[name].append(_numbers(data, place + 4, name))
            place += 4 + size
    return {
        name: np.concatenate(of) if of else np.zeros(0, _ELEMENTS[_TYPES[columns[name]]]["value"])
        for name, of in parts.items()
    }
