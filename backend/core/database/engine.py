"""The engine: Postgres through psycopg 3."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Engine, create_engine

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


def make_engine(url: str, **options: Any) -> Engine:
    """An engine for a Postgres address; sizes its pool for a thread-pool of endpoints."""
    options.setdefault("pool_size", 10)
    options.setdefault("max_overflow", 30)
    options.setdefault("pool_pre_ping", True)
    return create_engine(
        normalise_url(url), json_serializer=_dumps, json_deserializer=orjson.loads, **options
    )


@lru_cache(maxsize=4)
def shared_engine(url: str) -> Engine:
    """One engine per address and process."""
    return make_engine(url)
