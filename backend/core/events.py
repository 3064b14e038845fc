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
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from backend.core.database.text import storable_json

CHANNEL = "infantnet_events"
Topic = Literal[
    "job", "recording", "frame", "box", "range", "fits", "release", "infant", "postures",
    "propagation", "suspicion", "run",
]  # fmt: skip
_ENDED = "ended"
"""Between web processes only: a person's streams are to be closed."""
_QUEUE_LENGTH = 200
_PING_SECONDS = 15.0
_GATHER_SECONDS = 0.25

_NOTIFY = select(func.pg_notify(CHANNEL, bindparam("message")))

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
    session.execute(_NOTIFY, {"message": message})


def end_streams(session: Session, user_id: int) -> None:
    """Close a person's open streams at commit; browsers then ask again, and are asked who they are.

    Args:
        session: The transaction that takes away their access.
        user_id: The person.
    """
    message = orjson.dumps({"topic": _ENDED, "data": {"user_id": user_id}}).decode()
    session.execute(_NOTIFY, {"message": message})


class EventHub:
    """One listening connection per web process, fanned out to its browsers.

    What is heard within a quarter of a second goes out together: with fifty people saving, a
    message for each save and each browser would cost more than the saves.

    Args:
        url: A Postgres address as psycopg reads it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._queues: dict[asyncio.Queue[bytes | None], int] = {}
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._gathered: list[bytes] = []

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._listen(), name="event-hub")

    async def stop(self) -> None:
        """Stop listening and end every open stream."""
        self._closing = True
        self._gathered.append(_message("bye", b"{}"))
        self._send()
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
                    self._publish("reset", b"{}")
                    async for notice in connection.notifies():
                        event = orjson.loads(notice.payload)
                        if event["topic"] == _ENDED:
                            self._end(event["data"]["user_id"])
                        else:
                            self._publish(event["topic"], orjson.dumps(event["data"]))
            except psycopg.Error as error:
                log.warning("event_connection_lost", error=str(error))
                await asyncio.sleep(1.0)

    def _end(self, user_id: int) -> None:
        for queue in [queue for queue, owner in self._queues.items() if owner == user_id]:
            del self._queues[queue]  # nothing may take the place of the end
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(None)

    def _publish(self, topic: str, data: bytes) -> None:
        if not self._gathered:
            asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._send)
        self._gathered.append(_message(topic, data))

    def _send(self) -> None:
        gathered, self._gathered = b"".join(self._gathered), []
        if not gathered:
            return
        for queue in self._queues:
            try:
                queue.put_nowait(gathered)
            except asyncio.QueueFull:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(_message("reset", b"{}"))

    async def stream(self, user_id: int) -> AsyncIterator[bytes]:
        """Server-sent events for one browser of a person, with a comment as a sign of life."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE_LENGTH)
        self._queues[queue] = user_id
        try:
            yield b"retry: 2000\n\n"
            while not self._closing:
                try:
                    async with asyncio.timeout(_PING_SECONDS):
                        messages = await queue.get()
                except TimeoutError:
                    messages = b": ping\n\n"
                if messages is None:
                    return
                yield messages
        finally:
            self._queues.pop(queue, None)


def _message(topic: str, data: bytes) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (topic.encode(), data)
