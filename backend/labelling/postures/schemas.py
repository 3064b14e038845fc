"""Postures as the HTTP interface takes and shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.core.jobs.schemas import Named
from backend.domain.posture_ranges import MAX_STROKES, PostureOrigin, Stroke
from backend.domain.postures import GROUP_OF, POSTURES, PostureLabel

Group = Literal["prone", "supine", "sitting", "standing"]
Posture = Literal[
    "prone_lying",
    "forearm_support",
    "reciprocal_crawling",
    "four_point_kneeling",
    "supine_lying",
    "hands_to_knees_or_feet",
    "rolling",
    "sitting_with_support",
    "sitting_with_arm_support",
    "sitting_without_support",
    "four_point_standing",
    "standing",
]
MomentIndex = Annotated[int, Field(ge=0, lt=2**31)]

assert set(Group.__args__) == set(POSTURES)  # type: ignore[attr-defined]
assert set(Posture.__args__) == set(GROUP_OF)  # type: ignore[attr-defined]


class StrokeIn(BaseModel):
    """Moments to which a posture is given, both ends included; none where ``group`` is null."""

    model_config = ConfigDict(extra="forbid")

    first: MomentIndex
    last: MomentIndex
    group: Group | None
    posture: Posture | None = None
    """Null where only the group is told."""
    origin: PostureOrigin = PostureOrigin.PLACED

    @model_validator(mode="after")
    def _of_its_group(self) -> Self:
        if self.posture is not None and GROUP_OF[self.posture] != self.group:
            raise ValueError(f"{self.posture} belongs to the group {GROUP_OF[self.posture]}")
        return self

    def to_domain(self) -> Stroke:
        """As the rules know it."""
        label = PostureLabel(self.group, self.posture) if self.group is not None else None
        return Stroke(self.first, self.last, label, self.origin)


class PosturesIn(BaseModel):
    """One act: all strokes are painted, the later above, or none."""

    model_config = ConfigDict(extra="forbid")

    strokes: Annotated[list[StrokeIn], Field(min_length=1, max_length=MAX_STROKES)]
    operation_id: uuid.UUID
    """The writer's own name for it, so that a retry changes nothing."""


class PostureRangeOut(BaseModel):
    """Moments in one posture, both ends included."""

    first: int
    last: int
    group: Group
    posture: Posture | None
    origin: PostureOrigin
    author: Named | None
    round: int


class PosturesOut(BaseModel):
    """A recording's postures."""

    version: int
    moments: int
    """How many the recording has."""
    covered: int
    """How many have a posture, or at least its group."""
    named: int
    """How many have a posture."""
    ranges: list[PostureRangeOut]


class PostureActOut(BaseModel):
    """One act in the history of a recording's postures."""

    version: int
    round: int
    author: Named | None
    at: datetime
    strokes: list[StrokeIn]


class StalePosturesOut(BaseModel):
    """Somebody else changed the same moments meanwhile; ``current`` is what holds now."""

    type: str
    title: str
    status: Literal[412]
    detail: str
    current: PosturesOut
