"""Rows in bulk: COPY, as text a row at a time, or in its binary form a column at a time.

An INSERT of a thousand rows with arrays spends nearly all of its time on writing numbers as text
here and reading them there; in the binary form they are bytes, made by numpy for all rows at once.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, repeat
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.database.engine import json_text

Fields = Iterable[bytes]
"""The fields of a column as they are sent, each with its length before it."""

_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_END: Final = struct.pack(">h", -1)
_NULL: Final = struct.pack(">i", -1)
_FLOAT8: Final = 701
"""Postgres's number of the type."""
_LENGTH: Final = struct.Struct(">i")
_JSONB_VERSION: Final = b"\x01"


def bigints(values: ArrayLike) -> list[bytes]:
    """A ``bigint`` column (rows,)."""
    return _numbers(values, ">i8")


def integers(values: ArrayLike) -> list[bytes]:
    """An ``integer`` column (rows,)."""
    return _numbers(values, ">i4")


def doubles(values: ArrayLike) -> list[bytes]:
    """A ``double precision`` column (rows,)."""
    return _numbers(values, ">f8")


def double_arrays(values: NDArray[np.float64]) -> list[bytes]:
    """A ``double precision[]`` column (rows, elements), all of one length."""
    rows, length = values.shape
    item = np.dtype([("bytes", ">i4"), ("value", ">f8")])
    head = [(name, ">i4") for name in ("bytes", "dimensions", "nulls", "type", "length", "first")]
    fields = np.empty(rows, np.dtype([*head, ("items", item, (length,))]))
    fields["bytes"] = fields.dtype.itemsize - _LENGTH.size
    fields["dimensions"], fields["nulls"], fields["type"] = 1, 0, _FLOAT8
    fields["length"], fields["first"] = length, 1
    fields["items"]["bytes"], fields["items"]["value"] = 8, values
    return _split(fields)


def texts(values: Iterable[str | None]) -> list[bytes]:
    """A column of text; what it holds can be stored (``database.text``)."""
    return [_field(None if value is None else value.encode()) for value in values]


def documents(values: Iterable[Any]) -> list[bytes]:
    """A ``jsonb`` column; None is null."""
    return [
        _field(None if value is None else _JSONB_VERSION + json_text(value).encode())
        for value in values
    ]


def written_documents(values: Iterable[bytes | None]) -> list[bytes]:
    """A ``jsonb`` column of JSON that is written already, as ``json_text`` does; None is null."""
    return [_field(None if value is None else _JSONB_VERSION + value) for value in values]


def one_boolean(value: bool) -> Fields:
    """A ``boolean`` column with one value in all rows."""
    return repeat(_field(b"\1" if value else b"\0"))


def one_text(value: str) -> Fields:
    """A column of text with one value in all rows."""
    return repeat(_field(value.encode()))


def copy_in(session: Session, table: str, columns: Mapping[str, Fields]) -> None:
    """Write rows; whatever constraints and triggers the table has hold for them.

    Args:
        session: A transaction; what it has not written yet is written before.
        table: Its name.
        columns: By name; at least one of them must have an end.
    """
    rows = chain.from_iterable(zip(repeat(struct.pack(">h", len(columns))), *columns.values()))
    with _copying(session, table, columns, "(FORMAT BINARY)") as copy:
        copy.write(_HEAD + b"".join(rows) + _END)


def copy_rows(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write rows one after the other, as text: for columns of many kinds, and rows that stream.

    Args:
        session: A transaction; what it has not written yet is written before.
        table: Its name.
        columns: Their names.
        rows: Values in that order.
    """
    with _copying(session, table, columns) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def _copying(session: Session, table: str, columns: Iterable[str], form: str = "") -> Iterator[Any]:
    session.flush()
    connection: Any = session.connection().connection.driver_connection
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN {form}") as copy,
    ):
        yield copy


def reserve_ids(session: Session, table: str, count: int) -> Sequence[int]:
    """So many ids of a table, rising, that nobody else is given."""
    return session.scalars(
        text(
            # The sequence is looked up once, not for each id.
            "WITH ids AS MATERIALIZED ("
            " SELECT CAST(pg_get_serial_sequence(:table, 'id') AS regclass) AS sequence)"
            " SELECT nextval(sequence) FROM ids, generate_series(1, :count) ORDER BY 1"
        ),
        {"table": table, "count": count},
    ).all()


def random_uuids(count: int) -> list[str]:
    """So many UUIDs of version 4 (RFC 9562, section 5.4), as text that Postgres reads.

    Postgres asks the system for each that it makes; here it is asked once.
    """
    octets = np.frombuffer(os.urandom(16 * count), np.uint8).reshape(count, 16).copy()
    octets[:, 6] = (octets[:, 6] & 0x0F) | 0x40
    octets[:, 8] = (octets[:, 8] & 0x3F) | 0x80
    digits = octets.tobytes().hex()
    return [digits[begin : begin + 32] for begin in range(0, len(digits), 32)]


def _numbers(values: ArrayLike, kind: str) -> list[bytes]:
    numbers = np.asarray(values, kind)
    fields = np.empty(numbers.shape, np.dtype([("bytes", ">i4"), ("value", kind)]))
    fields["bytes"], fields["value"] = numbers.dtype.itemsize, numbers
    return _split(fields)


def _split(fields: NDArray[Any]) -> list[bytes]:
    data, size = fields.tobytes(), fields.dtype.itemsize
    return [data[begin : begin + size] for begin in range(0, len(data), size)]


def _field(data: bytes | None) -> bytes:
    return _NULL if data is None else _LENGTH.pack(len(data)) + data
