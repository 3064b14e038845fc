"""When log-ins and tokens were last used: noted in memory, written apart, seldom, never waited for.

Authentication only reads. What is worth a note (a token's last use, a log-in whose end moves on) is
kept in memory until a thread of its own writes all of it at once. A row that somebody else holds is
left out, and a note that is lost costs nothing: the next use makes it again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.core.accounts import repository
from backend.core.database.session import transaction

EVERY_S = 5.0

log = structlog.get_logger(__name__)


class Uses:
    """Notes of what was used, by the row's id; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[int, datetime] = {}
        self._logins: dict[int, datetime] = {}

    def token(self, token_id: int, at: datetime) -> None:
        """Note that a token was used."""
        with self._lock:
            self._tokens[token_id] = at

    def login(self, login_id: int, until: datetime) -> None:
        """Note that a log-in was used, and therefore lasts until then."""
        with self._lock:
            self._logins[login_id] = until

    def write(self, session: Session) -> None:
        """Write all notes and forget them; rows that are locked are left out."""
        with self._lock:
            tokens, self._tokens = self._tokens, {}
            logins, self._logins = self._logins, {}
        if tokens:
            repository.touch_tokens(session, tokens)
        if logins:
            repository.extend_logins(session, logins)

    def any(self) -> bool:
        """Whether there is something to write."""
        with self._lock:
            return bool(self._tokens or self._logins)

    @contextmanager
    def written_by(self, engine: Engine) -> Iterator[None]:
        """Write every few seconds in a thread of its own, and once more at the end."""
        ended = threading.Event()
        thread = threading.Thread(
            target=self._write_until, args=(engine, ended), name="uses", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(2.0)

    def _write_until(self, engine: Engine, ended: threading.Event) -> None:
        last = False
        while not last:
            last = ended.wait(EVERY_S)
            if not self.any():
                continue
            try:
                with transaction(engine) as session:
                    self.write(session)
            except SQLAlchemyError as error:
                log.info("uses_not_written", error=str(error).partition("\n")[0])
