"""Comparisons of clocks as the HTTP interface takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

from backend.core.database.tables.calibrations import SyncMethod
from backend.core.jobs.schemas import Named
from backend.domain.clocks import MAX_DRIFT_PPM, MAX_OFFSET_MS
from backend.domain.confidence import Trust, trust_of

OffsetMs = Annotated[float, Field(ge=-MAX_OFFSET_MS, le=MAX_OFFSET_MS, allow_inf_nan=False)]
DriftPpm = Annotated[float, Field(ge=-MAX_DRIFT_PPM, le=MAX_DRIFT_PPM, allow_inf_nan=False)]


class OffsetIn(BaseModel):
    """A camera's clock, set by hand."""

    camera_id: int
    offset_ms: OffsetMs
    drift_ppm: DriftPpm = 0.0


class SynchroniseIn(BaseModel):
    """Measure the clocks by a method, or set them by hand.

    ``auto`` compares sound, timecode and motion with each other. By hand, cameras that are left
    out keep what is in use.
    """

    method: Literal["auto", "timecode", "audio", "motion", "manual"]
    offsets: list[OffsetIn] | None = None

    @model_validator(mode="after")
    def _complete(self) -> SynchroniseIn:
        if (self.method == "manual") != (self.offsets is not None):
            raise ValueError("offsets belong to the method “manual”, and only to it")
        ids = [offset.camera_id for offset in self.offsets or []]
        if len(set(ids)) != len(ids):
            raise ValueError("a camera is named twice")
        return self


class CameraOffset(BaseModel):
    """One camera: common time = camera time + offset_ms/1000 + drift_ppm·1e-6·camera time."""

    model_config = ConfigDict(from_attributes=True)
    camera_id: int
    offset_ms: float
    drift_ppm: float = 0.0
    confidence: float = 0.0
    """0 to 1: the chance that it is right within half a frame, over the whole recording."""
    measured: bool = True
    """False: nothing could be compared, and the offset is the one of before."""
    note: str | None = None
    residual_ms: float | None = None
    """Mean distance of its frames from their moments; null before it is applied."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def trust(self) -> Trust:
        """The confidence in a word: sure from 0.99 on."""
        return trust_of(self.confidence)


class SyncCurve(BaseModel):
    """A stretch of a cross-correlation."""

    start_ms: float
    step_ms: float
    values: list[float]


class SyncPair(BaseModel):
    """What two cameras, compared directly, say.

    ``lag_ms`` is the second camera's time minus the first's for the same event.
    """

    first: int
    second: int
    at_s: float
    lag_ms: float
    sigma_ms: float
    drift_ppm: float | None
    quality: float
    windows: int
    residual_ms: float
    agrees: bool
    curve: SyncCurve | None


class SyncApplied(BaseModel):
    """What applying did."""

    how: Literal["paired", "extracted"]
    moments: int
    alone: dict[str, int]
    """By camera, frames without a partner."""
    complete: int | None = None
    """Moments that all cameras saw."""
    missing: dict[str, int] = {}
    """By camera, moments in which it has no picture."""
    frames_added: int = 0
    frames_removed: int = 0
    fits_removed: int = 0


class SyncReport(BaseModel):
    """What stands behind the offsets."""

    pairs: list[SyncPair] = []
    residual_ms: float | None = None
    """Weighted RMS of the pairs' residuals; null where no loop of cameras checks them."""
    disagreeing: int | None = None
    """The camera that contradicts the others, if one."""
    warnings: list[str] = []
    applied: SyncApplied | None = None


class SyncOut(BaseModel):
    """One version of a recording's clocks."""

    id: int
    recording_id: int
    version: int
    method: SyncMethod
    offsets: list[CameraOffset]
    report: SyncReport
    applied_at: datetime | None
    in_use: bool
    created_at: datetime
    created_by: Named | None


class SyncPlan(BaseModel):
    """What applying an offset would do now."""

    how: Literal["paired", "extracted"]
    why: str
    """Why frames are not taken anew, or what happens to those that are."""


class SyncFrame(BaseModel):
    """The picture of a camera that is nearest to a moment."""

    camera_id: int
    frame_id: int | None
    """Null for a source frame that is not among the recording's frames."""
    source_time_s: float
    image_url: str


class SyncFrames(BaseModel):
    """One moment in all cameras; cameras that have no picture are left out."""

    time_s: float
    cameras: list[SyncFrame]


class StripFrame(BaseModel):
    """A small picture of a source frame."""

    time_s: float
    image_url: str


class CameraStrip(BaseModel):
    """Small pictures of a camera at its own rate, around some instants."""

    camera_id: int
    frames: list[StripFrame]


class SyncStrips(BaseModel):
    """Pictures for comparing clocks by eye, finer than the recording's frames."""

    instants_s: list[float]
    """Session times, by the offsets at the time, around which they were taken."""
    cameras: list[CameraStrip]
