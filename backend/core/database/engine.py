"""The engine: Postgres through psycopg 3."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson
import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from backend.core.database import text


def json_text(value: Any) -> str:
    """JSON as the database can hold it (``database.text``)."""
    try:
        data = orjson.dumps(value)
    except TypeError:  # a lone surrogate, most likely; anything else fails again
        data = orjson.dumps(text.storable_json(value))
    if b"\\u0000" in data:
        data = orjson.dumps(text.storable_json(value))
    return data.decode()


text.install()


def normalise_url(url: str) -> str:
    """Accept ``postgres://`` and ``postgresql://`` addresses and name the driver."""
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise ValueError("The database must be Postgres: postgresql://…")


@dataclass(frozen=True)
class Limits:
    """How long a process lets its database wait, in seconds; 0 is for ever.

    For processes that answer people. Workers have none: a batch may take its time.
    """

    lock_s: float
    """A statement waits so long for a lock that somebody else holds."""
    statement_s: float
    """A statement runs so long."""
    idle_s: float
    """A transaction is left open so long without a statement."""


PING_AFTER_S: Final = 2.0
"""A connection that lay idle for so long is tried before it is used again."""


def make_engine(url: str, *, limits: Limits | None = None, **options: Any) -> Engine:
    """An engine for a Postgres address.

    Args:
        url: ``postgresql://…``
        limits: What its connections are bound by; none by default.
        **options: Further ones of SQLAlchemy; without ``pool_size``, the pool keeps 10 connections
            and opens up to 30 more.
    """
    options.setdefault("pool_size", 10)
    options.setdefault("max_overflow", 30)
    engine = create_engine(
        normalise_url(url), json_serializer=json_text, json_deserializer=orjson.loads, **options
    )
    _try_idle_connections(engine)
    if limits is not None:
        _bind(engine, limits)
    return engine


def _try_idle_connections(engine: Engine) -> None:
    """Notice connections that broke while they lay idle, before they are used.

    SQLAlchemy's own ``pool_pre_ping`` asks the database at each use; under load, when no connection
    ever lies idle, that is a tenth of the time of a small request.
    """

    @event.listens_for(engine, "checkin")
    def _(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _(connection: psycopg.Connection[Any], record: ConnectionPoolEntry, _proxy: object) -> None:
        since = record.info.pop("idle_since", None)
        if since is None or time.monotonic() - since < PING_AFTER_S:
            return
        try:
            engine.dialect.do_ping(connection)  # type: ignore[arg-type]
        except psycopg.Error as error:
            raise DisconnectionError(f"The connection broke while it was idle: {error}") from error


def _bind(engine: Engine, limits: Limits) -> None:
    """Set the limits on each new connection.

    Not in the address: connection poolers between us and Postgres refuse start-up options.
    """
    values = {
        "lock_timeout": limits.lock_s,
        "statement_timeout": limits.statement_s,
        "idle_in_transaction_session_timeout": limits.idle_s,
    }
    statement = "; ".join(f"SET {name} = {round(s * 1000)}" for name, s in values.items())

    @event.listens_for(engine, "connect")
    def _(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.execute(statement)
        connection.commit()


@lru_cache(maxsize=4)
def shared_engine(url: str) -> Engine:
    """One engine per address and process."""
    return make_engine(url)
