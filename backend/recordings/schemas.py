"""Recording sessions as the HTTP interface takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.core.database.tables.calibrations import (
    CalibrationOrigin,
    CalibrationPhase,
    SyncMethod,
)
from backend.core.database.tables.recordings import Consent, Sex, Source
from backend.core.database.tables.reviews import ReviewDecision, ReviewKind
from backend.core.jobs.schemas import JobOut, Named
from backend.domain.workflow import Event, Stage

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


class InfantIn(BaseModel):
    """The infant's pseudonym; an infant that is known already is found by it."""

    pseudonym: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    sex: Sex | None = None


class InfantOut(BaseModel):
    """An infant."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    pseudonym: str
    sex: Sex | None


class CameraIn(BaseModel):
    """One camera of a recording and the upload that holds its video."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    upload_id: int


class Sampling(BaseModel):
    """Which frames of a video are taken: every n-th, or so many per second."""

    mode: Literal["every", "fps"] = "every"
    value: float = Field(default=1, gt=0, le=100_000)

    @model_validator(mode="after")
    def _whole_step(self) -> Sampling:
        if self.mode == "every" and self.value != int(self.value):
            raise ValueError("“every n-th frame” needs a whole number")
        return self


class ImportIn(BaseModel):
    """A request to import a recording session from finished uploads."""

    kind: Literal["video", "images", "coco"]
    name: Name
    source: Source
    infant: InfantIn
    age_months: float | None = Field(default=None, ge=0, le=60)
    consent: Consent
    notes: Text | None = None
    cameras: list[CameraIn] = Field(default_factory=list, max_length=64)
    upload_ids: list[int] = Field(default_factory=list, max_length=100_000)
    coco_upload_id: int | None = None
    sampling: Sampling = Sampling()

    @model_validator(mode="after")
    def _complete(self) -> ImportIn:
        if self.kind == "video":
            if not self.cameras:
                raise ValueError("a video import needs at least one camera")
            names = [camera.name.lower() for camera in self.cameras]
            if len(set(names)) != len(names):
                raise ValueError("each camera needs a name of its own")
        elif not self.upload_ids:
            raise ValueError("an image import needs images, or a zip of them")
        if self.kind == "coco" and self.coco_upload_id is None:
            raise ValueError("a COCO import needs the annotation file")
        return self

    def uploads(self) -> list[int]:
        """Ids of all uploads that the import reads."""
        ids = [camera.upload_id for camera in self.cameras] + self.upload_ids
        return ids + ([self.coco_upload_id] if self.coco_upload_id is not None else [])


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


class FitCounts(BaseModel):
    """Body fits by where they stand."""

    fitted: int = 0
    verified: int = 0
    rejected: int = 0
    stale: int = 0
    gate_failed: int = 0


class CalibrationInUse(BaseModel):
    """The version of the cameras that a session goes by."""

    id: int
    version: int
    origin: CalibrationOrigin
    phase: CalibrationPhase
    placed: bool


class SynchronisationInUse(BaseModel):
    """The comparison of clocks that a session goes by."""

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
    to_revise: int
    is_demo: bool
    prelabel_model: str | None
    prelabels_simulated: bool
    drift_flagged: bool
    cover_frame_id: int | None
    active_job: JobOut | None
    """The newest job of this recording, also when it has ended."""
    created_at: datetime


class RecordingPage(BaseModel):
    """Recordings, newest first."""

    items: list[RecordingSummary]
    next_cursor: int | None


class CameraOut(BaseModel):
    """One camera."""

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


class RecordingDetail(RecordingSummary):
    """One recording session with all that its page shows."""

    notes: str | None
    cameras_list: list[CameraOut]
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


class RecordingPatch(BaseModel):
    """Facts to change; what is left out stays."""

    name: Name | None = None
    notes: Text | None = None
    age_months: float | None = Field(default=None, ge=0, le=60)
    consent: Consent | None = None
    source: Source | None = None


class AssignIn(BaseModel):
    """Who annotates and who inspects; what is left out stays, null takes away."""

    annotator_id: int | None = None
    inspector_id: int | None = None


class EventIn(BaseModel):
    """An event to fire."""

    event: Event
    note: Text | None = None
    model: str | None = Field(default=None, max_length=80)
    by_hand: bool = Field(
        default=False,
        description="With `box`: no model runs, people draw every box that is missing.",
    )


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


class WorkOut(BaseModel):
    """What waits for the asking person."""

    annotate: list[RecordingSummary]
    returned: list[RecordingSummary]
    inspect: list[RecordingSummary]
    boxes: list[RecordingSummary]
    claimable: list[RecordingSummary]
