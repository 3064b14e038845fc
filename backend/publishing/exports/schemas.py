"""Bodies of the exports endpoints."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from backend.core.jobs.schemas import JobOut, Named
from backend.domain.pixels import OutsideJoints, PixelRule


class FitsFile(StrEnum):
    """Files that body fits are written as."""

    FITS = "fits"
    AMASS = "amass"
    TRC = "trc"
    C3D = "c3d"
    ANGLES = "angles"


class ExportOptions(BaseModel):
    """How a file is written, as its row keeps it."""

    pixels: PixelRule | None = None
    """The rule of its joints; by default the one by which they were imported, else COCO's."""
    outside: OutsideJoints = OutsideJoints.KEEP
    include_unverified: bool = False
    """Body fits: also those that nobody verified, marked as such."""


class ExportCreate(BaseModel):
    """Which approved recordings go into the file."""

    recording_ids: Annotated[list[int], Field(min_length=1, max_length=10_000)]
    include_fits: bool = False
    """Also write the verified body fits, and refer to them from the COCO file."""
    pixels: PixelRule | None = Field(
        default=None,
        description="What joint coordinates are measured from: `index` (0 is the centre of "
        "the first pixel, as in COCO) or"
        " `continuous` (0 is its outer corner). By default as the recordings were imported, "
        "otherwise `index`.",
    )
    outside: OutsideJoints = Field(
        default=OutsideJoints.KEEP,
        description="Joints outside their image: kept as placed, or written as not present.",
    )


class RuleAsked(BaseModel):
    """Recordings that are about to be exported."""

    recording_ids: Annotated[list[int], Field(min_length=1, max_length=10_000)]


class RuleOut(BaseModel):
    """By which rule joints are written where none is asked for.

    ``imported`` counts the recordings by the rule by which their labels came in; those that were
    labelled here are in ``here``.
    """

    pixels: PixelRule
    imported: dict[PixelRule, int]
    here: int


class FitsExportCreate(BaseModel):
    """Which recordings' body fits go into the file; by default the verified ones only."""

    recording_ids: Annotated[list[int], Field(min_length=1, max_length=10_000)]
    include_unverified: bool = False
    format: FitsFile = Field(
        default=FitsFile.FITS,
        description="`fits`: all arrays as .npz. Archives of one file or more for each recording:"
        " `amass`: SMPL sequences in AMASS’ layout; `trc`: OpenSim’s markers; `c3d`: C3D points;"
        " `angles`: joint angles as CSV. These want moments that are evenly spaced.",
    )


class ExportItem(BaseModel):
    """One file of keypoints or body fits; ``ready`` once it can be downloaded."""

    id: int
    format: str
    companion_id: int | None
    fits: int | None
    filename: str
    recording_ids: list[int]
    recordings: list[str]
    bytes: int | None
    sha256: str | None
    images: int | None
    annotations: int | None
    notes: list[str]
    created_at: datetime
    created_by: Named | None
    job: JobOut | None
    ready: bool


class ExportAccepted(BaseModel):
    """An export whose file is being written."""

    export: ExportItem
    job: JobOut
