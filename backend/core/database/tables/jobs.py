"""Background jobs, their log, and the outbox from which they are dispatched."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check


class JobKind(StrEnum):
    """What a job does; each kind is one Celery task."""

    INSPECT = "inspect"
    INGEST = "ingest"
    CHECK_IMPORT = "check_import"
    PRELABEL = "prelabel"
    BOXES = "boxes"
    EXPORT = "export"
    PULL_WEIGHTS = "pull_weights"
    CALIBRATE = "calibrate"
    SYNCHRONISE = "synchronise"
    RESAMPLE = "resample"
    FIT = "fit"
    CHECK_RELEASE = "check_release"
    WRITE_RELEASE = "write_release"
    UNDO_IMPORT = "undo_import"
    REMOVE_RELEASE = "remove_release"
    ERASE_INFANT = "erase_infant"
    EVALUATE = "evaluate"
    MEASURE_MOTION = "measure_motion"
    PROPOSE_DISCARDS = "propose_discards"
    TRAIN_MODEL = "train_model"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (JobState.QUEUED.value, JobState.RUNNING.value)
"""The states of a job that has not ended."""


class Job(WithId, WithCreatedAt, Base):
    """One unit of background work. Idempotent by id: it resumes where it stopped.

    ``claims`` counts up with every worker that takes the job and never down: a worker whose number
    is no longer the latest has lost the job and writes nothing more.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        enum_column_check("kind", JobKind),
        enum_column_check("state", JobState),
        CheckConstraint("queue IN ('cpu', 'gpu')", name="queue_known"),
        Index("ix_jobs_state_id", "state", "id"),
        Index("ix_jobs_recording_id_id", "recording_id", "id"),
        Index(
            "uq_jobs_one_active_per_recording_and_kind",
            "recording_id",
            "kind",
            unique=True,
            postgresql_where=text(
                "state IN ('queued', 'running') AND recording_id IS NOT NULL"
                " AND NOT payload ? 'frame_ids'"
            ),
        ),
    )

    kind: Mapped[str] = mapped_column(ENUM_TEXT)
    queue: Mapped[str] = mapped_column(String(8))
    recording_id: Mapped[int | None] = mapped_column(
        ForeignKey("recordings.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'queued'"))
    done: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    total: Mapped[int | None] = mapped_column(BigInteger)
    message: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    claims: Mapped[int] = mapped_column(server_default=text("0"))
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]


class JobLog(WithId, WithCreatedAt, Base):
    """One line of a job's log, in words for maintainers."""

    __tablename__ = "job_logs"
    __table_args__ = (
        CheckConstraint("level IN ('info', 'warning', 'error')", name="level_known"),
        Index("ix_job_logs_job_id_id", "job_id", "id"),
    )

    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    level: Mapped[str] = mapped_column(String(8))
    message: Mapped[str] = mapped_column(Text)


class OutboxMessage(WithId, WithCreatedAt, Base):
    """A job to be handed to Celery; written in the transaction that created the job."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_undispatched", "id", postgresql_where=text("dispatched_at IS NULL")),
    )

    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    dispatched_at: Mapped[datetime | None]
