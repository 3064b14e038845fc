"""The built-in Postgres and Redis: started, killed, started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from backend.ops.embedded.lock import DataFolderInUseError, DataFolderLock
from backend.ops.embedded.postgres import EmbeddedPostgres
from backend.ops.embedded.process import SOCKET_PATH_LIMIT, StartError, socket_folder
from backend.ops.embedded.redis import EmbeddedRedis

# A parent that starts both servers, says their process numbers, and waits to be killed.
PARENT = """
import sys, time
from pathlib import Path
from backend.ops.embedded.postgres import EmbeddedPostgres
from backend.ops.embedded.redis import EmbeddedRedis
data = Path(sys.argv[1])
postgres, redis = EmbeddedPostgres(data), EmbeddedRedis(data)
postgres.start(); redis.start()
print(postgres.process.pid, redis.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def finished_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a Postgres cluster in it that was stopped cleanly."""
    folder = tmp_path_factory.mktemp("finished")
    with EmbeddedPostgres(folder):
        pass
    return folder / "postgres"


@pytest.fixture
def data(tmp_path: Path, finished_cluster: Path) -> Path:
    """A data folder that was used before: making a cluster anew takes a second each time."""
    shutil.copytree(finished_cluster, tmp_path / "data" / "postgres")
    return tmp_path / "data"


def await_end(pid: int) -> None:
    """Wait until a process has ended; a zombie that nobody collects has."""
    for _ in range(300):
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.NoSuchProcess:
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} still runs")


def start_parent(data: Path) -> tuple[subprocess.Popen[str], int, int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    postgres, redis_server = map(int, parent.stdout.readline().split())
    return parent, postgres, redis_server


def test_postgres_keeps_what_was_written_over_a_restart(data: Path) -> None:
    with EmbeddedPostgres(data) as postgres:
        postgres.ensure_database("kept")
        with postgres.connect("kept") as connection:
            connection.execute("create table t as select 42 as answer")
    with EmbeddedPostgres(data) as postgres, postgres.connect("kept") as connection:
        assert connection.execute("select answer from t").fetchall() == [(42,)]


def test_postgres_is_durable_and_off_the_network(data: Path) -> None:
    with EmbeddedPostgres(data) as postgres, postgres.connect() as connection:

        def show(name: str) -> object:
            row = connection.execute("select current_setting(%s)", (name,)).fetchone()
            assert row is not None
            return row[0]

        assert show("fsync") == "on"
        assert show("full_page_writes") == "on"
        assert show("data_checksums") == "on"
        assert show("listen_addresses") == ""
        assert show("server_encoding") == "UTF8"
        assert (postgres.sockets.stat().st_mode & 0o077) == 0


def test_redis_keeps_what_was_written_over_a_restart(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, redis.Redis.from_url(server.url()) as client:
        client.set("answer", "42")
    with EmbeddedRedis(tmp_path) as server, redis.Redis.from_url(server.url()) as client:
        assert client.get("answer") == b"42"


def test_the_servers_end_when_their_parent_is_killed(data: Path) -> None:
    parent, postgres, redis_server = start_parent(data)
    parent.kill()
    parent.wait()
    await_end(postgres)
    await_end(redis_server)


def test_both_start_again_after_everything_was_killed(data: Path) -> None:
    parent, postgres, redis_server = start_parent(data)
    for pid in (postgres, redis_server, parent.pid):
        os.kill(pid, signal.SIGKILL)
    parent.wait()
    assert (data / "postgres" / "postmaster.pid").exists()
    with EmbeddedPostgres(data) as again, again.connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    with EmbeddedRedis(data) as again_redis:
        assert redis.Redis.from_url(again_redis.url()).ping()


def test_servers_of_a_killed_run_that_still_live_are_replaced(data: Path) -> None:
    parent, postgres, redis_server = start_parent(data)
    try:
        with EmbeddedPostgres(data) as again, again.connect() as connection:
            await_end(postgres)
            assert connection.execute("select 1").fetchone() == (1,)
        with EmbeddedRedis(data):
            await_end(redis_server)
    finally:
        parent.kill()
        parent.wait()


def test_a_process_number_that_now_belongs_to_somebody_else_blocks_nothing(data: Path) -> None:
    stale = data / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{data / 'postgres'}\n1\n5432\n\n\n\nready\n")
    with EmbeddedPostgres(data) as postgres, postgres.connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_cluster_that_was_half_made_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path) as postgres, postgres.connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_cluster_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(StartError, match="made by Postgres 16"):
        EmbeddedPostgres(tmp_path).start()
    assert (tmp_path / "postgres" / "PG_VERSION").read_text() == "16\n"


def test_a_folder_with_a_very_long_path_still_gets_short_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 20) / ("path" * 20)
    assert len(str(socket_folder(deep, "redis.sock") / "redis.sock")) < SOCKET_PATH_LIMIT
    with EmbeddedPostgres(deep) as postgres:
        psycopg.connect(host=str(postgres.sockets), user="postgres", dbname="postgres").close()


def test_a_second_run_in_the_same_folder_is_told_who_is_there(tmp_path: Path) -> None:
    first, second = DataFolderLock(tmp_path), DataFolderLock(tmp_path)
    first.acquire("http://127.0.0.1:8000")
    with pytest.raises(DataFolderInUseError, match=rf"process {os.getpid()}, http://127.0.0.1"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()
