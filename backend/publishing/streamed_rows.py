"""Rows of a large query, some thousand at a time, with arrays of joints as the server sent them.

A hundred thousand frames have five million numbers: read one by one they take longer than all the
rest of an export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.rows import namedtuple_row
from sqlalchemy import Select
from sqlalchemy.orm import Session

from backend.domain.skeleton import N_JOINTS

ROWS_AT_A_TIME: Final = 2000
_FLOAT8_ARRAY: Final = 1022
"""Postgres's number of the type ``double precision[]``."""
_HEADER_BYTES: Final = 20
_ELEMENT: Final = np.dtype([("bytes", ">i4"), ("value", ">f8")])


class _Raw(Loader):
    """Arrays of joints as they come over the wire."""

    format = Format.BINARY

    def load(self, data: Any) -> bytes:
        return bytes(data)


def batches(
    session: Session,
    query: Select[*tuple[Any, ...]],
    name: str,
    rows_at_a_time: int = ROWS_AT_A_TIME,
) -> Iterator[list[Any]]:
    """Rows with the names of the query's columns, by a cursor of the server's; arrays are raw.

    Args:
        session: A transaction.
        query: Of columns.
        name: What the cursor is called in the server.
        rows_at_a_time: So many are held here, and as many more that come meanwhile.
    """
    session.flush()
    compiled = query.compile(
        dialect=session.connection().dialect, compile_kwargs={"render_postcompile": True}
    )
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor(name=name, row_factory=namedtuple_row) as cursor:
        cursor.adapters.register_loader(_FLOAT8_ARRAY, _Raw)
        cursor.itersize = rows_at_a_time
        cursor.execute(str(compiled), compiled.params, binary=True)
        yield from _ahead(lambda: cursor.fetchmany(rows_at_a_time))


def _ahead(fetch: Callable[[], list[Any]]) -> Iterator[list[Any]]:
    """Batches until an empty one; the server works on the next while this one is in use.

    The connection's own lock lets nobody else speak on it meanwhile; whoever asks it something
    between two batches waits for the one that is coming.
    """
    with ThreadPoolExecutor(1) as fetching:
        coming = fetching.submit(fetch)
        while rows := coming.result():
            coming = fetching.submit(fetch)
            yield rows


def flat_joints(values: Sequence[bytes | None], absent: float) -> NDArray[np.float64]:
    """(n, 51) numbers of arrays as the server sent them; ``absent`` where there is none."""
    joints = np.full((len(values), 3 * N_JOINTS), absent)
    known = [i for i, value in enumerate(values) if value is not None]
    if known:
        raw = np.frombuffer(b"".join(values[i] or b"" for i in known), np.uint8)
        elements = np.ascontiguousarray(raw.reshape(len(known), -1)[:, _HEADER_BYTES:])
        joints[known] = elements.view(_ELEMENT)["value"]
    return joints
