"""Recordings as pages show them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from backend.core.database.tables.calibrations import (
    CalibrationOrigin,
    CalibrationPhase,
    SyncMethod,
)
from backend.core.database.tables.recordings import Sex, Source
from backend.core.jobs.schemas import JobOut, Named
from backend.domain.consents import Consent, ConsentScope
from backend.domain.reviews import ReviewDecision, ReviewKind
from backend.domain.workflow import Event, Stage
from backend.multiview.fits.schemas import FitCounts


class InfantOut(BaseModel):
    """An infant."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    pseudonym: str
    sex: Sex | None


class StateCounts(BaseModel):
    """Frames by state."""

    undecided: int = 0
    accepted: int = 0
    corrected: int = 0
    discarded: int = 0


class BoxCounts(BaseModel):
    """Boxes of kept frames."""

    total: int = 0
    flagged: int = 0
    stale: int = 0
    approved: int = 0
    sent_back: int = 0


class CalibrationInUse(BaseModel):
    """The version of the cameras that a recording uses."""

    id: int
    version: int
    origin: CalibrationOrigin
    phase: CalibrationPhase
    placed: bool


class SynchronisationInUse(BaseModel):
    """The comparison of clocks that a recording uses."""

    id: int
    version: int
    method: SyncMethod
    applied_at: datetime | None


class RecordingSummary(BaseModel):
    """One row of the table of recordings."""

    id: int
    name: str
    source: Source
    stage: Stage
    stage_since: datetime
    round: int
    infant: InfantOut
    age_months: float | None
    consent: Consent
    annotator: Named | None
    inspector: Named | None
    cameras: int
    frames: int
    counts: StateCounts
    boxes: BoxCounts
    open_comments: int
    suspicious: int
    """Frames with a joint that probably needs a hand and that nobody answered; of the last look."""
    to_revise: int
    is_demo: bool
    prelabel_model: str | None
    prelabel_sha256: str | None
    """Hash of the checkpoint's file that made the pre-labels, as far as it is known."""
    prelabel_boxes_from: str | None
    """For a model that takes boxes of people: what found them."""
    prelabels_simulated: bool
    drift_flagged: bool
    in_parts: bool
    cover_frame_id: int | None
    active_job: JobOut | None
    """The newest job of this recording, also when it has ended."""
    created_at: datetime


class RecordingPage(BaseModel):
    """Recordings, newest first."""

    items: list[RecordingSummary]
    next_cursor: int | None


class CameraFileOut(BaseModel):
    """One stored video of a camera: its frames are counted on from those of the file before."""

    model_config = ConfigDict(from_attributes=True)
    filename: str
    sha256: str
    first_frame: int
    frames: int | None
    start_s: float
    duration_s: float | None


class CameraCoverageOut(BaseModel):
    """In how many moments a camera has no picture."""

    model_config = ConfigDict(from_attributes=True)
    camera_id: int
    name: str
    missing: int


class CoverageOut(BaseModel):
    """How many moments there are, how many all cameras saw, how many one alone."""

    model_config = ConfigDict(from_attributes=True)
    moments: int
    complete: int
    alone: int
    cameras: list[CameraCoverageOut]


class CameraOut(BaseModel):
    """One camera; ``source_filename`` is its first file, with ``+1`` where there is one more."""

    id: int
    index: int
    name: str
    width: int | None
    height: int | None
    fps: float | None
    rotation: int
    duration_s: float | None
    frames: int
    source_filename: str | None
    files: list[CameraFileOut]
    undecodable: int
    """Frames that were to be taken and could not be decoded."""
    damaged: int
    """Frames that are damaged in the file."""
    untimed: int
    """Frames to which the file gives no time of their own."""
    by_field: int
    """Frames that held two moments in time (interlaced) and were made from one field."""
    pixel_aspect: str | None
    """Width to height of stored pixels where they are not square, such as 4:3."""
    remarks: list[str]
    """What was found in the file, in words."""


class RoundOut(BaseModel):
    """One passage through review."""

    id: int
    kind: ReviewKind
    round: int
    submitted_by: Named | None
    submitted_at: datetime
    inspector: Named | None
    decision: ReviewDecision | None
    decided_at: datetime | None
    note: str | None


class Abilities(BaseModel):
    """What the asking person may do in this recording now."""

    edit: bool
    review: bool
    review_boxes: bool
    edit_boxes: bool
    comment: bool
    manage: bool
    claim: bool


class FamilyConsent(BaseModel):
    """The latest entry of the infant's family; it counts for all recordings of the infant."""

    scope: ConsentScope
    given_on: date


class RecordingDetail(RecordingSummary):
    """One recording with all that its page shows."""

    notes: str | None
    family_consent: FamilyConsent | None
    """Null while the recording's own consent counts."""
    cameras_list: list[CameraOut]
    coverage: CoverageOut
    uneven_cameras: str | None
    allowed_events: list[Event]
    can: Abilities
    blocked_reason: str | None
    rounds: list[RoundOut]
    discard_counts: dict[str, int]
    quality: dict[str, float]
    calibration: CalibrationInUse | None
    synchronisation: SynchronisationInUse | None
    drift: dict[str, Any] | None
    fits: FitCounts


class ImportOut(BaseModel):
    """An accepted import."""

    recording: RecordingSummary
    job: JobOut


class ActivityOut(BaseModel):
    """One act."""

    id: int
    at: datetime
    actor: Named | None
    action: str
    details: dict[str, Any]


class ActivityPage(BaseModel):
    """Acts, newest first."""

    items: list[ActivityOut]
    next_cursor: int | None


class OwnPart(BaseModel):
    """An open part of a recording that the asking person corrects."""

    index: int
    parts: int
    """Into how many the recording is cut."""
    first: int
    last: int
    left: int
    """Frames that are undecided or to be revised."""
    start_position: int
    """Of the frame at which work goes on: one to revise, else an undecided one, else its first."""


class WorkItem(RecordingSummary):
    """A recording to annotate; of one in parts, numbers of frames are those of the own parts."""

    own_parts: list[OwnPart] = []


class WorkOut(BaseModel):
    """What waits for the asking person."""

    annotate: list[WorkItem]
    returned: list[WorkItem]
    inspect: list[RecordingSummary]
    boxes: list[RecordingSummary]
    claimable: list[RecordingSummary]
