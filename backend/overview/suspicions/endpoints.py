"""The suspicion queue of a recording, and people's word on doubted joints."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import Path, Response

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.overview.suspicions import service
from backend.overview.suspicions.schemas import LookOut, SuspicionsOut, WaiverIn
from backend.recordings.access import get_recording

router = Router(tags=["suspicions"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recordings/{recording_id}/suspicions", response_model=SuspicionsOut)
def list_suspicions(recording_id: Id, user: CurrentUser, session: SessionDep) -> Response:
    """Joints that probably need a hand, the most doubted frame first."""
    found = service.suspicions(session, get_recording(session, recording_id))
    return Response(orjson.dumps(found), media_type="application/json")


@router.post("/recordings/{recording_id}/suspicions", status_code=202)
def look_again(recording_id: Id, user: CurrentUser, session: SessionDep) -> LookOut:
    """Let the whole recording be looked at anew, in the background."""
    service.ask_to_look(session, user, get_recording(session, recording_id))
    return LookOut(recording_id=recording_id)


@router.post("/frames/{frame_id}/waivers", status_code=204)
def waive_joint(frame_id: Id, body: WaiverIn, user: CurrentUser, session: SessionDep) -> None:
    """Say that a doubted joint is right where it lies, or take that back."""
    service.waive(session, user, frame_id, body)
