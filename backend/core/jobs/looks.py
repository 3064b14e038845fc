"""Recordings in which joints changed that nobody has looked at since.

To look is no job that people ask for, follow or cancel: it is done a moment after each change, by
whichever worker is free (``overview.suspicions``). What is to be looked at stays noted until it
was, so that a message to a worker may get lost, or come twice.
"""

from __future__ import annotations

import time
from typing import Final

from celery import Celery
from sqlalchemy import Engine, exists, select

from backend.core.database.session import transaction
from backend.core.database.tables import Recording, SuspicionNote
from backend.core.jobs.broker import LOOK_TASK
from backend.domain.workflow import Stage

BUSY: Final = (Stage.INGESTING.value, Stage.PRELABELLING.value)
"""A job is filling the recording just now: it is looked at once that ended."""

EVERY_S: Final = 2.0
AGAIN_AFTER_S: Final = 30.0
"""A recording is sent again if it still waits so long after it was sent: it may have been lost."""


class Looks:
    """Sends recordings that wait to the workers, each once until it was looked at."""

    def __init__(self) -> None:
        self._asked = float("-inf")
        self._sent: dict[int, float] = {}

    def send(self, engine: Engine, celery: Celery) -> int:
        """Send what waits; returns how many recordings. Asks the database now and then only."""
        now = time.monotonic()
        if now - self._asked < EVERY_S:
            return 0
        self._asked = now
        waiting = waiting_recordings(engine)
        self._sent = {id_: at for id_, at in self._sent.items() if id_ in waiting}
        fresh = [
            id_ for id_ in waiting if now - self._sent.get(id_, -AGAIN_AFTER_S) >= AGAIN_AFTER_S
        ]
        for recording_id in fresh:
            celery.send_task(LOOK_TASK, args=[recording_id], queue="cpu")
            self._sent[recording_id] = now
        return len(fresh)


def waiting_recordings(engine: Engine) -> list[int]:
    """Recordings of which something is to be looked at, that no job is filling just now."""
    with transaction(engine) as session:
        return list(
            session.scalars(
                select(Recording.id)
                .where(
                    Recording.stage.not_in(BUSY),
                    exists().where(SuspicionNote.recording_id == Recording.id),
                )
                .order_by(Recording.id)
            )
        )
