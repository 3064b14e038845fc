"""Stored files as answers: with a name by content, kept by browsers for ever."""

from __future__ import annotations

import mimetypes
from typing import Annotated

from fastapi import Header, Response
from fastapi.responses import FileResponse, StreamingResponse

from backend.core.storage import BlobStore
from backend.domain.errors import NotFound

IfNoneMatch = Annotated[str | None, Header()]
FOR_EVER = "private, max-age=31536000, immutable"
ASK_EACH_TIME = "private, no-cache"


def blob_answer(storage: BlobStore, key: str, etag: str, if_none_match: str | None) -> Response:
    """A stored file under an ETag, or 304 if the browser has it.

    Raises:
        NotFound: the file is missing.
    """
    headers = {"ETag": etag, "Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
    if if_none_match == etag:
        return Response(status_code=304, headers=headers)
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    path = storage.local_path(key)
    if path is None:
        size, chunks = storage.stream(key)
        headers["Content-Length"] = str(size)
        return StreamingResponse(chunks, media_type=kind, headers=headers)
    if not path.is_file():
        raise NotFound(f"The stored file {key} is missing.", key=key)
    return FileResponse(path, media_type=kind, headers=headers)
