"""Bodies of the exports endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from backend.jobs.schemas import JobOut, Named


class ExportCreate(BaseModel):
    """Which approved recordings go into the file."""

    recording_ids: Annotated[list[int], Field(min_length=1, max_length=10_000)]


class ExportItem(BaseModel):
    """One COCO file; ``ready`` once it can be downloaded."""

    id: int
    filename: str
    recording_ids: list[int]
    recordings: list[str]
    bytes: int | None
    sha256: str | None
    images: int | None
    annotations: int | None
    created_at: datetime
    created_by: Named | None
    job: JobOut | None
    ready: bool


class ExportAccepted(BaseModel):
    """An export whose file is being written."""

    export: ExportItem
    job: JobOut
