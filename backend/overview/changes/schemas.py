"""Every change as the audit log shows it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from backend.core.jobs.schemas import Named


class LogKind(StrEnum):
    """What kind of change it is."""

    ACT = "act"
    """A stage, an assignment, a role: what concerns a recording, a person, a release."""
    JOINTS = "joints"
    """Joints or the verdict of a frame."""
    BOX = "box"
    MARK = "mark"
    COMMENT = "comment"
    POSTURE = "posture"
    """Postures named over moments."""
    WAIVER = "waiver"
    """A doubted joint said to be right, or that taken back."""


class FrameRef(BaseModel):
    """A frame by its place in its recording."""

    id: int
    position: int


class LogEntryOut(BaseModel):
    """One change. Nothing is ever taken out of this list."""

    key: str
    """Its kind and number, which no other change has."""
    kind: LogKind
    at: datetime
    person: Named | None
    """None for the worker and its models."""
    model: str | None
    recording: Named | None
    frame: FrameRef | None
    version: int | None
    round: int | None
    what: str
    """Of acts the act, of joints the new state, of marks the mark."""
    subject: str | None
    subject_id: int | None
    operations: list[dict[str, Any]]
    back_to: int | None
    """The version of the frame whose state this is again, as after an undo; null if new."""
    details: dict[str, Any]


class LogPage(BaseModel):
    """Changes, newest first."""

    items: list[LogEntryOut]
    next_cursor: str | None
