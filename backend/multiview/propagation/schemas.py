"""What travels, as the HTTP interface shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from backend.labelling.annotations.schemas import JointIndex


class SolveOut(BaseModel):
    """One point of the bar of the falling error."""

    number: int
    confirmed: int
    """Frames that people had confirmed."""
    expected_error: float
    solved_at: datetime


class MotionOut(BaseModel):
    """Optical flow between frames."""

    links: int
    """Pairs of consecutive frames that were compared."""
    frames: int
    """Frames of the recording."""


class CameraOffOut(BaseModel):
    """A camera that shows joints beside where the others expect them."""

    camera_id: int
    px: float
    """By so many pixels of its images."""

    @classmethod
    def of(cls, off: Mapping[str, float] | None) -> list[Self]:
        """Of pixels by the cameras' ids."""
        return [cls(camera_id=int(camera), px=px) for camera, px in (off or {}).items()]


class PropagationOut(BaseModel):
    """How far a recording's corrections travel, and how well its joints are known by now."""

    enabled: bool
    may_change: bool
    number: int
    """Of the last solve; 0 before the first."""
    up_to_date: bool
    """Whether the last solve knows everything that people said."""
    expected_error: float | None
    """Expected mean of 1 - OKS over the frames that take part."""
    checked: int
    """Frames far from all that people confirmed that were asked to check it, and answered."""
    checks: int
    """So many are wanted before the expected error is believed."""
    off_px: float | None
    """Pixels by which a joint of the model's labels is off in all frames, where they are."""
    cameras_off: list[CameraOffOut]
    """Cameras whose calibration is off, as the labels have it. Corrections allow for it."""
    target: float
    reached: bool
    """Whether the expected error is below the target, and was checked on enough frames."""
    history: list[SolveOut]
    motion: MotionOut


class PropagationIn(BaseModel):
    """What is to be changed; what is left out stays."""

    enabled: bool | None = None
    """Off takes back what travelled: estimates go, what people accepted of them stays."""
    target: Annotated[float, Field(gt=0, lt=1)] | None = None


class EstimatesOut(BaseModel):
    """Estimates of undecided frames, by columns."""

    ready: bool
    """False: nothing is inferred yet, ask again."""
    solve: int
    frames: list[int]
    joints: list[float]
    """34 numbers a frame: x and y of each joint in image pixels."""
    sigma: list[float]
    """17 a frame: standard deviation along each axis, pixels."""
    visibility: list[int]
    """17 a frame: what is proposed of each joint."""
    sources: list[list[int]]
    """Of each frame the confirmed frames that say most, the nearest first."""


class NearIn(BaseModel):
    """A frame in which something was just saved."""

    frame_id: Annotated[int, Field(ge=1, lt=2**63)]
    window: Annotated[int, Field(ge=0, le=120)] = 40
    """Neighbours on each side that are wanted."""


class QuestionOut(BaseModel):
    """Where a person's look helps most."""

    ready: bool
    """False: nothing is inferred yet, ask again."""
    frame_id: int | None
    """None where every frame is decided."""
    joints: list[JointIndex]
    """Those worth a look, the most doubtful first."""
    gain: float
    """By how much the expected mean OKS would rise."""
    check: bool
    """Whether the frame is asked to check how far the expected error may be believed."""
    again: bool
    """Whether it was accepted, and what lies around it contradicts that."""
