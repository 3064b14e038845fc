"""A database that is used again is as the migrations left it, or it is not used again."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.orm import Session

from backend.core.database.engine import make_engine
from backend.core.database.tables import Recording
from tests.factories import make_annotator, make_boxed_recording
from tests.fixtures.cluster import Cluster
from tests.fixtures.washing import Washed


@pytest.fixture
def own(cluster: Cluster, worker_id: str) -> Iterator[Washed]:
    own = Washed(cluster, f"tub_{worker_id}")
    yield own
    for name in own.free:
        cluster.drop(name)


def work_in(url: str) -> int:
    """Somebody's boxed recording; its number."""
    with Session(make_engine(url)) as session:
        recording: Recording = make_boxed_recording(session, make_annotator(session))
        session.commit()
        return recording.id


def test_rows_and_numbers_begin_anew_whatever_triggers_guard(cluster: Cluster, own: Washed) -> None:
    name = own.take()
    first = work_in(cluster.url(name))
    own.give_back(name)

    assert name in own.free
    with cluster.admin(name) as connection:
        for table in ("recordings", "annotations", "users", "recording_counts"):
            query = psycopg.sql.SQL("select 1 from {}").format(psycopg.sql.Identifier(table))
            assert connection.execute(query).fetchall() == []
    assert work_in(cluster.url(name)) == first


def test_rows_of_the_migrations_come_back(cluster: Cluster, own: Washed) -> None:
    name = own.take()
    with cluster.admin(name) as connection:
        before = connection.execute("select * from team_rules").fetchall()
        connection.execute("delete from team_rules")
    own.give_back(name)

    with cluster.admin(name) as connection:
        assert connection.execute("select * from team_rules").fetchall() == before != []


def test_changed_tables_are_not_used_again(cluster: Cluster, own: Washed) -> None:
    name = own.take()
    with cluster.admin(name) as connection:
        connection.execute("alter table jobs add column more int")
    own.give_back(name)

    assert name not in own.free
