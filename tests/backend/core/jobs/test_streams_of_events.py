"""Open streams of events hear what was committed, and end when a person's access does."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.orm import Session

from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.events import EventHub, announce, end_streams
from tests.fixtures.loops import at_once

ME, OTHER = 7, 8
PATIENCE_S = 20


@pytest.fixture
def url(database_url: str) -> str:
    return database_url.replace("postgresql+psycopg://", "postgresql://")


def _commit(url: str, act: object) -> None:
    engine = make_engine(url)
    with transaction(engine) as session:
        assert callable(act)
        act(session)
    engine.dispose()


def test_only_the_streams_of_who_lost_access_end(url: str) -> None:
    def tell(session: Session) -> None:
        end_streams(session, ME)
        announce(session, "frame", {"id": 3})

    async def scenario() -> tuple[list[bytes], bytes]:
        hub = EventHub(url)
        mine, others = hub.stream(ME), hub.stream(OTHER)
        await anext(mine)
        await anext(others)
        await hub.start()
        assert b"reset" in await anext(mine)  # it listens now
        assert b"reset" in await anext(others)
        await asyncio.to_thread(_commit, url, tell)
        rest = [message async for message in mine]
        heard = await anext(others)
        await others.aclose()  # type: ignore[attr-defined]
        await hub.stop()
        return rest, heard

    async def in_time() -> tuple[list[bytes], bytes]:
        return await asyncio.wait_for(scenario(), PATIENCE_S)

    rest, heard = at_once(in_time())

    assert not any(b"frame" in message for message in rest)
    assert b'event: frame\ndata: {"id":3}' in heard
