"""Instants that all cameras saw, for working on several views at once."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import Path, Query, Response

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.domain.limits import MAX_VIEW_ERROR_PX
from backend.overview.moments import service
from backend.overview.moments.schemas import MomentJoints, MomentList, ViewErrors
from backend.recordings.access import get_recording

router = Router(tags=["moments"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recordings/{recording_id}/moments", response_model=MomentList)
def list_moments(recording_id: Id, user: CurrentUser, session: SessionDep) -> Response:
    """All moments of a recording, its cameras, and their calibration in use."""
    return _json(service.list_moments(session, get_recording(session, recording_id)))


@router.get("/recordings/{recording_id}/moments/{moment_id}/joints")
def show_moment_joints(
    recording_id: Id, moment_id: Id, user: CurrentUser, session: SessionDep
) -> MomentJoints:
    """The joints of one moment in every camera."""
    recording = get_recording(session, recording_id)
    return MomentJoints.model_validate(service.joints_of_moment(session, recording, moment_id))


@router.get("/recordings/{recording_id}/view-errors", response_model=ViewErrors)
def show_view_errors(
    recording_id: Id,
    user: CurrentUser,
    session: SessionDep,
    threshold_px: Annotated[float, Query(gt=0, le=1000)] = MAX_VIEW_ERROR_PX,
) -> Response:
    """How far each joint lies from the point on which the views agree."""
    recording = get_recording(session, recording_id)
    return _json(service.view_errors(session, recording, threshold_px))


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
