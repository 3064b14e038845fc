"""What hides joints, as far as masks and fitted bodies know."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Fit, Frame, FrameBox, Moment
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.fits import FitStatus
from backend.domain.masks import Rle, outside_by
from backend.domain.skeleton import N_JOINTS
from backend.domain.trajectories.depth import hidden_by_body

SKIN: Final = 0.04
"""Share of the mask's size by which a joint may lie beside it: outlines err by that."""

Floats = NDArray[np.float64]


def fitted(session: Session, recording_id: int) -> dict[int, Floats]:
    """By moment, joints (17, 3) in the world of bodies that nobody rejected."""
    rows = session.execute(
        select(Moment.index, Fit.joints)
        .join(Moment, Moment.id == Fit.moment_id)
        .where(
            Fit.recording_id == recording_id,
            Fit.status != FitStatus.REJECTED.value,
            ~Fit.assumed_camera,
        )
    )
    return {index: np.array(joints, float).reshape(N_JOINTS, 3) for index, joints in rows}


def by_depth(bodies: dict[int, Floats], camera: Camera, moments: NDArray[np.int64]) -> Floats:
    """(T, 17) share by which joints lie behind other parts of the fitted body; NaN unknown.

    Args:
        bodies: As in ``fitted``. camera: Its place is known. moments: (T,) of the camera's frames.
    """
    hidden = np.full((len(moments), N_JOINTS), np.nan)
    known = np.flatnonzero(np.isin(moments, list(bodies)))
    if len(known):
        joints = np.stack([bodies[m] for m in moments[known].tolist()])
        hidden[known] = hidden_by_body(joints, camera.centre)
    return hidden


def masks(session: Session, recording_id: int) -> dict[int, Rle]:
    """By frame, the infant's mask where there is one."""
    rows = session.execute(
        select(FrameBox.frame_id, FrameBox.mask_counts, Frame.width, Frame.height)
        .join(Frame, Frame.id == FrameBox.frame_id)
        .where(FrameBox.recording_id == recording_id, FrameBox.mask_counts.is_not(None))
    )
    return {
        frame: Rle(size=[height, width], counts=counts)
        for frame, counts, width, height in rows
        if counts
    }


def beyond_skin(mask: Rle, marks: Floats) -> Floats:
    """(17,) pixels by which joints lie farther from a mask than its outline errs; NaN where nothing
    is known.

    Args:
        mask: Of the infant. marks: (17, 2) pixels.
    """
    try:
        away = outside_by(mask, marks)
    except InvalidInput:
        return np.full(len(marks), np.nan)
    if not np.isfinite(away).any():
        return away
    found = marks[np.isfinite(marks).all(axis=1)]
    size = float(np.ptp(found, axis=0).max())
    return np.asarray(away - SKIN * size)
