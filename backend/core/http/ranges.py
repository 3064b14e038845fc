"""Parts of large answers: a single ``Range`` of bytes, as downloads that go on ask for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Content:
    """Something that can be read from any place on.

    Attributes:
        size: Bytes.
        etag: Without quotation marks; changes with the content.
        media_type: Of the whole.
        filename: What a browser saves it as.
        read: Chunks of the bytes from a place up to, and without, another.
    """

    size: int
    etag: str
    media_type: str
    filename: str
    read: Callable[[int, int], Iterator[bytes]]


def part_asked(asked: str | None, size: int) -> tuple[int, int] | None:
    """Which bytes a ``Range`` header asks for, after RFC 9110, section 14.

    Args:
        asked: The header.
        size: Of the whole.

    Returns:
        From a byte up to, and without, another; None for the whole: without a header, and where it
        asks for several parts or in other units.

    Raises:
        ValueError: none of what is asked for exists.
    """
    found = _ONE_RANGE.fullmatch(asked.strip()) if asked else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if first == "":
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= stop:
        raise ValueError(f"{asked} of {size} bytes")
    return start, stop


def answer(request: Request, content: Content) -> Response:
    """The whole of a content, or the part that the request asks for."""
    etag = f'"{content.etag}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Content-Disposition": f'attachment; filename="{content.filename}"',
    }
    asked = request.headers.get("range")
    if request.headers.get("if-range", etag) != etag:
        asked = None  # it has changed since the first part: begin anew
    try:
        part = part_asked(asked, content.size)
    except ValueError:
        return Response(
            status_code=416, headers=headers | {"Content-Range": f"bytes */{content.size}"}
        )
    start, stop = part or (0, content.size)
    headers["Content-Length"] = str(stop - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{content.size}"
    return StreamingResponse(
        content.read(start, stop),
        status_code=206 if part else 200,
        media_type=content.media_type,
        headers=headers,
    )
