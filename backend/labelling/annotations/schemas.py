"""Annotations and operations as the HTTP interface shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from backend.core.jobs.schemas import Named
from backend.domain.limits import MAX_OPERATIONS, MAX_REASON_LENGTH
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


class AnnotationOut(BaseModel):
    """What is known of the infant in one frame, at one version."""

    version: int
    verdict: Verdict
    reason: DiscardReason | None
    reason_text: str | None
    state: FrameState
    candidate_id: int | None
    joints: Joints | None
    updated_by: Named | None
    updated_at: datetime


class _Operation(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class PlaceJointIn(_Operation):
    """Put a joint somewhere with a visibility."""

    type: Literal["placeJoint"]
    joint: JointIndex
    x: FiniteFloat
    y: FiniteFloat
    visibility: VisibilityFlag


class MoveJointIn(_Operation):
    """Drag a present joint; its visibility stays."""

    type: Literal["moveJoint"]
    joint: JointIndex
    x: FiniteFloat
    y: FiniteFloat


class SetVisibilityIn(_Operation):
    """Mark a joint visible, occluded or not present."""

    type: Literal["setVisibility"]
    joint: JointIndex
    visibility: VisibilityFlag


class ChooseCandidateIn(_Operation):
    """Take a machine-made person as the infant."""

    type: Literal["chooseCandidate"]
    candidate_id: int = Field(alias="candidateId")


class SetSkeletonIn(_Operation):
    """Replace all joints at once."""

    type: Literal["setSkeleton"]
    candidate_id: int | None = Field(alias="candidateId")
    joints: Joints | None


class SwapSidesIn(_Operation):
    """Exchange left and right."""

    type: Literal["swapSides"]


class SetVerdictIn(_Operation):
    """Keep, discard with a reason, or take the decision back."""

    type: Literal["setVerdict"]
    verdict: Verdict
    reason: DiscardReason | None = None
    text: Annotated[str, Field(max_length=MAX_REASON_LENGTH)] | None = None


OperationIn = Annotated[
    PlaceJointIn
    | MoveJointIn
    | SetVisibilityIn
    | ChooseCandidateIn
    | SetSkeletonIn
    | SwapSidesIn
    | SetVerdictIn,
    Field(discriminator="type"),
]


class OperationsIn(BaseModel):
    """One write: operations that are performed together or not at all."""

    operation_id: uuid.UUID
    operations: Annotated[list[OperationIn], Field(min_length=1, max_length=MAX_OPERATIONS)]


class RevisionOut(BaseModel):
    """One step of a frame's history."""

    version: int
    round: int
    author: Named | None
    model: str | None
    created_at: datetime
    operations: list[dict[str, Any]]
    state: FrameState
    verdict: Verdict
    reason: DiscardReason | None
    reason_text: str | None
    joints: Joints | None


class StaleOut(BaseModel):
    """A write that named an older version: what is stored now, and what the writer had read."""

    type: str
    title: str
    status: Literal[412]
    detail: str
    current: AnnotationOut
    base: AnnotationOut | None
