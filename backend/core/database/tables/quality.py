"""How good labels are: gold frames, independent attempts at frames, and what was made of two."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.attempts import GoldUse, Purpose
from backend.domain.verdicts import DiscardReason, FrameState, Verdict


class QualityRule(Base):
    """How much is checked, and what a newcomer has to reach: one row, made by the migration.

    ``since`` is when the shares were set: what was decided before counts for nothing.
    """

    __tablename__ = "quality_rules"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("gold_share BETWEEN 0 AND 1", name="gold_share_of_one"),
        CheckConstraint("double_share BETWEEN 0 AND 1", name="double_share_of_one"),
        CheckConstraint("training_frames >= 1", name="some_training"),
        CheckConstraint("training_min_oks BETWEEN 0 AND 1", name="oks_of_one"),
        CheckConstraint("training_min_visibility BETWEEN 0 AND 1", name="visibility_of_one"),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    gold_share: Mapped[float] = mapped_column(Double, server_default=text("0"))
    double_share: Mapped[float] = mapped_column(Double, server_default=text("0"))
    seed: Mapped[str] = mapped_column(String(40), server_default=text("'1'"))
    since: Mapped[datetime] = mapped_column(server_default=func.now())
    training_required: Mapped[bool] = mapped_column(server_default=text("false"))
    training_frames: Mapped[int] = mapped_column(server_default=text("10"))
    training_min_oks: Mapped[float] = mapped_column(Double, server_default=text("0.9"))
    training_min_visibility: Mapped[float] = mapped_column(Double, server_default=text("0.85"))


class GoldFrame(Base):
    """A frame whose answer is known: the revision that was approved when it was marked."""

    __tablename__ = "gold_frames"
    __table_args__ = (enum_column_check("use", GoldUse),)

    frame_id: Mapped[int] = mapped_column(
        ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True
    )
    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), index=True
    )
    version: Mapped[int]
    use: Mapped[str] = mapped_column(ENUM_TEXT)
    marked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    marked_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Attempt(WithId, WithCreatedAt, Base):
    """What one person made of a frame on their own; never part of its annotation.

    It begins with the pre-label (version 0) and is the person's until they hand it in
    (``closed_at``); then it is compared with version ``known_version`` of the annotation: the known
    answer, or the first person's. ``seed`` and ``share`` say by which draw the frame came to them,
    ``lap`` counts how often it came in their training.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("frame_id", "user_id", "purpose", "lap"),
        enum_column_check("purpose", Purpose),
        enum_column_check("verdict", Verdict),
        enum_column_check("reason", DiscardReason),
        enum_column_check("state", FrameState),
        CheckConstraint("keypoints IS NULL OR cardinality(keypoints) = 51", name="keypoints_51"),
        CheckConstraint("(verdict = 'discard') = (reason IS NOT NULL)", name="reason_with_discard"),
        CheckConstraint("closed_at IS NULL OR verdict <> 'undecided'", name="closed_decided"),
        CheckConstraint("seconds_shown >= 0", name="seconds_shown_not_negative"),
        Index(
            "ix_attempts_one_second",
            "frame_id",
            unique=True,
            postgresql_where=text("purpose = 'second'"),
        ),
        Index("ix_attempts_open", "user_id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_attempts_recording_id", "recording_id"),
        Index("ix_attempts_user_id_created_at", "user_id", "created_at"),
    )

    frame_id: Mapped[int] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[str] = mapped_column(ENUM_TEXT)
    lap: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    seed: Mapped[str] = mapped_column(String(40))
    share: Mapped[float | None] = mapped_column(Double)
    version: Mapped[int] = mapped_column(server_default=text("0"))
    verdict: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'undecided'"))
    reason: Mapped[str | None] = mapped_column(ENUM_TEXT)
    reason_text: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'undecided'"))
    candidate_id: Mapped[int | None] = mapped_column(BigInteger)
    keypoints: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    actions: Mapped[int] = mapped_column(server_default=text("0"))
    seconds_shown: Mapped[float | None] = mapped_column(REAL)
    last_operation_id: Mapped[uuid.UUID | None] = mapped_column(UUID, unique=True)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]
    known_version: Mapped[int | None]
    verdict_agrees: Mapped[bool | None]
    oks: Mapped[float | None] = mapped_column(Double)
    px: Mapped[list[float | None] | None] = mapped_column(ARRAY(Double))
    same_visibility: Mapped[list[bool] | None] = mapped_column(ARRAY(Boolean))

    # An attempt is made from the pre-label alone, frame by frame.
    propagated: ClassVar[None] = None
    playback_fps: ClassVar[None] = None


class TrainingPass(Base):
    """Somebody reached the standard of the training; or a maintainer said so (``by_id``)."""

    __tablename__ = "training_passes"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id"), primary_key=True, autoincrement=False
    )
    passed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    frames: Mapped[int]
    oks: Mapped[float | None] = mapped_column(Double)
    visibility: Mapped[float | None] = mapped_column(Double)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Adjudication(WithId, WithCreatedAt, Base):
    """One annotation made of two people's answers: of which, joint by joint, and by whom.

    ``first_version`` is the annotation that the second answer (``attempt_id``) was compared with,
    ``version`` the one that came of both.
    """

    __tablename__ = "adjudications"
    __table_args__ = (Index("ix_adjudications_frame_id", "frame_id"),)

    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("attempts.id", ondelete="CASCADE"), unique=True
    )
    frame_id: Mapped[int] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    first_version: Mapped[int]
    version: Mapped[int]
    choices: Mapped[dict[str, Any]] = mapped_column(JSONB)
    adjudicator_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    operation_id: Mapped[uuid.UUID] = mapped_column(UUID, unique=True)
