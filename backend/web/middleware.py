"""What surrounds every request: an id, its time, limits on what is sent, words when all fails."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from fastapi.middleware.gzip import GZipMiddleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.health.metrics import REQUEST_SECONDS
from backend.core.http.problems import RETRY_AFTER_S, problem
from backend.core.storage import store_failure
from backend.core.storage.disk import full_disk

log = structlog.get_logger(__name__)

MAX_LOGIN_BYTES: Final = 64 * 1024
"""Largest body of what strangers may send: log-ins."""
_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Compressed(GZipMiddleware):
    """Gzip for JSON and pages; images and the event stream pass as they are."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        path = scope.get("path", "")
        plain = path.endswith(("/image", "/thumbnail", "/events", "/file", ".png"))
        if scope["type"] != "http" or plain:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class _TooLarge(Exception):
    """More came than may come."""


class Limited:
    """Refuses bodies that are too large, before they are read whole.

    Chunks of uploads are counted where they are written; everything else is small.

    Args:
        app: The application.
        max_bytes: Largest body of an ordinary request.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or _is_chunk(scope):
            await self._app(scope, receive, send)
            return
        most = min(self._max, MAX_LOGIN_BYTES) if "/auth/" in scope["path"] else self._max
        told = Headers(scope=scope).get("content-length", "")
        if told.isascii() and told.isdigit() and int(told) > most:
            await _too_large(most)(scope, receive, send)
            return
        received = 0
        started = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except _TooLarge:
            if started:
                raise
            await _too_large(most)(scope, receive, send)


def _too_large(most: int) -> ASGIApp:
    return problem(
        413,
        "too-large",
        f"This request is larger than {most:,} bytes, the most that is accepted here."
        " Files are sent as uploads.",
        {"Connection": "close"},
        max_bytes=most,
    )


def _is_chunk(scope: Scope) -> bool:
    return scope["method"] == "PATCH" and "/uploads/" in scope["path"]


class Observed:
    """Gives each request an id, times it, and answers when nothing else did.

    Every answer, a 500 included, carries the id that the log has, and the headers that keep
    browsers from guessing types or framing pages.

    Args:
        app: The application.
        data_dir: Tells where data are written, to tell a full disk from another fault.
    """

    def __init__(self, app: ASGIApp, data_dir: Callable[[], Path]) -> None:
        self._app = app
        self._data_dir = data_dir

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        began = time.perf_counter()
        started = False

        async def send_observed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                seconds = time.perf_counter() - began
                route = getattr(scope.get("route"), "path", "page")
                status = message["status"]
                REQUEST_SECONDS.labels(scope["method"], route, status).observe(seconds)
                if status >= 500:
                    log.warning("request_failed", path=scope["path"], status=status)
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["Server-Timing"] = f"app;dur={seconds * 1000:.2f}"
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["X-Frame-Options"] = "DENY"
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_observed)
            except Exception as error:
                # The edge of the process: the log gets the whole story, the person words and an id.
                log.exception("request_broke", method=scope["method"], path=scope["path"])
                if started:
                    raise
                answer = self._unexpected(error, scope["method"], request_id)
                await answer(scope, receive, send_observed)

    def _unexpected(self, error: Exception, method: str, request_id: str) -> ASGIApp:
        if full := full_disk(error, self._data_dir()):
            return problem(
                503,
                "disk-full",
                f"{full} Whether this was stored is not known. Tell whoever runs the server, and"
                " try again when there is room.",
                {"Retry-After": "60"},
                request_id=request_id,
            )
        if failed := store_failure(error):
            return problem(
                503,
                "store-failed",
                f"{failed} Tell whoever runs the server, and try again when the store is well.",
                {"Retry-After": "60"},
                request_id=request_id,
            )
        happened = (
            "Nothing was changed; please try again."
            if method in _READS
            else "Whether this was stored is not known: look again, then repeat it if necessary."
        )
        return problem(
            500,
            "unexpected",
            f"Something unexpected went wrong on the server. {happened}",
            {"Retry-After": str(RETRY_AFTER_S)},
            request_id=request_id,
        )
