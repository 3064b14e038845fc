"""Postures of a recording."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from backend.core.http.dependencies import CurrentUser, IfMatch, Router, SessionDep
from backend.domain.errors import InvalidInput
from backend.labelling.postures import service
from backend.labelling.postures.schemas import (
    PostureActOut,
    PosturesIn,
    PosturesOut,
    StalePosturesOut,
)

router = Router(tags=["postures"])

RecordingId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recordings/{recording_id}/postures")
def get_postures(
    recording_id: RecordingId, user: CurrentUser, session: SessionDep, response: Response
) -> PosturesOut:
    """Which posture the infant has in which moments."""
    found = service.postures_of(session, recording_id)
    response.headers["ETag"] = f'"{found.version}"'
    return found


@router.post("/recordings/{recording_id}/postures", responses={412: {"model": StalePosturesOut}})
def paint_postures(
    recording_id: RecordingId,
    body: PosturesIn,
    version: IfMatch,
    user: CurrentUser,
    session: SessionDep,
    response: Response,
) -> PosturesOut:
    """Paint postures over ranges of moments, all strokes or none; ``group`` null clears.

    ``If-Match`` names the version that was read. What somebody else painted since then is an
    obstacle only where it concerns the same moments.
    """
    if version is None:
        raise InvalidInput("If-Match: * is not enough here; name the version that you read.")
    found = service.paint_postures(
        session,
        user,
        recording_id,
        [stroke.to_domain() for stroke in body.strokes],
        version=version,
        operation_id=body.operation_id,
    )
    response.headers["ETag"] = f'"{found.version}"'
    return found


@router.get("/recordings/{recording_id}/postures/history")
def list_posture_acts(
    recording_id: RecordingId, user: CurrentUser, session: SessionDep
) -> list[PostureActOut]:
    """Who said what of a recording's postures, newest first."""
    return service.history(session, recording_id)
