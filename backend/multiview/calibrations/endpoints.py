"""Calibrations over HTTP: versions, new ones as jobs, their pictures and files, drift."""

from __future__ import annotations

import mimetypes
from typing import Annotated

from fastapi import Path, Response
from pydantic import FiniteFloat

from backend.core.database.session import after_commit
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, SettingsDep, StorageDep
from backend.core.http.description import PICTURE, binary
from backend.core.jobs.repository import to_out
from backend.core.jobs.schemas import JobOut
from backend.multiview.calibrations import service
from backend.multiview.calibrations.cameras_toml import cameras_toml
from backend.multiview.calibrations.schemas import (
    CalibrationIn,
    CalibrationOut,
    DriftOut,
)

router = Router(tags=["calibrations"])

Id = Annotated[int, Path(ge=1, lt=2**63)]
_FOR_EVER = "private, max-age=31536000, immutable"


@router.get("/recordings/{recording_id}/calibrations")
def list_calibrations(
    recording_id: Id, user: CurrentUser, session: SessionDep
) -> list[CalibrationOut]:
    """All versions of a recording's cameras, newest first."""
    return service.list_calibrations(session, recording_id)


@router.post("/recordings/{recording_id}/calibrations", status_code=202)
def calibrate(
    recording_id: Id, body: CalibrationIn, user: CurrentUser, session: SessionDep
) -> JobOut:
    """Make a new version from boards, marked points or a file; the work runs as a job."""
    job, recording = service.request(session, user, recording_id, body)
    session.refresh(job)
    return to_out(job, recording, user)


@router.get("/recordings/{recording_id}/calibration-drift")
def show_calibration_drift(
    recording_id: Id, user: CurrentUser, session: SessionDep
) -> DriftOut | None:
    """The calibrations before and after the visit, compared; null unless there are both."""
    found = service.shown_drift(session, recording_id)
    return None if found is None else DriftOut.model_validate(found)


@router.get("/calibrations/{calibration_id}")
def show_calibration(calibration_id: Id, user: CurrentUser, session: SessionDep) -> CalibrationOut:
    """One version of a recording's cameras."""
    return service.show(session, calibration_id)


@router.delete("/calibrations/{calibration_id}", status_code=204)
def delete_calibration(
    calibration_id: Id,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
    settings: SettingsDep,
) -> None:
    """Remove a version that is not in use and that no body fit names."""
    folder = service.delete(session, user, calibration_id, settings.drift_limit_px)
    if folder is not None:
        after_commit(session, lambda: storage.delete_prefix(f"{folder}/"))


@router.get(
    "/calibrations/{calibration_id}/images/{key}", response_class=Response, responses=PICTURE
)
def get_calibration_image(
    calibration_id: Id,
    key: Annotated[str, Path(pattern=r"^[\w.-]{1,120}$")],
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
) -> Response:
    """A picture that the report names: coverage, or the corners found in a view."""
    row = service.get(session, calibration_id)
    data = storage.read(service.picture_key(row, key))
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    return Response(data, media_type=kind, headers={"Cache-Control": _FOR_EVER})


@router.get(
    "/calibrations/{calibration_id}/cameras.toml",
    response_class=Response,
    responses=binary("application/toml", about="The cameras"),
)
def get_calibration_file(
    calibration_id: Id, user: CurrentUser, session: SessionDep, at_s: FiniteFloat | None = None
) -> Response:
    """The cameras as the TOML that aniposelib, caliscope and Pose2Sim read.

    Cameras that were knocked stand as at the beginning, with their moves beside; with ``at_s``,
    a time of the session, they stand as they did then.
    """
    row = service.get(session, calibration_id)
    moves = service.moves_of(row) if at_s is None else {}
    then = "" if at_s is None else f"-at-{at_s:g}s"
    return Response(
        cameras_toml(service.cameras_of(row, at_s), moves),
        media_type="application/toml",
        headers={
            "Content-Disposition": f'attachment; filename="cameras-v{row.version}{then}.toml"'
        },
    )
