"""Bodies of the exports endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from backend.core.jobs.schemas import JobOut, Named


class ExportCreate(BaseModel):
    """Which approved recordings go into the file."""

    recording_ids: Annotated[list[int], Field(min_length=1, max_length=10_000)]
    include_fits: bool = False
    """Also write the verified body fits, and refer to them from the COCO file."""


class FitsExportCreate(BaseModel):
    """Which recordings' body fits go into the file; by default the verified ones only."""

    recording_ids: Annotated[list[int], Field(min_length=1, max_length=10_000)]
    include_unverified: bool = False


class ExportItem(BaseModel):
    """One file of keypoints or body fits; ``ready`` once it can be downloaded."""

    id: int
    kind: Literal["coco", "fits"]
    companion_id: int | None
    fits: int | None
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
