"""Annotations and their history as the HTTP interface shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, FiniteFloat

from backend.core.jobs.schemas import Named
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import DiscardReason, FrameState, Verdict

JointIndex = Annotated[int, Field(ge=0, lt=N_JOINTS)]
VisibilityFlag = Literal[0, 1, 2]


class JointOut(BaseModel):
    """One joint: image pixels, and visibility 0 absent, 1 occluded, 2 visible."""

    x: FiniteFloat
    y: FiniteFloat
    v: VisibilityFlag


Joints = Annotated[list[JointOut], Field(min_length=N_JOINTS, max_length=N_JOINTS)]


class PropagatedOut(BaseModel):
    """What the joints of a frame owe to other frames."""

    sources: list[int]
    """Ids of the frames from which they were inferred, the nearest first."""
    solve: int
    joints: int
    """Bit i is set while joint i lies as it was inferred."""


class AnnotationOut(BaseModel):
    """What is known of the infant in one frame, at one version."""

    version: int
    verdict: Verdict
    reason: DiscardReason | None
    reason_text: str | None
    state: FrameState
    candidate_id: int | None
    joints: Joints | None
    propagated: PropagatedOut | None
    playback_fps: float | None = None
    """Accepted as one of many seen in playback: at how many frames a second."""
    updated_by: Named | None
    updated_at: datetime


class RevisionOut(BaseModel):
    """One step of a frame's history."""

    version: int
    round: int
    author: Named | None
    model: str | None
    created_at: datetime
    operations: list[dict[str, Any]]
    back_to: int | None
    """The version whose joints and verdict these are again, as after an undo; null if new."""
    state: FrameState
    verdict: Verdict
    reason: DiscardReason | None
    reason_text: str | None
    candidate_id: int | None
    joints: Joints | None
    propagated: PropagatedOut | None
    playback_fps: float | None = None
    """Accepted as one of many seen in playback: at how many frames a second."""
