"""Marks as the HTTP interface takes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from backend.domain.reviews import Mark
from backend.domain.skeleton import N_JOINTS
from backend.labelling.annotations.schemas import JointIndex

_Some = Annotated[list[JointIndex], Field(max_length=N_JOINTS)]


class MarkBody(BaseModel):
    """The inspector's mark on a frame; null takes it away."""

    mark: Mark | None


class BulkMarkIn(BaseModel):
    """Mark every frame good that was looked at and has no mark yet."""

    mark: Literal[Mark.GOOD]
    only_unmarked: Literal[True] = True


class Marked(BaseModel):
    """How many frames were marked."""

    marked: int
    unseen: int
    """How many are left for which nobody vouches, since they were not looked at."""


class JointMarksIn(BaseModel):
    """All that is said of a frame's joints in a round; what is not named has no mark."""

    round: Annotated[int, Field(ge=1, lt=2**31)]
    wrong: _Some = []
    right: _Some = []


class JointMarksOut(BaseModel):
    """What was said of a frame's joints in a round, and of the frame itself."""

    round: int
    wrong: list[JointIndex]
    right: list[JointIndex]
    mark: Mark | None
