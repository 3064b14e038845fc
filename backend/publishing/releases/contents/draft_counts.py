"""Counting drafts behind the requests that ask for it: no page waits for a hundred thousand frames.

One thread a process. What is counted stands in the database: what dies with the process is counted
again by the next one that is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import TimeoutError as TooLong
from contextlib import contextmanager
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.core.database.session import after_commit, transaction
from backend.core.database.tables import Release
from backend.publishing.releases import repository
from backend.publishing.releases.contents import statistics
from backend.publishing.releases.contents.counting import Counting
from backend.publishing.releases.contents.held import key_of
from backend.publishing.releases.contents.schemas import StatisticsOut

WAIT_S: Final = 0.1
"""So long a request waits: small drafts are counted by then."""


class DraftCounts:
    """What a process keeps to count drafts.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._counting = Counting[StatisticsOut]()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Drafts are counted within this block."""
        try:
            yield
        finally:
            self._counting.end()

    def told(self, session: Session, release: Release) -> StatisticsOut | None:
        """What a release holds; None while a draft is being counted.

        Args:
            session: A transaction.
            release: The release.
        """
        if statistics.known(session, release):
            return statistics.told(session, release)
        id_, key = release.id, key_of(session, release)
        try:
            return self._counting.begin(id_, key, lambda: self._count(id_)).result(WAIT_S)
        except TooLong:
            return None

    def ahead(self, session: Session, release: Release) -> None:
        """Have a draft counted once this transaction is committed, before anybody asks."""
        id_, key = release.id, key_of(session, release)
        after_commit(session, lambda: self._counting.begin(id_, key, lambda: self._count(id_)))

    def _count(self, release_id: int) -> StatisticsOut:
        with transaction(self._engine) as session:
            return statistics.told(session, repository.get(session, release_id))


async def _draft_counts(request: Request) -> DraftCounts:
    found: DraftCounts = request.app.state.draft_counts
    return found


DraftCountsDep = Annotated[DraftCounts, Depends(_draft_counts)]
