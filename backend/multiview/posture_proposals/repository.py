"""Joints of a whole recording, in space and in images."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.columns import read_column_groups
from backend.core.database.tables import Calibration, Fit, Moment, Recording
from backend.domain.cameras import Camera
from backend.domain.fits import FitStatus
from backend.domain.moving_cameras import at_time, is_placed
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import Verdict

_IMAGES: Final = f"""
SELECT f.camera_id AS camera, m.index AS moment, m.time_s, a.keypoints AS joints
FROM annotations a
JOIN frames f ON f.id = a.frame_id
JOIN moments m ON m.id = f.moment_id
WHERE a.recording_id = %(recording)s AND a.keypoints IS NOT NULL
  AND a.verdict <> '{Verdict.DISCARD.value}'
"""
_COLUMNS: Final = {"camera": "int8", "moment": "int4", "time_s": "float8", "joints": "float8"}


def joints_in_images(session: Session, recording_id: int) -> dict[str, NDArray[Any]]:
    """``moment`` (n,), ``time_s`` (n,) and ``joints`` (n, 17, 3) of frames that are not discarded:
    what people said, or else the chosen candidate."""
    found = read_column_groups(session, _IMAGES, {"recording": recording_id}, _COLUMNS, by="camera")
    return found | {"joints": found["joints"].reshape(-1, N_JOINTS, 3)}


def fitted_joints(
    session: Session, recording_id: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Moments (n,), times (n,) and joints (n, 17, 3) in metres of bodies that nobody rejected.

    Fits of a single view with an assumed camera are left out: they do not know what is up.
    """
    rows = session.execute(
        select(Moment.index, Moment.time_s, Fit.joints)
        .join(Moment, Moment.id == Fit.moment_id)
        .where(
            Fit.recording_id == recording_id,
            Fit.status != FitStatus.REJECTED.value,
            ~Fit.assumed_camera,
        )
        .order_by(Moment.index)
    ).all()
    return (
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.float64),
        np.array([row[2] for row in rows], np.float64).reshape(-1, N_JOINTS, 3),
    )


def cameras_in_use(session: Session, recording_id: int) -> tuple[list[Camera], bool]:
    """The recording's placed cameras, and whether its floor is known: then z is up."""
    row = session.execute(
        select(Calibration.cameras, Calibration.floor_z)
        .join(Recording, Recording.calibration_id == Calibration.id)
        .where(Recording.id == recording_id)
    ).one_or_none()
    if row is None:
        return [], False
    # What is up does not depend on a knock of a degree or two.
    return [at_time(entry, None) for entry in row.cameras if is_placed(entry)], (
        row.floor_z is not None
    )
