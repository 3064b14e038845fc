"""Ids that many rows are given at once."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from backend.core.database.copying import random_uuids, reserve_ids


def test_ids_are_rising_and_nobody_else_is_given_them(session: Session) -> None:
    first, second = reserve_ids(session, "candidates", 5), reserve_ids(session, "candidates", 2)
    assert list(first) == list(range(first[0], first[0] + 5))
    assert min(second) > max(first)
    assert list(reserve_ids(session, "candidates", 0)) == []


def test_uuids_are_random_ones_as_the_standard_has_them() -> None:
    found = [uuid.UUID(one) for one in random_uuids(1000)]
    assert {(one.version, one.variant) for one in found} == {(4, uuid.RFC_4122)}
    assert len(set(found)) == 1000
    assert random_uuids(0) == []
