"""The cameras with which a demo recording was rendered, as its first calibration."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.core.database.tables import Recording
from backend.core.database.tables.calibrations import CalibrationOrigin, CalibrationPhase
from backend.demo.prelabels import truth_of
from backend.domain.cameras import Camera
from backend.domain.fits import DRIFT_LIMIT_PX
from backend.multiview.calibrations import repository, service
from backend.multiview.calibrations.service import NewCalibration


def store_rendered_calibration(session: Session, recording: Recording, name: str) -> None:
    """Give a demo recording the cameras that it was rendered with; the floor is z = 0.

    Args:
        session: The transaction that ends its import.
        recording: The imported demo recording.
        name: The demo recording that its videos come from.
    """
    rendered = [entry.camera for entry in truth_of(name).cameras]
    cameras = []
    for row in repository.cameras_of(session, recording.id):
        source = rendered[row.index]
        camera = Camera(
            row.name, source.width, source.height, source.K, source.distortion,
            T_camera_world=source.T_camera_world,
        )  # fmt: skip
        cameras.append({**camera.to_dict(), "camera_id": row.id, "rms_px": 0.0})
    service.store(
        session,
        recording,
        NewCalibration(
            phase=CalibrationPhase.SESSION,
            origin=CalibrationOrigin.RENDERED,
            cameras=cameras,
            report={"warnings": []},
            floor_z=0.0,
            note="The cameras that the recording was rendered with.",
        ),
        limit_px=DRIFT_LIMIT_PX,
    )
