"""The filmstrip of a recording, and one frame for the editor."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import Path, Query, Response

from backend.core.http.blobs import ASK_EACH_TIME
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.overview.frames import service
from backend.overview.frames.schemas import FrameDocument, FrameList, FrameStrip, PoseList

router = Router(tags=["frames"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recordings/{recording_id}/frames", response_model=FrameList)
def list_frames(recording_id: Id, user: CurrentUser, session: SessionDep) -> Response:
    """All frames of a recording in working order, one by one; ``/strip`` is far smaller."""
    found = service.filmstrip(session, recording_id)
    return Response(orjson.dumps(found), media_type="application/json")


@router.get("/recordings/{recording_id}/strip", response_model=FrameStrip)
def read_strip(
    recording_id: Id,
    user: CurrentUser,
    session: SessionDep,
    start: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> Response:
    """Frames of a recording in working order from a position on, by columns: for the filmstrip."""
    found = service.strip_from(session, recording_id, start)
    return Response(orjson.dumps(found), media_type="application/json")


@router.get("/recordings/{recording_id}/poses", response_model=PoseList)
def read_poses(
    recording_id: Id,
    user: CurrentUser,
    session: SessionDep,
    start: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    count: Annotated[int, Query(ge=1, le=240)] = 60,
) -> Response:
    """Joints of frames from a position on: for small pictures that show the infant."""
    found = service.poses(session, recording_id, start, count)
    return Response(orjson.dumps(found), media_type="application/json")


@router.get("/frames/{frame_id}")
def get_frame(
    frame_id: Id, user: CurrentUser, session: SessionDep, response: Response
) -> FrameDocument:
    """All that the editor needs of one frame; the ETag is the annotation's version."""
    found = service.document(session, frame_id)
    response.headers["ETag"] = f'"{found.annotation.version}"'
    response.headers["Cache-Control"] = ASK_EACH_TIME
    return found
