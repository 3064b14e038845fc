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

PAUSE_S: Final = 8.0
"""After so long without a change, all is solved where answers were only put on top."""

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
        self._whole: dict[int, float] = {}
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
        while (turn := self._next()) is not None:
            recording_id, whole = turn
            solve = service.solve_whole if whole else service.put_on_top
            try:
                with transaction(self._engine) as session:
                    stored = solve(session, self._storage, self.sessions, recording_id)
                if not service.is_whole(self.sessions, recording_id):
                    self._put_off(recording_id, anew=stored is not None)
            except DomainError as error:
                log.info("propagation_not_solved", recording=recording_id, why=error.message)
            except (SQLAlchemyError, StorageError) as error:
                first = str(error).splitlines()[0]
                log.warning("propagation_failed", recording=recording_id, error=first)
            except Exception:
                # The edge of a thread: another recording is to be solved all the same.
                log.exception("propagation_failed", recording=recording_id)

    def _put_off(self, recording_id: int, *, anew: bool) -> None:
        """Have all of a recording solved once people pause; anew: they just went on."""
        at = time.monotonic() + PAUSE_S
        with self._news:
            self._whole[recording_id] = at if anew else self._whole.get(recording_id, at)

    def _next(self) -> tuple[int, bool] | None:
        """The recording that is due, once one is, and whether all of it; None at the end."""
        with self._news:
            while not self._ended:
                now = time.monotonic()
                turns = [(at, key, False) for key, (at, _) in self._due.items()]
                turns += [(at, key, True) for key, at in self._whole.items()]
                at, recording_id, whole = min(turns, default=(now, 0, False))
                if not turns:
                    self._news.wait()
                elif at <= now:
                    del (self._whole if whole else self._due)[recording_id]
                    return recording_id, whole
                else:
                    self._news.wait(at - now)
            return None
