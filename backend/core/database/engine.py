"""The engine: Postgres through psycopg 3."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import psycopg
from sqlalchemy import Engine, create_engine, event

from backend.core.database import text


def _dumps(value: Any) -> str:
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
    options.setdefault("pool_pre_ping", True)
    engine = create_engine(
        normalise_url(url), json_serializer=_dumps, json_deserializer=orjson.loads, **options
    )
    if limits is not None:
        _bind(engine, limits)
    return engine


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
