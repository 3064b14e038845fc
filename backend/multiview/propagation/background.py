"""Solving whole recordings behind the requests that ask for it.

One thread a process: recordings are solved one after the other, each once things are quiet for a
moment, and at the latest after a few seconds. What is not done when a process ends is done by the
next one that is asked how the recording stands: the answer is a function of the evidence.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from backend.core.database.session import transaction
from backend.core.storage import BlobStore, StorageError
from backend.domain.errors import DomainError
from backend.multiview.propagation import service
from backend.multiview.propagation.sessions import Sessions

QUIET_S: Final = 0.6
"""So long nothing is to change before the whole is solved."""

PATIENCE_S: Final = 4.0
"""After so long it is solved all the same."""

log = structlog.get_logger(__name__)


class Travelling:
    """What a process keeps for corrections that travel, and the thread that solves the whole.

    Args:
        engine: The database.
        storage: The store of motion.
    """

    def __init__(self, engine: Engine, storage: BlobStore) -> None:
        self.sessions = Sessions()
        self._engine = engine
        self._storage = storage
        self._due: dict[int, tuple[float, float]] = {}
        self._news = threading.Condition()
        self._ended = False

    def wake(self, recording_id: int) -> None:
        """Have a recording solved soon; asking again puts it off a little."""
        now = time.monotonic()
        with self._news:
            _, latest = self._due.get(recording_id, (0.0, now + PATIENCE_S))
            self._due[recording_id] = (min(now + QUIET_S, latest), latest)
            self._news.notify()

    @contextmanager
    def running(self) -> Iterator[None]:
        """The thread runs within this block."""
        thread = threading.Thread(target=self._run, name="propagation", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with self._news:
                self._ended = True
                self._news.notify()
            thread.join(timeout=5.0)

    def _run(self) -> None:
        while (recording_id := self._next()) is not None:
            try:
                with transaction(self._engine) as session:
                    service.solve_whole(session, self._storage, self.sessions, recording_id)
            except DomainError as error:
                log.info("propagation_not_solved", recording=recording_id, why=error.message)
            except (SQLAlchemyError, StorageError) as error:
                first = str(error).splitlines()[0]
                log.warning("propagation_failed", recording=recording_id, error=first)
            except Exception:
                # The edge of a thread: another recording is to be solved all the same.
                log.exception("propagation_failed", recording=recording_id)

    def _next(self) -> int | None:
        """The recording that is due, once one is; None at the end."""
        with self._news:
            while not self._ended:
                now = time.monotonic()
                due = min(self._due.items(), key=lambda item: item[1][0], default=None)
                if due is None:
                    self._news.wait()
                elif due[1][0] <= now:
                    del self._due[due[0]]
                    return due[0]
                else:
                    self._news.wait(due[1][0] - now)
            return None
