"""The lab as its page shows it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from backend.core.jobs.schemas import Named
from backend.domain.workflow import Role, Stage


class StageOut(BaseModel):
    """How many recordings stand in a stage, and since when the first of them."""

    stage: Stage
    recordings: int
    frames: int
    undecided: int
    oldest_since: datetime | None


class InHandOut(BaseModel):
    """A recording, or a part of one, that somebody has."""

    recording: Named
    stage: Stage
    doing: Literal["annotate", "inspect"]
    part: int | None
    """Counted from 1; None for the whole recording."""
    since: datetime
    frames: int
    undecided: int
    last_saved_at: datetime | None
    lease_until: datetime | None
    """When it is offered to others again; None where it is assigned for good."""


class LabPersonOut(BaseModel):
    """Somebody who works here, and what they hold."""

    id: int
    name: str
    roles: list[Role]
    last_active_at: datetime | None
    holds: list[InHandOut]


class StuckWhy(StrEnum):
    """Why something needs a maintainer's eye."""

    FAILED_JOB = "failed_job"
    RETURNED = "returned"
    NOBODY = "nobody"
    IDLE = "idle"
    STALE_BOXES = "stale_boxes"


class StuckOut(BaseModel):
    """A recording that does not move by itself."""

    recording: Named | None
    stage: Stage | None
    why: StuckWhy
    since: datetime
    person: Named | None
    n: int | None
    """Of stale boxes, how many."""
    job_id: int | None
    words: str | None
    """What the failed job said."""


class LabOut(BaseModel):
    """Everything that a maintainer looks at in the morning."""

    stages: list[StageOut]
    people: list[LabPersonOut]
    unassigned: list[InHandOut]
    stuck: list[StuckOut]
    stuck_days: int
