"""Jobs as the HTTP interface shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from backend.core.database.tables.jobs import JobState


class Named(BaseModel):
    """Something with an id and a name: a person or a recording."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str


class JobOut(BaseModel):
    """One job."""

    id: int
    kind: str
    title: str
    queue: str
    state: JobState
    recording: Named | None
    done: int
    total: int | None
    message: str | None
    error: str | None
    result: dict[str, Any] | None
    attempt: int
    cancel_requested: bool
    created_by: Named | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobPage(BaseModel):
    """Jobs, newest first."""

    items: list[JobOut]
    next_cursor: int | None


class JobLogOut(BaseModel):
    """One line of a job's log."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    created_at: datetime
    level: str
    message: str
