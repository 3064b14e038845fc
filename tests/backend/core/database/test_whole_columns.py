"""Queries that give each column as one array."""

from __future__ import annotations

import numpy as np
import pytest
from psycopg import DataError
from sqlalchemy import BigInteger, Double, bindparam, cast, func, select
from sqlalchemy.orm import Session

from backend.core.database.columns import by_columns, read_columns

_NUMBER = (
    func.generate_series(1, bindparam("last", type_=BigInteger))
    .table_valued("i")
    .render_derived(name="n")
    .c.i
)


def test_every_column_is_one_array_of_its_kind(session: Session) -> None:
    half = cast(_NUMBER, Double) / 2
    statement = by_columns(select(cast(_NUMBER, BigInteger), half))
    number, halves = read_columns(session, statement, {"last": 1000})
    assert sorted(number.tolist()) == list(range(1, 1001))
    assert (halves == number / 2).all()
    assert (number.dtype, halves.dtype) == (np.int64, np.float64)


def test_no_row_gives_empty_arrays(session: Session) -> None:
    statement = by_columns(select(cast(_NUMBER, BigInteger)))
    assert [column.tolist() for column in read_columns(session, statement, {"last": 0})] == [[]]


def test_a_null_is_refused_and_not_read_as_a_number(session: Session) -> None:
    three = func.generate_series(1, 3).table_valued("i").render_derived(name="n").c.i
    statement = by_columns(select(cast(func.nullif(three, 2), BigInteger)))
    with pytest.raises((ValueError, DataError), match="nulls"):
        read_columns(session, statement, {})
