"""Rows read as columns."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy.orm import Session

from backend.core.database.columns import read_column_groups


def test_columns_have_the_values_of_the_rows_whatever_their_groups(session: Session) -> None:
    query = (
        "SELECT i::int8 AS number, i %% 3 AS rest, i / 2.0::float8 AS half,"
        " ARRAY[i, -i]::float8[] AS pair FROM generate_series(1, %(last)s) i"
    )
    kinds = {"number": "int8", "rest": "int4", "half": "float8", "pair": "float8"}
    found = read_column_groups(session, query, {"last": 1000}, kinds, by="rest")
    order = np.argsort(found["number"])
    number = found["number"][order]
    assert number.tolist() == list(range(1, 1001))
    assert (found["rest"][order] == number % 3).all()
    assert (found["half"][order] == number / 2).all()
    assert (found["pair"][order] == np.stack([number, -number], axis=1)).all()
    assert all(column.dtype.isnative for column in found.values())


def test_no_row_gives_empty_columns(session: Session) -> None:
    query = "SELECT 1::int8 AS number WHERE %(never)s"
    found = read_column_groups(session, query, {"never": False}, {"number": "int8"}, by="number")
    assert found["number"].tolist() == []


def test_a_null_is_refused_with_its_column(session: Session) -> None:
    query = "SELECT 1 AS grp, nullif(i, 2) AS number FROM generate_series(1, 3) i"
    with pytest.raises(ValueError, match="number holds nulls"):
        read_column_groups(session, query, {}, {"number": "int4"}, by="grp")
