"""Live events: from the commit to every browser that listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from sqlalchemy import Engine

from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.events import EventHub, announce
from tests.fixtures.loops import at_once


async def read_until(stream: AsyncIterator[bytes], mark: bytes) -> bytes:
    heard = b""
    while mark not in heard:
        heard += await asyncio.wait_for(anext(stream), 30)
    return heard


def say(engine: Engine, *numbers: int) -> None:
    with transaction(engine) as session:
        for number in numbers:
            announce(session, "frame", {"id": number})


def test_every_listener_hears_each_event_once_and_in_order(fresh_database_url: str) -> None:
    engine = make_engine(fresh_database_url)

    async def listen() -> list[bytes]:
        hub = EventHub(fresh_database_url.replace("postgresql+psycopg://", "postgresql://"))
        streams = [hub.stream(1), hub.stream(2)]
        for stream in streams:
            await read_until(stream, b"retry")  # now it is there
        await hub.start()
        for stream in streams:
            await read_until(stream, b"event: reset")  # now the server listens
        await asyncio.to_thread(say, engine, 1, 2)
        await asyncio.to_thread(say, engine, 3)
        heard = [await read_until(stream, b'{"id":3}') for stream in streams]
        await hub.stop()
        return heard

    first, second = at_once(listen())
    engine.dispose()
    wanted = b"".join(b'event: frame\ndata: {"id":%d}\n\n' % number for number in (1, 2, 3))
    assert first == second == wanted
