"""Predictions that were measured on a release, and what each frame of them showed.

Frames, recordings and infants are named by number without a foreign key, as the release names them.
"""

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
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.evaluation.entries import ModelSetting, PredictedKind


class Evaluation(WithId, WithCreatedAt, Base):
    """One file of predictions for one split of a release.

    Until its job has ended well there is no ``result``, and the row is on no leaderboard.
    ``file_key`` names the file in the store, ``upload_id`` where it came from. ``result`` holds all
    numbers with their definitions.
    """

    __tablename__ = "evaluations"
    __table_args__ = (
        UniqueConstraint("release_id", "split", "model", "file_sha256"),
        enum_column_check("setting", ModelSetting),
        enum_column_check("kind", PredictedKind),
        CheckConstraint(
            "(result IS NULL) = (evaluated_at IS NULL) AND (result IS NULL) = (file_key IS NULL)",
            name="whole_or_nothing",
        ),
        CheckConstraint("length(trim(model)) > 0", name="model_named"),
        Index("ix_evaluations_model", "model"),
    )

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    split: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(120))
    setting: Mapped[str] = mapped_column(ENUM_TEXT)
    kind: Mapped[str] = mapped_column(ENUM_TEXT)
    note: Mapped[str] = mapped_column(Text, server_default=text("''"))
    licence: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    url: Mapped[str] = mapped_column(Text, server_default=text("''"))
    file_name: Mapped[str] = mapped_column(String(255))
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    file_key: Mapped[str | None] = mapped_column(Text)
    upload_id: Mapped[int] = mapped_column(BigInteger)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    evaluated_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class EvaluationFrame(Base):
    """One frame of an evaluation; ``rank`` 0 is the worst.

    ``error`` is in the unit of the kind: mean pixels of the joints, or PA-MPJPE in millimetres.
    ``joints`` are 17 × (x, y) of the prediction in the product's image coordinates,
    ``similarity`` 17 terms of OKS with null where the truth has no joint, ``kinds`` 17 kinds of
    errors (``domain.evaluation.keypoint_errors.ErrorKind``). ``measures`` are further numbers by
    name. Postures stand by their names.
    """

    __tablename__ = "evaluation_frames"
    __table_args__ = (
        UniqueConstraint("evaluation_id", "rank"),
        CheckConstraint("cardinality(joints) = 34", name="joints_34"),
        CheckConstraint("cardinality(similarity) = 17", name="similarity_17"),
        CheckConstraint("cardinality(kinds) = 17", name="kinds_17"),
        CheckConstraint("worst_joint BETWEEN 0 AND 16", name="worst_joint_known"),
    )

    evaluation_id: Mapped[int] = mapped_column(
        ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True
    )
    frame_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    rank: Mapped[int]
    recording_id: Mapped[int] = mapped_column(BigInteger)
    oks: Mapped[float | None]
    error: Mapped[float | None]
    score: Mapped[float | None]
    worst_joint: Mapped[int | None] = mapped_column(SmallInteger)
    joints: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    similarity: Mapped[list[float | None] | None] = mapped_column(ARRAY(Double))
    kinds: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    true_posture: Mapped[str | None] = mapped_column(String(80))
    posture: Mapped[str | None] = mapped_column(String(80))
    measures: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
