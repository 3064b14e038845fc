"""HTTP: resumable uploads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Header, Request, status
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from backend.core.database.session import transaction
from backend.core.database.tables import Upload
from backend.core.http.dependencies import CurrentUser, EngineDep, Router, SessionDep, SettingsDep
from backend.core.uploads import files, service
from backend.core.uploads.schemas import UploadCreate, UploadItem
from backend.domain.errors import Conflict

router = Router(tags=["uploads"])

_BLOCK = 1024 * 1024
_STALLED_AFTER_S = 30.0
_PATIENCE_S = 40.0
_ASK_AGAIN_S = 0.1


def _item(upload: Upload, folder: Path) -> UploadItem:
    return UploadItem(
        id=upload.id,
        filename=upload.filename,
        size=upload.size,
        offset=service.offset_of(upload, folder),
        complete=upload.completed_at is not None,
    )


@router.post("/uploads", status_code=status.HTTP_201_CREATED)
def begin_upload(
    body: UploadCreate, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> UploadItem:
    """Announce a file; its bytes follow by PATCH."""
    upload = service.begin(
        session,
        user,
        settings.uploads_dir,
        filename=body.filename,
        size=body.size,
        sha256=body.sha256,
        max_bytes=settings.max_upload_bytes,
    )
    return _item(upload, settings.uploads_dir)


@router.get("/uploads/{upload_id}")
def get_upload(
    upload_id: int, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> UploadItem:
    """How far a file is; its ``offset`` says where to go on."""
    return _item(service.get(session, user, upload_id), settings.uploads_dir)


@router.patch(
    "/uploads/{upload_id}",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def append_chunk(
    upload_id: int,
    request: Request,
    user: CurrentUser,
    engine: EngineDep,
    settings: SettingsDep,
    upload_offset: Annotated[int, Header(ge=0, description="Byte at which this chunk begins")],
) -> UploadItem:
    """Add the next chunk. What is acknowledged is on the disk."""
    # Async, because only so can the body be written as it comes. A transfer may take minutes: it
    # holds the file, and no transaction.
    folder = settings.uploads_dir
    length = request.headers.get("content-length", "")
    known = length.isascii() and length.isdigit()
    path = files.part_path(folder, upload_id)

    def look() -> Upload:
        with transaction(engine) as session:
            upload = service.get(session, user, upload_id)
        service.check_offset(upload, folder, upload_offset, int(length) if known else None)
        return upload

    def finish(upload: Upload) -> UploadItem:
        if service.is_whole(upload, folder):
            with transaction(engine) as session:
                upload = service.complete(session, user, upload_id)
        return _item(upload, folder)

    await run_in_threadpool(look)
    async with _alone(path):
        upload = await run_in_threadpool(look)  # as the transfer before this one left it
        await _receive(request, upload, path, upload_offset)
        return await run_in_threadpool(finish, upload)


@asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[None]:
    """Hold a file against other transfers to it; waits, without a thread, for one to end or stall.

    Raises:
        Conflict: another transfer does not end.
    """
    deadline = time.monotonic() + _PATIENCE_S
    with files.Hold(path) as hold:
        while not hold.taken():
            if time.monotonic() > deadline:
                raise Conflict("This file is being sent by another connection.")
            await asyncio.sleep(_ASK_AGAIN_S)
        yield


async def _receive(request: Request, upload: Upload, path: Path, offset: int) -> None:
    """Write the body to the end of the file; what came before a break stays.

    Raises:
        TooLarge: more than was announced; nothing of this chunk stays.
        Conflict: the transfer stalled or broke off.
    """
    part = files.Appender(path)
    await run_in_threadpool(part.__enter__)
    end = offset
    buffer = bytearray()
    try:
        stream = aiter(request.stream())
        while (piece := await asyncio.wait_for(anext(stream, None), _STALLED_AFTER_S)) is not None:
            buffer += piece
            end += len(piece)
            if end > upload.size:
                buffer.clear()
                part.truncate(offset)
                raise service.beyond_size(upload)
            if len(buffer) >= _BLOCK:
                await run_in_threadpool(part.write, bytes(buffer))
                buffer.clear()
    except (TimeoutError, ClientDisconnect) as error:
        raise Conflict(
            f"{upload.filename}: the transfer broke off at byte {end}.", offset=end
        ) from error
    finally:
        if buffer:
            await run_in_threadpool(part.write, bytes(buffer))
        await run_in_threadpool(part.__exit__, None, None, None)


@router.delete("/uploads/{upload_id}", status_code=status.HTTP_204_NO_CONTENT)
def discard_upload(
    upload_id: int, user: CurrentUser, session: SessionDep, settings: SettingsDep
) -> None:
    """Throw an upload away."""
    service.discard(session, user, settings.uploads_dir, upload_id)
