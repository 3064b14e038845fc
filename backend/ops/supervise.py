"""One command that runs the whole product: ``infantnet up`` or ``python -m backend.ops.supervise``.

Starts Postgres and Redis where no addresses are given, brings the tables up to date, starts the
web server, the dispatcher of jobs and one worker per queue, loads the demo the first time, says
where the product is, and keeps all of it running until Ctrl-C.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from pydantic import ValidationError

from backend.core.health import processes
from backend.core.private import close_folder, keep_private
from backend.core.settings import Settings, get_settings
from backend.ops.children import Child, stop_together
from backend.ops.embedded.keeping import Kept, no_room
from backend.ops.embedded.lock import DataFolderInUseError, DataFolderLock
from backend.ops.embedded.postgres import EmbeddedPostgres
from backend.ops.embedded.process import StartError
from backend.ops.embedded.redis import EmbeddedRedis
from backend.ops.probe import Probe

READY_S = 90.0
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""Fits are many small matrices: further threads wait for one another, at three times the work."""
TERM, QUIT, KILL, ABRT = signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL, signal.SIGABRT


class CannotStart(RuntimeError):
    """The product cannot start; the message says why and what to do."""


def run(settings: Settings) -> int:
    """Run until a signal asks to stop.

    Returns:
        The exit status: 0 after a stop that was asked for.
    """
    try:
        return Supervisor(settings).run()
    except (CannotStart, DataFolderInUseError, StartError) as error:
        print(f"\ninfantnet: {error}", file=sys.stderr)
        if settings.data_dir.is_dir() and (room := no_room(settings.data_dir)):
            print(room, file=sys.stderr)
        return 1


class Supervisor:
    """All that belongs to one running product."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.asked_to_stop = 0
        self.children: list[Child] = []
        self.told: list[tuple[str, bool, int, bool]] = []
        self.postgres: EmbeddedPostgres | None = None
        self.redis: EmbeddedRedis | None = None
        self.kept: list[Kept] = []

    def run(self) -> int:
        """Start everything, watch it, stop it; see :func:`run`."""
        if self.settings.port == 0:
            self.settings = self.settings.model_copy(update={"port": free_port(self.settings.host)})
        keep_private()
        close_folder(self.settings.data_dir)
        lock = DataFolderLock(self.settings.data_dir)
        lock.acquire(self.settings.base_url)
        with lock, self._signals():
            try:
                self._start()
                self._watch()
            finally:
                self._stop()
        return 0

    def _start(self) -> None:
        data = self.settings.data_dir
        self.children = self._make_children()
        for child in self.children:
            child.end_leftover()
        check_port(self.settings)
        if self.settings.database_url is None:
            self.postgres = EmbeddedPostgres(data)
            self.postgres.start()
            self.kept.append(Kept("Postgres", self.postgres, data))
            url = self.postgres.ensure_database()
            self.settings = self.settings.model_copy(update={"database_url": url})
        if self.settings.redis_url is None:
            self.redis = EmbeddedRedis(data)
            self.redis.start()
            self.kept.append(Kept("Redis", self.redis, data))
            self.settings = self.settings.model_copy(update={"redis_url": self.redis.url()})
        else:
            check_redis(self.settings.redis_url)
        self.children = self._make_children()
        web, *others = self.children
        web.start()  # it reads its modules while this process sees to the tables
        self._migrate()
        self._load_demo()
        self._await_ready(web)
        if self.asked_to_stop:
            return
        self._greet()
        for child in others:
            child.start()

    def _migrate(self) -> None:
        # Half a second of modules, read while the web server reads its own.
        from sqlalchemy.exc import SQLAlchemyError

        from backend.core.database import migrate
        from backend.core.database.engine import make_engine
        from backend.core.database.session import transaction
        from backend.models.checkpoints import service as checkpoints

        try:
            migrate.upgrade(self.settings.required_database_url)
        except SQLAlchemyError as error:
            first = str(getattr(error, "orig", None) or error).partition("\n")[0]
            raise CannotStart(
                f"the database at {without_password(self.settings.required_database_url)}"
                f" (DATABASE_URL) cannot be used: {first}"
            ) from error
        engine = make_engine(self.settings.required_database_url)
        with transaction(engine) as session:
            checkpoints.register(session, self.settings)
        engine.dispose()

    def _make_children(self) -> list[Child]:
        environment = self.settings.child_environment() | {"PYTHONUNBUFFERED": "1"}
        data = self.settings.data_dir

        def child(name: str, *arguments: str, death: signal.Signals = TERM) -> Child:
            # Workers are asked to finish first, then to drop their job: it is delivered again.
            signals = ((TERM, 2.0), (QUIT, 3.0), (KILL, 2.0))
            return Child(name, arguments, environment, data, signals, death)

        children = [
            child("web", "-m", "backend.web.serve"),
            child("dispatcher", "-m", "backend.core.jobs.dispatcher"),
        ]
        for queue in self.settings.queues:
            many = self.settings.cpu_workers if queue == "cpu" else 1
            name = f"worker-{queue}"
            command = ["-m", "celery", "-A", "worker.app:app", "worker", "-Q", queue]
            command += ["--concurrency", str(many), "-n", f"{name}-{os.getpid()}@%h"]
            if queue == "cpu":  # those of the other queue keep their models
                command += ["--max-memory-per-child", str(self.settings.child_memory_mb * 1024)]
            command += ["--without-gossip", "--without-mingle", "-l", self.settings.log_level]
            worker = child(name, *command, death=QUIT)
            if queue == "cpu":
                worker.environment = {**ONE_THREAD, **worker.environment}
            children.append(worker)
        return children

    def _load_demo(self) -> None:
        loaded = self.settings.data_dir / "demo-loaded"
        if not self.settings.demo or loaded.exists() or self.asked_to_stop:
            return
        say("loading the demo (first start only) …")
        environment = self.settings.child_environment() | {"PYTHONUNBUFFERED": "1"}
        signals = ((TERM, 5.0), (KILL, 2.0))
        loader = Child(
            "demo", ("-m", "backend.demo.load"), environment, self.settings.data_dir, signals, KILL
        )
        loader.start()
        while loader.running() and not self.asked_to_stop:
            time.sleep(0.05)
        stop_together([loader])
        assert loader.process is not None
        if self.asked_to_stop:
            return
        if loader.process.returncode == 0:
            loaded.touch()
        else:
            say(
                f"the demo could not be loaded, the rest works; the next start tries again.\n"
                f"  The end of {loader.log}:\n{loader.log_tail()}"
            )

    def _await_ready(self, web: Child) -> None:
        deadline = time.monotonic() + READY_S
        answer = "no answer"
        while not self.asked_to_stop:
            if not web.running():
                raise CannotStart(
                    f"the web server ended at once. The end of {web.log}:\n{web.log_tail()}"
                )
            try:
                with urlopen(f"{local_url(self.settings)}/readyz", timeout=5):
                    return
            except HTTPError as error:
                answer = error.read().decode(errors="replace")[:1000]
            except (URLError, OSError) as error:
                answer = str(error)
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"the web server did not become ready within {READY_S:.0f} s ({answer}). "
                    f"The end of {web.log}:\n{web.log_tail()}"
                )
            time.sleep(0.05)

    def _greet(self) -> None:
        print(f"\nInfantNet is ready:  {self.settings.base_url}\n")
        with urlopen(f"{local_url(self.settings)}/api/v1/auth/demo-logins", timeout=10) as answer:
            logins = json.load(answer)
        if logins:
            print("Demo log-ins:")
            for login in logins:
                roles = ", ".join(login["roles"])
                print(f"  {login['email']:<26} {login['password']:<12} {roles}")
            print()
        elif not self._has_people():
            data = f"INFANTNET_DATA={self.settings.data_dir} "
            print("Nobody can log in yet. In another terminal, add yourself:")
            print(f"  {data}.venv/bin/infantnet users add you@example.org --role admin\n")
        print(f"Data: {self.settings.data_dir}   logs: {self.settings.logs_dir}")
        print("Ctrl-C stops everything.", flush=True)

    def _has_people(self) -> bool:
        from sqlalchemy import text

        from backend.core.database.engine import make_engine

        engine = make_engine(self.settings.required_database_url, pool_size=1)
        try:
            with engine.connect() as connection:
                return connection.execute(text("SELECT 1 FROM users LIMIT 1")).first() is not None
        finally:
            engine.dispose()

    def _watch(self) -> None:
        probe = Probe(f"{local_url(self.settings)}/healthz", self.settings.probe_seconds)
        probe.start()
        try:
            self._watch_with(probe)
        finally:
            probe.stop()

    def _tell_how_processes_fare(self) -> None:
        """Write it down when it changed; a full disk must not end what still runs."""
        rows = [child.fares() for child in self.children]
        told = [(row.name, row.down, row.failures, row.next_start_s is None) for row in rows]
        if told != self.told:
            with suppress(OSError):
                processes.write(self.settings.data_dir, rows)
                self.told = told

    def _watch_with(self, probe: Probe) -> None:
        while not self.asked_to_stop:
            for kept in self.kept:
                if line := kept.tend():
                    say(line)
            for child in self.children:
                started = child.started_at
                if line := child.tend():
                    say(line)
                if child.name == "web" and child.started_at != started:
                    probe.begin_again()
            self._end_hanging(self.children[0], probe)
            self._tell_how_processes_fare()
            time.sleep(0.2)

    def _end_hanging(self, web: Child, probe: Probe) -> None:
        """End a web server that lives and does not answer; another one starts after its pause."""
        if not (web.running() and probe.hangs()):
            return
        say(f"the web server does not answer; starting it again (see {web.log})")
        web.tell(ABRT)  # it writes down where each of its threads stands
        web.end_within(2.0)
        probe.begin_again()

    def _stop(self) -> None:
        if any(child.running() for child in self.children):
            say("stopping …")
        stop_together(self.children)
        processes.forget(self.settings.data_dir)
        for server in (self.redis, self.postgres):
            if server is not None:
                server.stop()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Let Ctrl-C and the like ask for an orderly stop; a third one in a row ends at once."""

        def ask(number: int, _frame: FrameType | None) -> None:
            self.asked_to_stop += 1
            if self.asked_to_stop >= 3:
                os._exit(128 + number)  # the kernel then ends the children

        kept = {
            number: signal.signal(number, ask)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)


def check_port(settings: Settings) -> None:
    """Make sure that the web server can have its port.

    Raises:
        CannotStart: another program has it, or this machine has no such address.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise CannotStart(
            f"HOST={settings.host} is not an address of this machine: {error}"
        ) from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except PermissionError as error:
            raise CannotStart(
                f"port {settings.port} needs special permissions; choose one from 1024 up: "
                "PORT=8000"
            ) from error
        except OSError as error:
            raise CannotStart(
                f"port {settings.port} on {settings.host} cannot be used ({error.strerror}). "
                "Choose another one: PORT=8001"
            ) from error


def without_password(url: str) -> str:
    """An address as it may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}:{parts.port or ''}{parts.path}"


def check_redis(url: str) -> None:
    """Make sure that the Redis of ``REDIS_URL`` answers.

    Raises:
        CannotStart: it does not; the message names it.
    """
    import redis

    try:
        client = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
        client.ping()
    except (redis.RedisError, ValueError) as error:
        raise CannotStart(
            f"Redis at {without_password(url)} (REDIS_URL) cannot be reached: {error}"
        ) from error


def free_port(host: str) -> int:
    """A port on ``host`` that nobody listens on."""
    with socket.create_server((host, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def local_url(settings: Settings) -> str:
    """Address at which this machine itself reaches the web server."""
    return settings.model_copy(update={"public_url": None}).base_url


def say(text: str) -> None:
    """Print a line for the person at the terminal."""
    print(f"→ {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Entry point of ``python -m backend.ops.supervise``, which ``make run`` calls."""
    try:
        settings = get_settings()
    except ValidationError as error:
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"])
            print(f"infantnet: {name}: {fault['msg']}", file=sys.stderr)
        return 2
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
