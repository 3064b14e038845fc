"""Tables of postures as the HTTP interface takes and shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from backend.core.jobs.schemas import Named
from backend.domain.posture_tables import MAX_CHARACTERS, MAX_WORDS

Words = Annotated[dict[str, str], Field(max_length=MAX_WORDS)]


class PostureTableIn(BaseModel):
    """A table of postures, and how it is to be understood."""

    model_config = ConfigDict(extra="forbid")

    file_name: Annotated[str, Field(min_length=1, max_length=255)]
    text: Annotated[str, Field(max_length=MAX_CHARACTERS)]
    recording_id: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    """Of which recording all lines are; null where a column says it."""
    columns: Annotated[dict[str, str], Field(max_length=20)] = {}
    """What columns are, where their names do not say so: ``{"start_s": "Begin"}``."""
    postures: Words = {}
    """What words mean: a posture, a group of postures, or an empty text for nothing."""
    leave_out: bool = False
    """Whether lines that cannot be used are left out; else nothing is imported."""


class PostureImportIn(PostureTableIn):
    """An import; all of it is painted, or nothing."""

    operation_id: uuid.UUID
    """The writer's own name for it, so that a retry changes nothing."""


class WordOut(BaseModel):
    """A word of the table, and what it is taken for; nothing where the group is null."""

    word: str
    lines: int
    group: str | None
    posture: str | None
    unclear: bool


class DoubtOut(BaseModel):
    """Lines that cannot be used, and why."""

    why: str
    lines: int
    examples: list[str]


class RecordingPlanOut(BaseModel):
    """What would be painted in a recording."""

    id: int
    name: str
    ranges: int
    moments: int
    of_moments: int
    replaced: int
    """Moments that say something else now."""
    closed: bool
    """Approved or still being imported: nothing can be painted in it now."""


class PosturePreviewOut(BaseModel):
    """What was understood of a table."""

    header: list[str]
    columns: dict[str, str]
    place: list[str]
    """What tells where a line belongs."""
    lines: int
    words: list[WordOut]
    recordings: list[RecordingPlanOut]
    doubts: list[DoubtOut]


class PostureImportOut(BaseModel):
    """An import of postures."""

    id: int
    file_name: str
    at: datetime
    by: Named | None
    recordings: list[int]
    left_out: int
    undone_at: datetime | None


class PostureUndoOut(BaseModel):
    """What goes when an import is undone, and what prevents it, in words."""

    goes: list[str]
    prevents: list[str]
