"""Scans as the HTTP interface takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, FiniteFloat

from backend.core.jobs.schemas import Named
from backend.domain.scans import ScanKind

MAX_FILES = 500
"""Most files of one request."""

Id = Annotated[int, Field(ge=1, lt=2**63)]


class ScansIn(BaseModel):
    """Finished uploads to attach, all or none.

    Names end in ``.ply``, ``.npz`` or ``.npy`` (points in world metres) or in ``.png`` (16-bit
    depth along the optical axis) and carry the frame number as their last run of digits.
    """

    upload_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_FILES)]
    camera_id: Id | None = None
    """Whose depth it is, and whose frame numbers count; for point clouds the first by default."""
    depth_unit_mm: Annotated[FiniteFloat, Field(gt=0, le=1000)] = 1.0
    """Millimetres of one step of a depth image."""


class ScanOut(BaseModel):
    """One scan."""

    id: int
    kind: ScanKind
    camera_id: int
    number: int
    """The frame number that its name carries."""
    moment_id: int | None
    """Null where the recording has no frame of that number any more; it is not used then."""
    moment_index: int | None
    filename: str
    sha256: str
    size: int
    points: int
    """Points of a cloud; pixels with a depth."""
    depth_unit_mm: float | None
    created_at: datetime
    created_by: Named | None


class ScanCamera(BaseModel):
    """A camera as scans see it."""

    id: int
    name: str
    numbers: list[int]
    """Frame numbers that scans can have."""
    last: int | None
    """The last frame number of its video or images, taken into the recording or not."""
    size: tuple[int, int] | None
    """Width and height of its calibration; null where depth images of it cannot be used."""


class RecordingScans(BaseModel):
    """A recording's scans, by moment."""

    moments: int
    moments_with_scan: int
    cameras: list[ScanCamera]
    scans: list[ScanOut]


class ScansAdded(BaseModel):
    """What came of attaching files; ``unchanged`` were there already."""

    added: list[ScanOut]
    unchanged: int
