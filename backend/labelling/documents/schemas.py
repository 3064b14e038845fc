"""Operations as the HTTP interface takes them, and what it answers.

The union of operations is made from the classes of ``backend.domain.operations``, so that a kind of
operation is declared once. ``_FIELDS`` says how the interface checks each field.
"""

from __future__ import annotations

import uuid
from dataclasses import fields
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, create_model

from backend.domain.boxes import BoxStatus
from backend.domain.limits import MAX_OPERATIONS, MAX_REASON_LENGTH, MAX_SOURCES
from backend.domain.operations import KINDS, Operation, name_of
from backend.domain.reviews import Mark
from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion.looking import MOST_SECONDS
from backend.domain.verdicts import DiscardReason, Verdict
from backend.labelling.annotations.schemas import (
    AnnotationOut,
    JointIndex,
    Joints,
    VisibilityFlag,
)
from backend.labelling.boxes.schemas import BoxOut


class _Operation(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class DrawnBoxIn(_Operation):
    """A box as it was: its place, the joints it was drawn around, and its judgement."""

    x: FiniteFloat
    y: FiniteFloat
    width: Annotated[FiniteFloat, Field(gt=0)]
    height: Annotated[FiniteFloat, Field(gt=0)]
    made_from: Joints = Field(alias="madeFrom")
    status: BoxStatus


FrameId = Annotated[int, Field(ge=1, lt=2**63)]
_Side = Annotated[FiniteFloat, Field(gt=0)]
_Joints = Annotated[list[JointIndex], Field(min_length=1, max_length=N_JOINTS)]
_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "joint": {"joint": (JointIndex, ...)},
    "joints": {
        "joints": (
            Annotated[list[JointIndex], Field(min_length=1, max_length=N_JOINTS)] | None,
            None,
        )
    },
    "x": {"x": (FiniteFloat, ...)},
    "y": {"y": (FiniteFloat, ...)},
    "visibility": {"visibility": (VisibilityFlag, ...)},
    "candidate_id": {"candidate_id": (int, Field(alias="candidateId"))},
    "skeleton": {"joints": (Joints | None, ...)},
    "estimate": {"joints": (Joints, ...)},
    "sources": {"sources": (Annotated[list[FrameId], Field(max_length=MAX_SOURCES)], ...)},
    "solve": {"solve": (Annotated[int, Field(ge=1, lt=2**31)], ...)},
    "decision": {
        "verdict": (Verdict, ...),
        "reason": (DiscardReason | None, None),
        "text": (Annotated[str, Field(max_length=MAX_REASON_LENGTH)] | None, None),
    },
    "box": {
        "x": (FiniteFloat, ...),
        "y": (FiniteFloat, ...),
        "width": (_Side, ...),
        "height": (_Side, ...),
    },
    "drawn": {"box": (DrawnBoxIn | None, ...)},
    "status": {"status": (BoxStatus, ...)},
    "mark": {"mark": (Mark | None, ...)},
}
"""By name of a field of an operation: the fields of the interface that it comes to."""


def _model_of(kind: type[Operation]) -> type[BaseModel]:
    """An operation as the interface takes it."""
    taken: dict[str, Any] = {"type": (Literal[name_of(kind)], ...)}
    for field in fields(kind):
        taken |= _FIELDS[field.name]
    if "candidate_id" in taken and "None" in str(kind.__annotations__["candidate_id"]):
        taken["candidate_id"] = (int | None, Field(alias="candidateId"))
    return create_model(f"{kind.__name__}In", __base__=_Operation, __doc__=kind.__doc__, **taken)


if TYPE_CHECKING:
    OperationIn = _Operation
else:
    OperationIn = Annotated[reduce(or_, map(_model_of, KINDS)), Field(discriminator="type")]


class OperationsIn(BaseModel):
    """One write: operations that are performed together or not at all."""

    operation_id: uuid.UUID
    operations: Annotated[list[OperationIn], Field(min_length=1, max_length=MAX_OPERATIONS)]
    box_version: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    """The version of the box that was read; null where there was none."""
    seconds_shown: Annotated[float, Field(ge=0, le=MOST_SECONDS)] | None = None
    """How long the frame was on the screen while its person was active, since the write before."""


class SavedOut(AnnotationOut):
    """A frame after a write."""

    box: BoxOut | None
    mark: Mark | None


class StaleOut(BaseModel):
    """A write that named an older version: what is stored now, and what the writer had read."""

    type: str
    title: str
    status: Literal[412]
    detail: str
    current: SavedOut
    base: SavedOut | None
