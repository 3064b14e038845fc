"""Reading and writing calibrations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Calibration, Camera, FitRun, Recording, Upload, User
from backend.core.database.tables.calibrations import CalibrationOrigin, CalibrationPhase
from backend.core.jobs.schemas import Named
from backend.domain import moving_cameras
from backend.multiview.calibrations.schemas import CalibratedCameraOut, CalibrationOut


def of_recording(session: Session, recording_id: int) -> Sequence[Calibration]:
    """All versions, newest first."""
    return session.scalars(
        select(Calibration)
        .where(Calibration.recording_id == recording_id)
        .order_by(Calibration.version.desc())
    ).all()


def cameras_of(session: Session, recording_id: int) -> Sequence[Camera]:
    """The recording's cameras in order."""
    return session.scalars(
        select(Camera).where(Camera.recording_id == recording_id).order_by(Camera.index)
    ).all()


def next_version(session: Session, recording_id: int) -> int:
    """The number of the next version; the recording must be locked."""
    newest = session.scalar(
        select(func.max(Calibration.version)).where(Calibration.recording_id == recording_id)
    )
    return (newest or 0) + 1


def uploads_by_id(session: Session, ids: Sequence[int]) -> dict[int, Upload]:
    """Uploads by id; unknown ids are missing."""
    return {row.id: row for row in session.scalars(select(Upload).where(Upload.id.in_(ids)))}


def used_by_fits(session: Session, calibration_id: int) -> bool:
    """Whether a body fit names the calibration."""
    return bool(session.scalar(select(exists().where(FitRun.calibration_id == calibration_id))))


def is_placed(calibration: Calibration) -> bool:
    """Whether a place in the world is known of any camera."""
    return places(calibration) > 0


def places(calibration: Calibration) -> int:
    """Of how many cameras a place in the world is known."""
    return sum(moving_cameras.is_placed(camera) for camera in calibration.cameras)


def to_out(
    session: Session, rows: Sequence[Calibration], recording: Recording
) -> list[CalibrationOut]:
    """Calibrations of one recording as people see them."""
    people = {
        person.id: Named.model_validate(person)
        for person in session.scalars(
            select(User).where(User.id.in_({row.created_by_id for row in rows} - {None}))
        )
    }
    return [
        CalibrationOut(
            id=row.id,
            recording_id=row.recording_id,
            version=row.version,
            phase=CalibrationPhase(row.phase),
            origin=CalibrationOrigin(row.origin),
            cameras=[CalibratedCameraOut.model_validate(camera) for camera in row.cameras],
            report=row.report,
            floor_z=row.floor_z,
            note=row.note,
            based_on_id=row.based_on_id,
            created_at=row.created_at,
            created_by=people.get(row.created_by_id or 0),
            in_use=recording.calibration_id == row.id,
            placed=is_placed(row),
        )
        for row in rows
    ]
