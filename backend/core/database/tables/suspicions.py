"""Which joints probably need a hand, what people said of that, and what is to be looked at anew.

A trigger of ``annotations`` notes each frame whose joints change, in the transaction of the write
(``migrations/versions/0019_suspicions.py``); everything else happens later, in a worker
(``overview.suspicions``). So a save only adds one small row.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import Base, WithCreatedAt, WithId
from backend.domain.limits import MAX_NOTE_LENGTH


class FrameSuspicion(Base):
    """How likely each joint of a frame needs a hand.

    ``version`` is the annotation's that was looked at. ``joints`` are 17 percentages, ``doubts``
    the places of their strongest reasons in ``domain.suspicion.DOUBTS``.
    """

    __tablename__ = "frame_suspicions"
    __table_args__ = (
        CheckConstraint("cardinality(joints) = 17", name="joints_17"),
        CheckConstraint("cardinality(doubts) = 17", name="doubts_17"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score_share"),
        Index("ix_frame_suspicions_recording_id_score", "recording_id", "score"),
    )

    frame_id: Mapped[int] = mapped_column(
        ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True
    )
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    version: Mapped[int]
    score: Mapped[float] = mapped_column(Double)
    joints: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    doubts: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))


class CameraUsual(Base):
    """What is usual for the infant in one camera (``domain.suspicion.Reference``)."""

    __tablename__ = "camera_usuals"

    camera_id: Mapped[int] = mapped_column(
        ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True
    )
    usual: Mapped[dict[str, Any]] = mapped_column(JSONB)


class SuspicionNote(WithId, Base):
    """A frame whose joints changed since they were looked at; without a frame, all of them.

    Rows are only added, and deleted by the worker that looked. A frame may be noted twice.
    """

    __tablename__ = "suspicion_notes"
    __table_args__ = (Index("ix_suspicion_notes_recording_id", "recording_id"),)

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    frame_id: Mapped[int | None] = mapped_column(BigInteger)


class Waiver(WithId, WithCreatedAt, Base):
    """A person's word that a doubted joint is right, or that it is not after all.

    Rows are only added: of a frame's joint, the latest counts, as long as the joint lies where it
    lay (``x``, ``y``). ``operation_id`` is the browser's own name for the act.
    """

    __tablename__ = "waivers"
    __table_args__ = (
        CheckConstraint("joint BETWEEN 0 AND 16", name="joint_known"),
        CheckConstraint(f"length(note) <= {MAX_NOTE_LENGTH}", name="note_length"),
        Index("ix_waivers_recording_id_frame_id", "recording_id", "frame_id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    frame_id: Mapped[int] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    joint: Mapped[int] = mapped_column(SmallInteger)
    doubt: Mapped[str] = mapped_column(Text)
    x: Mapped[float] = mapped_column(Double)
    y: Mapped[float] = mapped_column(Double)
    holds: Mapped[bool]
    note: Mapped[str | None] = mapped_column(Text)
    round: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    operation_id: Mapped[uuid.UUID] = mapped_column(UUID, unique=True)
