"""Bodies of the fits endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from backend.core.jobs.schemas import Named
from backend.domain.fit_quality import Doubt, Trust
from backend.domain.fits import FitRejection, FitStatus
from backend.domain.limits import MAX_REASON_LENGTH

Id = Annotated[int, Field(ge=1, lt=2**63)]


class FitCounts(BaseModel):
    """Body fits by where they stand."""

    fitted: int = 0
    verified: int = 0
    rejected: int = 0
    stale: int = 0
    gate_failed: int = 0


class FitRequest(BaseModel):
    """What to fit.

    ``config`` overrides single settings of the default configuration; unknown names are refused by
    the job. Verified fits that are not stale stay untouched unless ``replace_verified`` is set.
    """

    body: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    config: dict[str, Any] = Field(default_factory=dict)
    calibration_id: Id | None = None
    moment_ids: Annotated[list[Id], Field(max_length=100_000)] | None = None
    only_stale: bool = False
    replace_verified: bool = False


class VersionUsed(BaseModel):
    """A calibration by its version."""

    id: int
    version: int


class FitRunOut(BaseModel):
    """One fit of a session: what it was made with, its shape and scale, and how sure these are."""

    id: int
    body_name: str
    body_sha256: str
    calibration: VersionUsed | None
    config_version: str
    config: dict[str, Any]
    betas: list[float]
    scale: float
    summary: dict[str, Any]
    shape_deviation: list[float] | None
    scale_deviation: float | None
    noise_px: float | None
    created_at: datetime
    created_by: Named | None


class FitViewOut(BaseModel):
    """What one view says of a fit; errors in pixels, null where no joint was. ``position`` is that
    of its frame in the recording."""

    frame_id: int
    camera_id: int
    position: int
    errors: list[float | None]
    mean_error_px: float | None
    mask_iou: float | None


class FitDoubtOut(BaseModel):
    """One thing that is odd about a fit.

    ``camera_id`` and ``frame_id`` name the view and ``joint`` the COCO joint that it is about.
    ``px`` says how far off in the image, ``mm`` at the infant. ``what`` is *turned* (``value`` in
    degrees) or *focal* (per cent) of a camera, *length* (metres) or *betas* (standard deviations)
    of the shape.
    """

    kind: Doubt
    camera_id: int | None = None
    frame_id: int | None = None
    joint: int | None = None
    px: float | None = None
    mm: float | None = None
    what: str | None = None
    value: float | None = None


class FitOut(BaseModel):
    """The body fit of one moment.

    ``pose``: 24 × 3 axis-angles; ``translation``: the pelvis in world metres; ``joints``: 17 × 3
    and ``body_joints``: 24 × 3, world metres. ``covariance``: 17 × 6 (xx, xy, xz, yy, yz, zz) of
    ``joints`` in m², ``intervals_mm`` the longest half axes of their 80 % ellipsoids,
    ``quality_mm`` the mean error to be expected; null for fits of before they said so.
    """

    id: int
    run_id: int
    moment_id: int
    moment_index: int
    time_s: float
    version: int
    body_name: str
    body_sha256: str
    betas: list[float]
    scale: float
    pose: list[float]
    translation: list[float]
    joints: list[list[float]]
    body_joints: list[list[float]]
    mean_error_px: float | None
    gate_passed: bool
    converged: bool
    assumed_camera: bool
    self_intersections: int
    metrics: dict[str, Any]
    covariance: list[list[float]] | None
    intervals_mm: list[float] | None
    quality_mm: float | None
    trust: Trust | None
    doubts: list[FitDoubtOut]
    has_surface: bool
    status: FitStatus
    reason: FitRejection | None
    reason_text: str | None
    stale: bool
    reviewed_by: Named | None
    reviewed_at: datetime | None
    views: list[FitViewOut]


class SessionCounts(BaseModel):
    """Where a recording's moments stand."""

    fitted: int
    verified: int
    rejected: int
    stale: int
    gate_failed: int
    without: int


class SessionFits(BaseModel):
    """A recording's body fits, by moment."""

    run: FitRunOut | None
    runs: list[FitRunOut]
    calibration_changed: bool
    counts: SessionCounts
    may_judge: bool
    may_fit: bool
    why_not_judge: str | None
    fits: list[FitOut]


class FitSeen(BaseModel):
    """A fit at the version that the person saw."""

    id: Id
    version: Annotated[int, Field(ge=1)]


class VerdictIn(BaseModel):
    """A verdict on one or many fits; ``fitted`` takes an earlier one back."""

    fits: Annotated[list[FitSeen], Field(min_length=1, max_length=100_000)]
    status: FitStatus
    reason: FitRejection | None = None
    text: (
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_REASON_LENGTH)]
        | None
    ) = None


class FitsJudged(BaseModel):
    """The fits after the verdict."""

    fits: list[FitOut]


class FitStep(BaseModel):
    """One step of a fit's history."""

    version: int
    created_at: datetime
    author: Named | None
    run_id: int | None
    status: FitStatus
    reason: FitRejection | None
    reason_text: str | None
    mean_error_px: float | None


class Choice(BaseModel):
    """A value with its words."""

    value: str
    label: str


class FitDefaults(BaseModel):
    """What a fit uses unless told otherwise."""

    gate_px: float
    good_mm: float
    poor_mm: float
    interval_share: float
    interval_radius: float
    rejections: list[Choice]
