"""The picture of a frame, whole and small."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from backend.core.http.blobs import IfNoneMatch, blob_answer
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.core.http.description import PICTURE
from backend.recordings.access import frame_of

router = Router(tags=["frames"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/frames/{frame_id}/image", response_class=Response, responses=PICTURE)
def get_frame_image(
    frame_id: Id,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The frame's image as it was imported, without metadata, or decoded; it never changes."""
    frame = frame_of(session, frame_id)
    return blob_answer(storage, frame.image_key, f'"{frame.sha256}"', if_none_match)


@router.get("/frames/{frame_id}/thumbnail", response_class=Response, responses=PICTURE)
def get_frame_thumbnail(
    frame_id: Id,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """A small picture of the frame."""
    frame = frame_of(session, frame_id)
    return blob_answer(storage, frame.thumbnail_key, f'"{frame.sha256}-small"', if_none_match)
