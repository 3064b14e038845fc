"""Comments as the HTTP interface takes and shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from backend.core.jobs.schemas import Named
from backend.domain.limits import MAX_NOTE_LENGTH
from backend.domain.reviews import QuickReason
from backend.labelling.annotations.schemas import JointIndex

MAX_MENTIONS = 20
Body = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NOTE_LENGTH)
]


Mentions = Annotated[list[Annotated[int, Field(ge=1, lt=2**63)]], Field(max_length=MAX_MENTIONS)]


class ReplyOut(BaseModel):
    """An answer in a thread."""

    id: int
    body: str
    mentions: list[Named]
    author: Named
    created_at: datetime


class ReplyIn(BaseModel):
    """A new answer."""

    body: Body
    mentions: Mentions | None = None
    """Ids of people who are to see it."""
    operation_id: uuid.UUID | None = None
    """The writer's own name for it, so that a retry changes nothing."""


class CommentOut(BaseModel):
    """What begins a thread: a remark on a frame, one of its joints or a range, with its answers."""

    id: int
    frame_id: int
    joint: JointIndex | None
    until_frame_id: int | None
    """The last frame of a range that begins with ``frame_id``; none for a single frame."""
    reason: QuickReason | None
    mentions: list[Named]
    replies: list[ReplyOut]
    round: int
    body: str
    author: Named
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: Named | None


class CommentIn(BaseModel):
    """A new remark."""

    body: Body
    joint: JointIndex | None = None
    reason: QuickReason | None = None
    until_frame_id: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    """For a remark on a range: its last frame, later in the same camera."""
    mentions: Mentions | None = None
    """Ids of people who are to see it."""
    operation_id: uuid.UUID | None = None
    """The writer's own name for it, so that a retry changes nothing."""


class CommentPatch(BaseModel):
    """Changes to a remark; what is left out stays."""

    body: Body | None = None
    resolved: bool | None = None


class MentionOut(BaseModel):
    """An open thread in which somebody is mentioned."""

    comment: CommentOut
    recording_id: int
    recording_name: str
    position: int
