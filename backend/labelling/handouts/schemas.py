"""Handing out work as the HTTP interface shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from backend.core.jobs.schemas import Named
from backend.domain.handouts import (
    MAX_LEASE_MINUTES,
    MAX_STUCK_DAYS,
    MIN_LEASE_MINUTES,
    Handout,
)
from backend.domain.parts import MAX_PARTS

Id = Annotated[int, Field(ge=1, lt=2**63)]
MAX_AT_ONCE = 200


class TeamRulesBody(BaseModel):
    """How recordings find their annotators, and what counts as stuck."""

    model_config = ConfigDict(from_attributes=True)
    handout: Handout
    lease_minutes: int = Field(ge=MIN_LEASE_MINUTES, le=MAX_LEASE_MINUTES)
    stuck_days: int = Field(ge=1, le=MAX_STUCK_DAYS)


class QueueOut(BaseModel):
    """What a person may take from the queue now."""

    may_pull: bool
    waiting: int
    held: Named | None
    """The recording that they took and have not submitted yet."""
    held_until: datetime | None
    """When it is offered to others again, if they do nothing until then."""


class BulkAssignIn(BaseModel):
    """People for many recordings; what is left out stays, null takes away."""

    recording_ids: list[Id] = Field(min_length=1, max_length=MAX_AT_ONCE)
    annotator_id: Id | None = None
    inspector_id: Id | None = None
    in_rotation: bool = False
    """Deal them out to all annotators instead, least laden first."""


class Refused(BaseModel):
    """A recording that stayed as it was, and why."""

    recording: Named
    reason: str


class BulkAssigned(BaseModel):
    """What became of a bulk assignment."""

    assigned: list[int]
    refused: list[Refused]


class PartIn(BaseModel):
    """A range of moments, both ends included, counted from 0, and whose it is."""

    first: int = Field(ge=0, lt=2**31)
    last: int = Field(ge=0, lt=2**31)
    user_id: Id


class CutIn(BaseModel):
    """Either people, each of whom gets an equal part in this order, or parts with their ranges."""

    people: list[Id] = Field(default=[], max_length=MAX_PARTS)
    parts: list[PartIn] = Field(default=[], max_length=MAX_PARTS)


class ReassignPartIn(BaseModel):
    """Whose a part is from now on."""

    user_id: Id


class RecordingPartOut(BaseModel):
    """A part of a recording with how far it is."""

    id: int
    index: int
    first: int
    last: int
    person: Named
    submitted_at: datetime | None
    frames: int
    undecided: int
    start_position: int
    """Of the frame at which work goes on: its first undecided one, or its first."""
    last_saved_at: datetime | None
