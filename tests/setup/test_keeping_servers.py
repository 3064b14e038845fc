"""A server that ended comes back, however long that takes, and nothing else ends for it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.ops.embedded.keeping import MAX_PAUSE_S, Kept, no_room
from backend.ops.embedded.postgres import EmbeddedPostgres


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path / "data", options={"fsync": "off"}) as server:
        yield server


def test_a_postgres_that_cannot_start_is_tried_again_until_it_can(
    postgres: EmbeddedPostgres,
) -> None:
    now = 0.0
    kept = Kept("Postgres", postgres, postgres.data_dir, clock=lambda: now)
    settings = postgres.cluster / "postgresql.conf"
    away = settings.rename(postgres.cluster / "away")
    assert postgres.process is not None
    postgres.process.kill()
    postgres.process.wait()

    line = kept.tend()

    assert line is not None
    assert "Postgres ended unexpectedly and cannot be started again yet" in line
    assert "postgresql.conf" in line
    away.rename(settings)
    assert kept.tend() is None
    now += MAX_PAUSE_S
    assert kept.tend() == "Postgres runs again"
    with postgres.connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_server_that_runs_is_left_alone(postgres: EmbeddedPostgres) -> None:
    assert postgres.process is not None
    number = postgres.process.pid

    assert Kept("Postgres", postgres, postgres.data_dir).tend() is None

    assert postgres.process.pid == number


def test_a_full_disk_is_said_with_the_folder_that_needs_room(tmp_path: Path) -> None:
    full = no_room(tmp_path, OSError(errno.ENOSPC, "No space left on device"))

    assert full is not None
    assert str(tmp_path) in full
    assert no_room(tmp_path) is None
