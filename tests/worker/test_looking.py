"""A worker looks at a recording in one transaction: all of it holds, or everything stays noted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import FrameSuspicion, Recording, SuspicionNote
from backend.core.settings import Settings
from backend.overview.suspicions import repository
from backend.recordings.counts import SUSPICIOUS_FRAMES, numbers_of
from tests.backend.overview.suspicions.test_suspicions import film
from worker.looking import look


@pytest.fixture
def committed(engine: Engine) -> Iterator[Session]:
    """A session that may commit: workers have connections of their own."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


KILLED_BEFORE_FORGETTING = textwrap.dedent(
    """
    import os, signal, sys
    from backend.core.settings import Settings
    from backend.overview.suspicions import repository
    from worker.looking import look

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    repository.forget_notes = die
    look(int(sys.argv[1]), Settings(database_url=sys.argv[2]))
    """
)


def rows(
    session: Session, table: type[FrameSuspicion | SuspicionNote], recording: Recording
) -> int:
    session.rollback()
    query = select(func.count()).select_from(table).where(table.recording_id == recording.id)
    return session.scalar(query) or 0


def suspicious(session: Session, recording: Recording) -> int:
    return numbers_of(session, [recording.id])[recording.id].get(SUSPICIOUS_FRAMES, 0)


def test_what_was_noted_is_looked_at_and_counted(committed: Session, settings: Settings) -> None:
    recording = film(committed)
    committed.commit()
    assert look(recording.id, settings) == 60
    assert rows(committed, SuspicionNote, recording) == 0
    assert suspicious(committed, recording) == 1
    assert look(recording.id, settings) == 0


def test_killed_between_ranking_and_forgetting_everything_is_done_again(
    committed: Session, settings: Settings, database_url: str
) -> None:
    recording = film(committed)
    committed.commit()
    noted = rows(committed, SuspicionNote, recording)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_BEFORE_FORGETTING, str(recording.id), database_url],
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ended.returncode == -signal.SIGKILL
    assert rows(committed, SuspicionNote, recording) == noted
    assert rows(committed, FrameSuspicion, recording) == 0
    assert suspicious(committed, recording) == 0
    assert look(recording.id, settings) == 60
    assert suspicious(committed, recording) == 1


def test_of_two_workers_one_leaves_it_to_the_other(
    committed: Session, settings: Settings, engine: Engine
) -> None:
    recording = film(committed)
    committed.commit()
    with transaction(engine) as other:
        assert repository.only_one(other, recording.id)
        assert look(recording.id, settings) == 0
    assert look(recording.id, settings) == 60


def test_a_recording_that_is_gone_is_nothing_to_look_at(settings: Settings) -> None:
    assert look(10**9, settings) == 0
