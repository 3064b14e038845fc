"""``infantnet up``: started, stopped, killed, started again, and told apart from a second one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

from tests.fixtures.server import ROOT, Server, start_server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("supervisor")]


def wait_for(what: Callable[[], bool], seconds: float = 180.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            pytest.fail(f"{what.__name__} did not come true within {seconds:.0f} s")
        time.sleep(0.1)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a zombie that nobody collects does not."""
    found = []
    for process in processes:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def family(server: Server) -> list[psutil.Process]:
    """The supervisor's descendants, once all of them have started."""
    pids = [server.data_dir / "run" / f"{n}.pid" for n in ("web", "dispatcher", "worker-gpu")]
    wait_for(lambda: all(path.exists() for path in pids))
    return psutil.Process(server.process.pid).children(recursive=True)


def try_to_start(data_dir: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Start the product where it cannot start."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("INFANTNET_")}
    environment |= {"INFANTNET_DATA_DIR": str(data_dir), "INFANTNET_PORT": str(port)}
    return subprocess.run(
        [sys.executable, "-m", "backend.ops.supervise"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A product that goes on whatever happens to its parts; these tests share it."""
    often = {"INFANTNET_PROBE_SECONDS": "2"}
    with start_server(tmp_path_factory.mktemp("steady"), often) as server:
        yield server


@dataclass(frozen=True)
class Again:
    """A product that was started in the folder of one that was killed."""

    server: Server
    orphans: list[psutil.Process]
    """What the killed one had started."""


@pytest.fixture(scope="module")
def again(steady: Server) -> Iterator[Again]:
    """The steady product, killed and started again: for the last tests of this file."""
    orphans = family(steady)
    steady.process.kill()
    steady.process.wait()
    with start_server(steady.data_dir) as server:
        yield Again(server, orphans)


def answers(server: Server) -> bool:
    """Whether it is ready just now."""
    try:
        with urlopen(f"{server.url}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def test_a_second_run_in_the_same_folder_is_refused_with_the_address_of_the_first(
    steady: Server,
) -> None:
    refused = try_to_start(steady.data_dir, 0)
    assert refused.returncode == 1
    assert "is in use by a running infantnet" in refused.stderr
    assert steady.url in refused.stderr
    wait_for(lambda: answers(steady))


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        refused = try_to_start(tmp_path, other.getsockname()[1])
    assert refused.returncode == 1
    assert "PORT=" in refused.stderr
    assert not (tmp_path / "postgres").exists()


def test_a_web_server_that_dies_comes_back(steady: Server) -> None:
    pid_file = steady.data_dir / "run" / "web.pid"
    first = pid_file.read_text()
    os.kill(int(first.split()[0]), signal.SIGKILL)

    def answers_again() -> bool:
        return pid_file.read_text() != first and answers(steady)

    wait_for(answers_again)
    assert "web ended unexpectedly" in (steady.data_dir / "supervisor.log").read_text()


def test_a_postgres_that_dies_comes_back(steady: Server) -> None:
    for process in psutil.Process(steady.process.pid).children():
        if process.name() == "postgres":
            process.send_signal(signal.SIGQUIT)

    wait_for(lambda: "Postgres ended" in (steady.data_dir / "supervisor.log").read_text())
    wait_for(lambda: answers(steady))


def test_a_web_server_that_does_not_answer_is_started_again(steady: Server) -> None:
    pid_file = steady.data_dir / "run" / "web.pid"
    first = pid_file.read_text()
    os.kill(int(first.split()[0]), signal.SIGSTOP)

    def answers_again() -> bool:
        return pid_file.read_text() != first and answers(steady)

    wait_for(answers_again)
    assert "web server does not answer" in (steady.data_dir / "supervisor.log").read_text()


def test_a_worker_that_keeps_failing_is_told_as_down_and_the_others_go_on(steady: Server) -> None:
    pid_file = steady.data_dir / "run" / "worker-gpu.pid"

    def down() -> dict[str, str]:
        try:
            with urlopen(f"{steady.url}/readyz", timeout=10) as answer:
                told: dict[str, str] = json.load(answer).get("down", {})
        except OSError:  # a busy machine may leave it no time
            return {}
        return told

    def told_as_down() -> bool:
        with contextlib.suppress(OSError, ValueError, IndexError):
            os.killpg(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        return "times in a row" in down().get("worker-gpu", "")

    wait_for(told_as_down)

    assert steady.process.poll() is None


def test_a_redis_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("INFANTNET_")}
    environment |= {
        "INFANTNET_DATA_DIR": str(tmp_path / "data"),
        "INFANTNET_PORT": "0",
        "REDIS_URL": f"redis://:secret@127.0.0.1:{port}/0",
    }

    ended = subprocess.run(
        [sys.executable, "-m", "backend.ops.supervise"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 1
    assert f"Redis at redis://127.0.0.1:{port}/0 (REDIS_URL) cannot be reached" in ended.stderr
    assert "secret" not in ended.stderr


# The product that the others shared is ended by these: they come last.


def test_a_killed_run_takes_its_processes_along_and_blocks_nothing(again: Again) -> None:
    assert answers(again.server)
    assert alive(again.orphans) == []


def test_a_stop_ends_every_process_and_is_no_error(again: Again) -> None:
    children = family(again.server)
    again.server.process.send_signal(signal.SIGINT)
    assert again.server.process.wait(120) == 0
    assert alive(children) == []
    assert list((again.server.data_dir / "run").glob("*.pid")) == []
