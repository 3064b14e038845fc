"""The second review: boxes in a list, drawn, judged and asked for again."""

from __future__ import annotations

import io
from typing import Annotated, Literal

import numpy as np
import orjson
from fastapi import Path, Query, Response
from PIL import Image

from backend.core.http.blobs import ASK_EACH_TIME, FOR_EVER, IfNoneMatch
from backend.core.http.dependencies import CurrentUser, IfMatch, Router, SessionDep
from backend.core.http.description import binary
from backend.core.jobs.repository import to_out
from backend.core.jobs.schemas import JobOut
from backend.domain import masks
from backend.domain.boxes import Box
from backend.labelling.boxes import service
from backend.labelling.boxes.schemas import (
    Approved,
    ApproveRemainingIn,
    BoxIn,
    BoxOfFrame,
    BoxOut,
    BoxStatusIn,
)
from backend.recordings import access
from backend.recordings.access import frame_of

router = Router(tags=["boxes"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recordings/{recording_id}/boxes", response_model=list[BoxOfFrame])
def list_boxes(
    recording_id: Id,
    user: CurrentUser,
    session: SessionDep,
    order: Literal["flagged", "position"] = "flagged",
) -> Response:
    """Boxes of a recording's kept frames; those that need a look first, or in working order."""
    found = service.list_boxes(session, recording_id, order)
    return Response(orjson.dumps(found, option=orjson.OPT_UTC_Z), media_type="application/json")


@router.put("/frames/{frame_id}/box")
def draw_box(
    frame_id: Id,
    body: BoxIn,
    version: IfMatch,
    user: CurrentUser,
    session: SessionDep,
    response: Response,
) -> BoxOut:
    """Draw a box; ``If-Match`` names the version that was seen, ``*`` where there was none."""
    drawn = Box(body.x, body.y, body.width, body.height)
    box = service.draw_box(session, user, frame_id, drawn, version)
    response.headers["ETag"] = f'"{box.version}"'
    return box


@router.put("/frames/{frame_id}/box/status")
def judge_box(
    frame_id: Id,
    body: BoxStatusIn,
    version: IfMatch,
    user: CurrentUser,
    session: SessionDep,
    response: Response,
) -> BoxOut:
    """Approve a box, send it back, or take the judgement back."""
    box = service.judge_box(session, user, frame_id, body.status, version)
    response.headers["ETag"] = f'"{box.version}"'
    return box


@router.post("/recordings/{recording_id}/boxes/approve-remaining")
def approve_remaining_boxes(
    recording_id: Id, body: ApproveRemainingIn, user: CurrentUser, session: SessionDep
) -> Approved:
    """Approve every box that nobody has judged yet and that fits its joints."""
    recording = access.get_recording(session, recording_id, lock="share")
    count = service.approve_remaining(
        session, user, recording, include_flagged=body.include_flagged
    )
    return Approved(approved=count)


@router.post("/frames/{frame_id}/box/rerun", status_code=202)
def rerun_box(frame_id: Id, user: CurrentUser, session: SessionDep) -> JobOut:
    """Ask for a new mask and box of one frame."""
    job = service.request_rerun(session, user, frame_id)
    session.refresh(job)
    recording = access.get_recording(session, job.recording_id) if job.recording_id else None
    return to_out(job, recording, user)


@router.get(
    "/frames/{frame_id}/mask.png",
    response_class=Response,
    responses=binary("image/png", about="The mask"),
    tags=["frames"],
)
def get_frame_mask(
    frame_id: Id,
    user: CurrentUser,
    session: SessionDep,
    v: Annotated[int | None, Query(description="Version of the box")] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The infant's mask: white, and transparent outside."""
    frame = frame_of(session, frame_id)
    version, counts = service.mask_of_frame(session, frame_id)
    headers = {
        "ETag": f'"{version}"',
        "Cache-Control": FOR_EVER if v == version else ASK_EACH_TIME,
    }
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    pixels = masks.decode({"size": [frame.height, frame.width], "counts": counts})
    picture = Image.fromarray(pixels.astype(np.uint8), "P")
    picture.putpalette([255] * 6)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", transparency=bytes([0, 255]), bits=1, compress_level=1)
    return Response(buffer.getvalue(), media_type="image/png", headers=headers)
