"""Runs of training: which recipe on which release, how far, with what result."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check


class TrainingDecision(StrEnum):
    """What a maintainer said of a model that was proposed as pre-labeller."""

    CHOSEN = "chosen"
    DECLINED = "declined"


class TrainingRun(WithId, WithCreatedAt, Base):
    """One run of a recipe on a release. How it stands is told by its job.

    ``release_title`` and ``release_sha256`` stay when the release is removed. Files lie in the
    store under ``runs/ID/``: ``curves.jsonl``, ``state.pth``, ``best.pth``, ``pictures/``.
    ``epoch`` is the last one whose state lies there. ``checkpoint`` names what was registered; it
    and all scores come with the transaction that ends the job: of a run that failed nothing is
    known.
    """

    __tablename__ = "training_runs"
    __table_args__ = (
        CheckConstraint("scale IN ('paper', 'small')", name="scale_known"),
        CheckConstraint("epoch >= -1 AND epoch <= epochs", name="epoch_within"),
        CheckConstraint("(finished_at IS NULL) = (scores IS NULL)", name="finished_with_scores"),
        enum_column_check("decision", TrainingDecision),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_whole"),
        Index("ix_training_runs_release_id", "release_id"),
    )

    name: Mapped[str] = mapped_column(String(80), unique=True)
    recipe: Mapped[str] = mapped_column(String(80))
    scale: Mapped[str] = mapped_column(String(8))
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    seed: Mapped[int] = mapped_column(BigInteger)
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id", ondelete="SET NULL"))
    release_title: Mapped[str] = mapped_column(String(200))
    release_sha256: Mapped[str] = mapped_column(String(64))
    renders: Mapped[int] = mapped_column(server_default=text("0"))
    start: Mapped[str | None] = mapped_column(String(80))
    start_sha256: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[str | None] = mapped_column(Text)
    samples: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    epochs: Mapped[int]
    epoch: Mapped[int] = mapped_column(server_default=text("-1"))
    key_metric: Mapped[str | None] = mapped_column(String(80))
    best_epoch: Mapped[int | None]
    best_sha256: Mapped[str | None] = mapped_column(String(64))
    scores: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    test: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    test_before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    pictures: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    notes: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    checkpoint: Mapped[str | None] = mapped_column(String(80))
    comparison: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    decision: Mapped[str | None] = mapped_column(ENUM_TEXT)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    finished_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
