"""What is to be looked at is sent to the workers: once, again if it was lost, later if busy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery import Celery
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Recording, SuspicionNote
from backend.core.jobs import looks
from backend.core.jobs.broker import LOOK_TASK
from backend.core.jobs.looks import AGAIN_AFTER_S, EVERY_S, Looks, waiting_recordings
from backend.domain.workflow import Stage
from tests.factories import make_recording


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(looks, "time", clock)
    return clock


@pytest.fixture(autouse=True)
def _nothing_waits(engine: Engine) -> Iterator[None]:
    """Neither what others left, nor for others afterwards."""
    for leave in (False, True):
        with transaction(engine) as session:
            session.execute(delete(SuspicionNote))
        if not leave:
            yield


@pytest.fixture
def broker() -> Celery:
    """A queue in this process: what was sent lies in it until somebody takes it."""
    celery = Celery(broker="memory://", set_as_current=False)
    taken(celery)  # queues in memory are the process's
    return celery


def taken(broker: Celery) -> list[int]:
    """The recordings that a worker would be given now."""
    found = []
    with broker.connection_for_read() as connection:
        queue = connection.SimpleQueue("cpu")
        while queue.qsize():
            message = queue.get(block=False)
            assert message.headers["task"] == LOOK_TASK
            found.append(message.payload[0][0])
            message.ack()
    return found


def noted(session: Session, **options: object) -> Recording:
    recording = make_recording(session, frames=1, **options)  # type: ignore[arg-type]
    session.add(SuspicionNote(recording_id=recording.id))
    session.commit()
    return recording


def test_what_waits_is_sent_once_and_again_only_if_it_was_lost(
    committed: Session, engine: Engine, clock: Clock, broker: Celery
) -> None:
    recording = noted(committed)
    sender = Looks()
    assert sender.send(engine, broker) == 1
    assert taken(broker) == [recording.id]
    clock.now += EVERY_S
    assert sender.send(engine, broker) == 0
    clock.now += AGAIN_AFTER_S
    assert sender.send(engine, broker) == 1
    assert taken(broker) == [recording.id]


def test_the_database_is_asked_now_and_then_only(
    committed: Session, engine: Engine, clock: Clock, broker: Celery
) -> None:
    sender = Looks()
    assert sender.send(engine, broker) == 0
    noted(committed)
    assert sender.send(engine, broker) == 0
    clock.now += EVERY_S
    assert sender.send(engine, broker) == 1


def test_what_was_looked_at_and_changed_again_is_sent_at_once(
    committed: Session, engine: Engine, clock: Clock, broker: Celery
) -> None:
    recording = noted(committed)
    sender = Looks()
    sender.send(engine, broker)
    committed.execute(delete(SuspicionNote))
    committed.commit()
    clock.now += EVERY_S
    assert sender.send(engine, broker) == 0
    committed.add(SuspicionNote(recording_id=recording.id))
    committed.commit()
    clock.now += EVERY_S
    assert sender.send(engine, broker) == 1


def test_a_recording_that_a_job_fills_waits_until_that_ended(
    committed: Session, engine: Engine
) -> None:
    recording = noted(committed)
    recording.stage = Stage.PRELABELLING.value
    committed.commit()
    assert waiting_recordings(engine) == []
    recording.stage = Stage.PRELABELLED.value
    committed.commit()
    assert waiting_recordings(engine) == [recording.id]
