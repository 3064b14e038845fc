"""Moments and the agreement of views as the HTTP interface shows them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from backend.core.database.tables.calibrations import CalibrationOrigin, CalibrationPhase
from backend.domain.cameras import Lens
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import Verdict
from backend.labelling.annotations.schemas import JointIndex, Joints


class SessionCamera(BaseModel):
    """One camera of a recording session."""

    id: int
    index: int
    name: str
    width: int | None
    height: int | None


class CameraPlace(BaseModel):
    """Where a camera stands from a time of the session on; null for the beginning.

    ``from_moment`` is the index of the first moment from that time on.
    """

    from_s: float | None
    from_moment: int | None
    T_camera_world: list[list[float]]


class CalibratedCamera(BaseModel):
    """A camera's lens and place; pixels count from the outer corner of the first one.

    One that was knocked has no single place: ``moves`` lists its places in the order of time.
    """

    camera_id: int
    name: str
    width: int
    height: int
    lens: Lens
    K: list[list[float]]
    distortion: list[float]
    T_camera_world: list[list[float]] | None
    moves: list[CameraPlace] = Field(default_factory=list)


class SessionCalibration(BaseModel):
    """The version of the cameras that a recording works with."""

    id: int
    version: int
    phase: CalibrationPhase
    origin: CalibrationOrigin
    floor_z: float | None
    cameras: list[CalibratedCamera]


class MomentItem(BaseModel):
    """One moment; ``frames`` has a frame's id by the id of its camera."""

    id: int
    index: int
    time_s: float
    frames: dict[str, int]


class MomentList(BaseModel):
    """All moments of a recording by time."""

    cameras: list[SessionCamera]
    moments: list[MomentItem]
    calibration: SessionCalibration | None


class FrameJoints(BaseModel):
    """The joints of one frame."""

    frame_id: int
    camera_id: int
    version: int
    verdict: Verdict
    joints: Joints | None


class MomentJoints(BaseModel):
    """The joints of one moment in every camera."""

    frames: list[FrameJoints]


class MomentErrors(BaseModel):
    """How well the views of one moment agree."""

    id: int
    index: int
    time_s: float
    errors: list[Annotated[list[float | None], Field(min_length=N_JOINTS, max_length=N_JOINTS)]]
    """Pixels by camera and joint; null where fewer than two views have the joint."""
    disagrees: list[tuple[int, JointIndex]]
    """Camera and joint of every mark that lies too far from what the others say."""


class ViewErrors(BaseModel):
    """How well the views of a recording agree, by moment, camera and joint."""

    joints: int
    threshold_px: float
    cameras: list[int]
    moments: list[MomentErrors]
