"""Body fits: runs with their shape, one fit per moment, what each view says of it, its history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.fits import FitRejection, FitStatus


class FitRun(WithId, WithCreatedAt, Base):
    """One fit of a whole session: its body model, calibration, configuration, shape and scale.

    ``calibration_id`` is null where a single view was fitted with an assumed camera.
    ``shape_covariance`` is that of betas and scale, row by row; ``noise_px`` the standard deviation
    of a visible mark. Both are null for runs of before fits said how sure they are.
    """

    __tablename__ = "fit_runs"
    __table_args__ = (
        CheckConstraint("scale > 0", name="scale_positive"),
        Index("ix_fit_runs_recording_id_id", "recording_id", "id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    body_name: Mapped[str] = mapped_column(String(80))
    body_sha256: Mapped[str] = mapped_column(String(64))
    calibration_id: Mapped[int | None] = mapped_column(ForeignKey("calibrations.id"))
    config_version: Mapped[str] = mapped_column(String(40))
    config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    betas: Mapped[list[float]] = mapped_column(ARRAY(Double))
    scale: Mapped[float]
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    shape_covariance: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    noise_px: Mapped[float | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Fit(WithId, WithCreatedAt, Base):
    """The current body fit of a moment.

    ``pose`` is 24 × 3 axis-angles in SMPL's order, ``translation`` the pelvis in world metres,
    ``joints`` the 17 COCO joints × 3 in world metres, ``body_joints`` the body's own 24 × 3.
    ``metrics`` holds mask overlap, limb lengths and the like. ``surface_key`` names the stored
    vertex offsets of the surface step, where it ran. ``scans`` are the ids of the scans that its
    moment had at that time, rising: the fit is stale when it has others. ``covariance`` is xx, xy,
    xz, yy, yz, zz of each COCO joint in m², ``quality_mm`` the expected mean error, ``doubts`` what
    is odd (``domain.fit_quality``); null, and empty, for older fits. ``raw_pose``,
    ``raw_translation`` and ``raw_joints`` are the same without the sequence that the moment was
    fitted in; null where there was none, or where only the sequence places it.
    """

    __tablename__ = "fits"
    __table_args__ = (
        enum_column_check("status", FitStatus),
        enum_column_check("reason", FitRejection),
        CheckConstraint("cardinality(pose) = 72", name="pose_72"),
        CheckConstraint("cardinality(translation) = 3", name="translation_3"),
        CheckConstraint("cardinality(joints) = 51", name="joints_51"),
        CheckConstraint("cardinality(body_joints) = 72", name="body_joints_72"),
        CheckConstraint("cardinality(covariance) = 102", name="covariance_102"),
        CheckConstraint("quality_mm >= 0", name="quality_positive"),
        CheckConstraint("jsonb_typeof(doubts) = 'array'", name="doubts_listed"),
        CheckConstraint("cardinality(raw_pose) = 72", name="raw_pose_72"),
        CheckConstraint("cardinality(raw_translation) = 3", name="raw_translation_3"),
        CheckConstraint("cardinality(raw_joints) = 51", name="raw_joints_51"),
        CheckConstraint("(status = 'rejected') = (reason IS NOT NULL)", name="reason_if_rejected"),
        Index("ix_fits_recording_id_status", "recording_id", "status"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    moment_id: Mapped[int] = mapped_column(
        ForeignKey("moments.id", ondelete="CASCADE"), unique=True
    )
    run_id: Mapped[int] = mapped_column(ForeignKey("fit_runs.id", ondelete="CASCADE"), index=True)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    pose: Mapped[list[float]] = mapped_column(ARRAY(Double))
    translation: Mapped[list[float]] = mapped_column(ARRAY(Double))
    joints: Mapped[list[float]] = mapped_column(ARRAY(Double))
    body_joints: Mapped[list[float]] = mapped_column(ARRAY(Double))
    raw_pose: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    raw_translation: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    raw_joints: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    mean_error_px: Mapped[float | None]
    gate_passed: Mapped[bool]
    converged: Mapped[bool]
    assumed_camera: Mapped[bool] = mapped_column(server_default=text("false"))
    self_intersections: Mapped[int] = mapped_column(server_default=text("0"))
    metrics: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    surface_key: Mapped[str | None] = mapped_column(Text)
    scans: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    covariance: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    quality_mm: Mapped[float | None]
    doubts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    status: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'fitted'"))
    reason: Mapped[str | None] = mapped_column(ENUM_TEXT)
    reason_text: Mapped[str | None] = mapped_column(Text)
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]


class FitView(Base):
    """One view that a fit was made from.

    ``made_from`` is the flat skeleton (51 numbers) of the frame at that time: the fit is stale when
    the frame's skeleton differs. ``errors`` is 17 distances in pixels, NaN where no joint was.
    """

    __tablename__ = "fit_views"
    __table_args__ = (
        CheckConstraint("cardinality(made_from) = 51", name="made_from_51"),
        CheckConstraint("cardinality(errors) = 17", name="errors_17"),
        CheckConstraint("mask_iou BETWEEN 0 AND 1", name="mask_iou_share"),
    )

    fit_id: Mapped[int] = mapped_column(ForeignKey("fits.id", ondelete="CASCADE"), primary_key=True)
    frame_id: Mapped[int] = mapped_column(
        ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    made_from: Mapped[list[float]] = mapped_column(ARRAY(Double))
    errors: Mapped[list[float]] = mapped_column(ARRAY(Double))
    mask_iou: Mapped[float | None]


class FitRevision(WithId, WithCreatedAt, Base):
    """One step of a fit's history; ``state`` is the whole row of ``Fit`` at that version."""

    __tablename__ = "fit_revisions"
    __table_args__ = (UniqueConstraint("fit_id", "version"),)

    fit_id: Mapped[int] = mapped_column(ForeignKey("fits.id", ondelete="CASCADE"))
    version: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("fit_runs.id", ondelete="SET NULL"))
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
