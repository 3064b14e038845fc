"""The database of this machine, reached directly: for the first log-in, before any exists.

The embedded Postgres is used where it runs, or started for as long as the command takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from backend.cli.folder import data_folder
from backend.cli.output import say
from backend.cli.stop import Exit, Stop
from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.settings import get_settings
from backend.ops.embedded.lock import DataFolderInUseError, DataFolderLock
from backend.ops.embedded.postgres import SOCKET_NAME, SUPERUSER, EmbeddedPostgres
from backend.ops.embedded.process import StartError


@contextmanager
def local_engine() -> Iterator[Engine]:
    """An engine on this machine's database.

    Raises:
        Stop: the database cannot be reached or started.
    """
    with _database_url() as url:
        engine = make_engine(url, pool_size=1)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def local_transaction() -> Iterator[Session]:
    """A transaction on this machine's database, committed at the end of the block.

    Raises:
        Stop: the database cannot be reached or started.
    """
    with local_engine() as engine, transaction(engine) as session:
        yield session


@contextmanager
def running_database() -> Iterator[Session | None]:
    """A transaction on this machine's database where it runs and has its tables, else None."""
    url = get_settings().database_url or running_embedded_url(data_folder())
    if url is None or answers(url, "SELECT 1 FROM users LIMIT 1") is not None:
        yield None
        return
    engine = make_engine(url, pool_size=1)
    try:
        with transaction(engine) as session:
            yield session
    finally:
        engine.dispose()


def running_embedded_url(folder: Path) -> str | None:
    """Address of the embedded Postgres of a data folder if it runs, else None."""
    try:
        # Lines of postmaster.pid: process, data folder, start, port, folder of the socket, …
        sockets = (folder / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    except (OSError, IndexError):
        return None
    if not sockets or not (Path(sockets) / SOCKET_NAME).exists():
        return None
    url = f"postgresql+psycopg://{SUPERUSER}@/infantnet?host={sockets}"
    return url if answers(url) is None else None


def answers(url: str, query: str = "SELECT 1") -> str | None:
    """None when a database answers a query, else why not."""
    engine = make_engine(url, pool_size=1, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            connection.execute(text(query))
    except (OperationalError, ProgrammingError) as error:
        return str(error.orig).splitlines()[0]
    finally:
        engine.dispose()
    return None


@contextmanager
def _database_url() -> Iterator[str]:
    configured = get_settings().database_url
    if configured is not None:
        if fault := answers(configured):
            raise Stop(f"Cannot reach the database: {fault}", Exit.UNREACHABLE)
        migrate.upgrade(configured)
        yield configured
        return
    folder = data_folder()
    if (running := running_embedded_url(folder)) is not None:
        yield running
        return
    try:
        with DataFolderLock(folder), EmbeddedPostgres(folder) as postgres:
            say(f"Using the database in {folder}.")
            url = postgres.ensure_database()
            migrate.upgrade(url)
            yield url
    except (DataFolderInUseError, StartError) as error:
        raise Stop(str(error), Exit.UNREACHABLE) from error
