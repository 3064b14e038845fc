"""Live events: announced in the transaction that makes them true, streamed to browsers.

``pg_notify`` delivers at commit and never before, so nobody hears of what was rolled back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Literal

import orjson
import psycopg
import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.text import storable_json

CHANNEL = "infantnet_events"
Topic = Literal["job", "recording", "frame", "box", "fits"]
_QUEUE_LENGTH = 1000
_PING_SECONDS = 15.0

log = structlog.get_logger(__name__)


def announce(session: Session, topic: Topic, payload: dict[str, Any]) -> None:
    """Tell every open browser at commit.

    Args:
        session: The transaction.
        topic: Kind of thing that changed.
        payload: Small and JSON-serialisable (Postgres allows 8,000 bytes).
    """
    told = storable_json({"topic": topic, "data": payload})
    message = orjson.dumps(told, default=str).decode()
    session.execute(select(func.pg_notify(CHANNEL, message)))


class EventHub:
    """One listening connection per web process, fanned out to its browsers.

    Args:
        url: A Postgres address as psycopg reads it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._queues: set[asyncio.Queue[tuple[str, str]]] = set()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._listen(), name="event-hub")

    async def stop(self) -> None:
        """Stop listening and end every open stream."""
        self._closing = True
        for queue in self._queues:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(("bye", "{}"))
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    # Whatever happened while nobody listened: ask browsers to look again.
                    self._publish("reset", "{}")
                    async for notice in connection.notifies():
                        event = orjson.loads(notice.payload)
                        self._publish(event["topic"], orjson.dumps(event["data"]).decode())
            except psycopg.Error as error:
                log.warning("event_connection_lost", error=str(error))
                await asyncio.sleep(1.0)

    def _publish(self, topic: str, data: str) -> None:
        for queue in self._queues:
            try:
                queue.put_nowait((topic, data))
            except asyncio.QueueFull:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(("reset", "{}"))

    async def stream(self) -> AsyncIterator[bytes]:
        """Server-sent events for one browser, with a comment as a sign of life."""
        queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_QUEUE_LENGTH)
        self._queues.add(queue)
        try:
            yield b"retry: 2000\n\n"
            while not self._closing:
                try:
                    topic, data = await asyncio.wait_for(queue.get(), _PING_SECONDS)
                except TimeoutError:
                    yield b": ping\n\n"
                    continue
                yield f"event: {topic}\ndata: {data}\n\n".encode()
        finally:
            self._queues.discard(queue)
