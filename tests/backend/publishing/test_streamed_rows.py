"""Rows of a large query come in order, a batch ahead, and whoever stops early leaves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Integer, Select, column, func, select, text
from sqlalchemy.orm import Session

from backend.publishing.streamed_rows import batches


def numbers(most: int) -> Select[*tuple[Any, ...]]:
    n = column("n", Integer)
    return select(n).select_from(func.generate_series(1, most).alias("n"))


def open_cursors(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT name FROM pg_cursors WHERE name <> ''")))


def test_batches_come_in_order_and_the_session_can_be_asked_between_them(session: Session) -> None:
    seen = []
    for rows in batches(session, numbers(250), "some", 100):
        assert session.scalar(select(func.count()).select_from(numbers(3).subquery())) == 3
        seen.append([row.n for row in rows])
    assert [len(some) for some in seen] == [100, 100, 50]
    assert [n for some in seen for n in some] == list(range(1, 251))


def test_who_stops_early_leaves_no_cursor(session: Session) -> None:
    some = batches(session, numbers(1000), "some", 10)
    assert len(next(some)) == 10
    assert open_cursors(session) == ["some"]
    some.close()  # type: ignore[attr-defined]
    assert open_cursors(session) == []


def test_an_error_of_a_later_batch_reaches_the_reader(session: Session) -> None:
    n = column("n", Integer)
    query = select((1 / (n - 15)).label("n")).select_from(func.generate_series(1, 30).alias("n"))
    some = batches(session, query, "some", 10)
    assert len(next(some)) == 10
    with pytest.raises(Exception, match="division by zero"):
        next(some)
