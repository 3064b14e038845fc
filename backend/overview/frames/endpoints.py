"""Reading frames and their pictures, and marking them."""

from __future__ import annotations

import io
import mimetypes
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import FileResponse, StreamingResponse
from PIL import Image

from backend.core.http.dependencies import CurrentUser, SessionDep, StorageDep
from backend.core.storage import BlobStore
from backend.domain import masks
from backend.domain.errors import NotFound
from backend.labelling.boxes import service as boxes
from backend.overview.frames import service
from backend.overview.frames.schemas import BulkMarkIn, FrameDocument, FrameList, MarkBody, Marked

router = APIRouter(tags=["frames"])

Id = Annotated[int, Path(ge=1, lt=2**63)]
IfNoneMatch = Annotated[str | None, Header()]
_FOR_EVER = "private, max-age=31536000, immutable"
_ASK_EACH_TIME = "private, no-cache"


@router.get("/recordings/{recording_id}/frames", response_model=FrameList)
def list_frames(recording_id: Id, user: CurrentUser, session: SessionDep) -> Response:
    """All frames of a recording session in working order, for its filmstrip."""
    found = service.filmstrip(session, recording_id)
    return Response(orjson.dumps(found), media_type="application/json")


@router.get("/frames/{frame_id}")
def get_frame(
    frame_id: Id, user: CurrentUser, session: SessionDep, response: Response
) -> FrameDocument:
    """All that the editor needs of one frame; the ETag is the annotation's version."""
    found = service.document(session, frame_id)
    response.headers["ETag"] = f'"{found.annotation.version}"'
    response.headers["Cache-Control"] = _ASK_EACH_TIME
    return found


@router.get("/frames/{frame_id}/image", response_class=Response)
def get_frame_image(
    frame_id: Id,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The frame's image as it was imported or decoded; it never changes."""
    frame = service.picture(session, frame_id)
    return _blob(storage, frame.image_key, f'"{frame.sha256}"', if_none_match)


@router.get("/frames/{frame_id}/thumbnail", response_class=Response)
def get_frame_thumbnail(
    frame_id: Id,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """A small picture of the frame."""
    frame = service.picture(session, frame_id)
    return _blob(storage, frame.thumbnail_key, f'"{frame.sha256}-small"', if_none_match)


@router.get("/frames/{frame_id}/mask.png", response_class=Response)
def get_frame_mask(
    frame_id: Id,
    user: CurrentUser,
    session: SessionDep,
    v: Annotated[int | None, Query(description="Version of the box")] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The infant's mask: white, and transparent outside."""
    frame = service.picture(session, frame_id)
    version, counts = boxes.mask_of_frame(session, frame_id)
    headers = {
        "ETag": f'"{version}"',
        "Cache-Control": _FOR_EVER if v == version else _ASK_EACH_TIME,
    }
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    pixels = masks.decode({"size": [frame.height, frame.width], "counts": counts})
    picture = Image.fromarray(pixels.astype(np.uint8), "P")
    picture.putpalette([255] * 6)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", transparency=bytes([0, 255]), bits=1, compress_level=1)
    return Response(buffer.getvalue(), media_type="image/png", headers=headers)


@router.put("/frames/{frame_id}/mark")
def mark_frame(frame_id: Id, body: MarkBody, user: CurrentUser, session: SessionDep) -> MarkBody:
    """Mark a frame good or to be revised: its joints, or in box review its box."""
    service.mark(session, user, frame_id, body.mark)
    return body


@router.post("/recordings/{recording_id}/marks")
def mark_remaining_frames(
    recording_id: Id, body: BulkMarkIn, user: CurrentUser, session: SessionDep
) -> Marked:
    """Mark every frame good that has no mark in this round."""
    return Marked(marked=service.mark_remaining_good(session, user, recording_id))


def _blob(storage: BlobStore, key: str, etag: str, if_none_match: str | None) -> Response:
    headers = {"ETag": etag, "Cache-Control": _FOR_EVER, "X-Content-Type-Options": "nosniff"}
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
