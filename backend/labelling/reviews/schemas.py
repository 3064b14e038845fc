"""Comments as the HTTP interface takes and shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from backend.core.jobs.schemas import Named
from backend.domain.limits import MAX_NOTE_LENGTH
from backend.labelling.annotations.schemas import JointIndex

Body = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NOTE_LENGTH)
]


class CommentOut(BaseModel):
    """A remark on a frame, or on one of its joints."""

    id: int
    frame_id: int
    joint: JointIndex | None
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
    operation_id: uuid.UUID | None = None
    """The writer's own name for it, so that a retry changes nothing."""


class CommentPatch(BaseModel):
    """Changes to a remark; what is left out stays."""

    body: Body | None = None
    resolved: bool | None = None
