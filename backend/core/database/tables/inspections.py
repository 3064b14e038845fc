"""What inspectors looked at, what they said of single joints, and the samples they vouched by."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    func,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.reviews import JointMark as Mark


class JointMark(Base):
    """What an inspector said of one joint in one round."""

    __tablename__ = "joint_marks"
    __table_args__ = (
        CheckConstraint("joint BETWEEN 0 AND 16", name="joint_known"),
        enum_column_check("mark", Mark),
        Index("ix_joint_marks_recording_id_round", "recording_id", "round"),
    )

    frame_id: Mapped[int] = mapped_column(
        ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True
    )
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    joint: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    mark: Mapped[str] = mapped_column(ENUM_TEXT)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    marked_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FrameLook(Base):
    """How long an inspector had a frame before them in one round, in seconds."""

    __tablename__ = "frame_looks"
    __table_args__ = (
        CheckConstraint("seconds >= 0", name="seconds_not_negative"),
        Index("ix_frame_looks_recording_id_round", "recording_id", "round"),
    )

    frame_id: Mapped[int] = mapped_column(
        ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True
    )
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id"), primary_key=True, autoincrement=False
    )
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    seconds: Mapped[float] = mapped_column(REAL)
    first_at: Mapped[datetime] = mapped_column(server_default=func.now())


class InspectionSample(WithId, WithCreatedAt, Base):
    """A random sample of a recording's frames that was drawn to be looked at.

    Every draw stays, also one that was not finished or did not vouch. ``population`` is the number
    of frames it was drawn from, ``frame_ids`` those drawn, in order. What it showed stands there
    once it is finished: joints checked and wrong, wrong joints per 1,000 with their interval, and
    for how many unopened frames it vouched.
    """

    __tablename__ = "inspection_samples"
    __table_args__ = (
        CheckConstraint("population >= cardinality(frame_ids)", name="drawn_from_population"),
        CheckConstraint("wrong BETWEEN 0 AND joints", name="wrong_of_joints"),
        CheckConstraint("(finished_at IS NULL) = (joints IS NULL)", name="finished_with_result"),
        Index("ix_inspection_samples_recording_id_id", "recording_id", "id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    round: Mapped[int]
    inspector_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    operation_id: Mapped[uuid.UUID] = mapped_column(UUID, unique=True)
    seed: Mapped[int]
    population: Mapped[int]
    frame_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    max_errors_per_1000: Mapped[float] = mapped_column(Double)
    finished_at: Mapped[datetime | None]
    joints: Mapped[int | None]
    wrong: Mapped[int | None]
    wrong_frames: Mapped[int | None]
    rate: Mapped[float | None] = mapped_column(Double)
    low: Mapped[float | None] = mapped_column(Double)
    high: Mapped[float | None] = mapped_column(Double)
    vouched: Mapped[int | None]


class InspectionRule(Base):
    """How large samples are and how good they must be, for all recordings; one row at most."""

    __tablename__ = "inspection_rules"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("min_frames >= 1", name="some_frames"),
        CheckConstraint("share BETWEEN 0 AND 1", name="share_of_one"),
        CheckConstraint("max_errors_per_1000 BETWEEN 0 AND 1000", name="limit_per_1000"),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    min_frames: Mapped[int]
    share: Mapped[float] = mapped_column(Double)
    max_errors_per_1000: Mapped[float] = mapped_column(Double)
    updated_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
