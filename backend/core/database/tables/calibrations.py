"""Versioned calibrations and synchronisations of a recording session."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check


class CalibrationPhase(StrEnum):
    """When, relative to the recording session, the boards were filmed."""

    BEFORE = "before"
    AFTER = "after"
    SESSION = "session"


class CalibrationOrigin(StrEnum):
    """What a calibration was made from."""

    BOARD = "board"
    POINTS = "points"
    IMPORT = "import"
    RENDERED = "rendered"
    JOINTS = "joints"


class SyncMethod(StrEnum):
    """How the clocks of the cameras were compared."""

    TIMECODE = "timecode"
    AUDIO = "audio"
    MOTION = "motion"
    MANUAL = "manual"


class Calibration(WithId, WithCreatedAt, Base):
    """One version of a session's cameras; never changed once written.

    ``cameras`` is a list of ``backend.domain.cameras.Camera.to_dict()`` with ``camera_id`` and
    ``rms_px`` beside; ``T_camera_world`` is null where only the lens is known, and where a camera
    was knocked: then ``moves`` lists its places, {from_s, T_camera_world, covariance} by time, the
    first from null. ``report`` holds
    what the page shows: views used and dropped with reasons, coverage, errors by camera.
    """

    __tablename__ = "calibrations"
    __table_args__ = (
        UniqueConstraint("recording_id", "version"),
        enum_column_check("phase", CalibrationPhase),
        enum_column_check("origin", CalibrationOrigin),
        CheckConstraint("version >= 1", name="version_from_one"),
        CheckConstraint("jsonb_typeof(cameras) = 'array'", name="cameras_listed"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    version: Mapped[int]
    phase: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'session'"))
    origin: Mapped[str] = mapped_column(ENUM_TEXT)
    cameras: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    floor_z: Mapped[float | None]
    note: Mapped[str | None] = mapped_column(Text)
    based_on_id: Mapped[int | None] = mapped_column(
        ForeignKey("calibrations.id", ondelete="SET NULL")
    )
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Synchronisation(WithId, WithCreatedAt, Base):
    """One comparison of the cameras' clocks; never changed once written, but for being applied.

    ``offsets`` is a list of {camera_id, offset_ms, drift_ppm, confidence, residual_ms}: a camera's
    time stamp plus its offset is session time. ``residual_ms`` is what is left once frames have
    been paired anew, null before.
    """

    __tablename__ = "synchronisations"
    __table_args__ = (
        UniqueConstraint("recording_id", "version"),
        enum_column_check("method", SyncMethod),
        CheckConstraint("version >= 1", name="version_from_one"),
        CheckConstraint("jsonb_typeof(offsets) = 'array'", name="offsets_listed"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    version: Mapped[int]
    method: Mapped[str] = mapped_column(ENUM_TEXT)
    offsets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    applied_at: Mapped[datetime | None]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
