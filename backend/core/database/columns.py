"""Whole columns of a query as arrays: for answers of ten thousand rows and more.

The server puts each column into one array and sends that in its binary form, which numpy takes as
it is. A row at a time, with an object for each value, costs some thirty times as much here.
"""

from __future__ import annotations

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

_ARRAYS: Final = {
    1016: np.dtype([("bytes", ">i4"), ("value", ">i8")]),
    1022: np.dtype([("bytes", ">i4"), ("value", ">f8")]),
}
"""By Postgres's number of the types ``bigint[]`` and ``double precision[]``, how elements come."""
_HEADER_BYTES: Final = 20


class _Array(Loader):
    """An array of numbers without gaps, of one dimension."""

    format = Format.BINARY

    def load(self, data: Any) -> NDArray[Any]:
        if data[7]:  # the flag that some element is null
            raise ValueError("a column that is read as an array holds nulls")
        element = _ARRAYS[self.oid]
        values = np.frombuffer(bytes(data[_HEADER_BYTES:]), element)["value"]
        return values.astype(element["value"].newbyteorder("="))


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
