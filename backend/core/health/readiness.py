"""Whether this installation can work: each check on its own, and all of them within a second.

Whatever is frozen (the database, the broker, a disk on the network), the answer comes in time: no
check takes a thread or a connection that requests use, and each is given up when its time is over.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import psycopg
import redis.asyncio
from redis.exceptions import RedisError

from backend.core.settings import Settings
from backend.core.storage.disk import free_bytes

PATIENCE_S = 0.7


class _Fault(Exception):
    """A check found something; the message is for a person."""


async def faults(settings: Settings) -> dict[str, str]:
    """What does not work, by name; empty when all does."""
    checks: dict[str, Callable[[Settings], Awaitable[None]]] = {
        "database": _database,
        "redis": _redis,
        "disk": _disk,
    }
    found = await asyncio.gather(*(_in_time(check(settings)) for check in checks.values()))
    return {name: fault for name, fault in zip(checks, found, strict=True) if fault is not None}


async def _in_time(check: Awaitable[None]) -> str | None:
    try:
        await asyncio.wait_for(check, PATIENCE_S)
    except TimeoutError:
        return f"no answer within {PATIENCE_S:g} s"
    except _Fault as fault:
        return str(fault)
    return None


async def _database(settings: Settings) -> None:
    url = settings.required_database_url.replace("postgresql+psycopg://", "postgresql://")
    try:
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        try:
            await connection.execute("SELECT version_num FROM alembic_version")
        finally:
            await connection.close()
    except psycopg.Error as error:
        raise _Fault(str(error).partition("\n")[0]) from error


async def _redis(settings: Settings) -> None:
    client = redis.asyncio.Redis.from_url(
        settings.required_redis_url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
    )
    try:
        await client.ping()
    except RedisError as error:
        raise _Fault(str(error)) from error
    finally:
        await client.aclose()


async def _disk(settings: Settings) -> None:
    """In a thread of its own: a frozen disk holds whoever asks it."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[int | OSError] = loop.create_future()

    def give(value: int | OSError) -> None:
        if not answer.done():
            answer.set_result(value)

    def ask() -> None:
        value: int | OSError
        try:
            value = free_bytes(settings.data_dir)
        except OSError as error:
            value = error
        loop.call_soon_threadsafe(give, value)

    threading.Thread(target=ask, name="disk", daemon=True).start()
    free = await answer
    if isinstance(free, OSError):
        raise _Fault(f"{settings.data_dir}: {free.strerror}")
    if free < settings.spare_disk_bytes:
        raise _Fault(f"the disk of {settings.data_dir} is full: {free / 1024**2:,.0f} MB are left")
