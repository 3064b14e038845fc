"""Acts on ranges of frames, ranges that the machine proposes to discard, and samples looked at."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.discards.proposals import ProposalState
from backend.domain.ranges import RangeAct as RangeActKind
from backend.domain.verdicts import DiscardReason


class RangeAct(WithId, WithCreatedAt, Base):
    """One act of a person on many frames; each frame that it changed has a revision that names it.

    ``request`` is what was asked for (of long lists the hash), so that a repetition is known from
    another act under the same id; ``skipped`` lists the frames that were left as they are, and why.
    ``undoes_id`` names the act that this one takes back.
    """

    __tablename__ = "range_acts"
    __table_args__ = (
        enum_column_check("kind", RangeActKind),
        Index("ix_range_acts_recording_id_id", "recording_id", "id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    operation_id: Mapped[uuid.UUID] = mapped_column(UUID, unique=True)
    kind: Mapped[str] = mapped_column(ENUM_TEXT)
    round: Mapped[int]
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed: Mapped[int]
    skipped: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    undoes_id: Mapped[int | None] = mapped_column(BigInteger)


class DiscardProposal(WithId, WithCreatedAt, Base):
    """A range of one camera's frames that measures and models say should be left out.

    ``first`` and ``last`` are frame positions, both included. What a person said of it stays, also
    when proposals are computed again.
    """

    __tablename__ = "discard_proposals"
    __table_args__ = (
        enum_column_check("reason", DiscardReason),
        enum_column_check("state", ProposalState),
        CheckConstraint("first <= last", name="in_order"),
        Index("ix_discard_proposals_recording_id_first", "recording_id", "first"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(ENUM_TEXT)
    first: Mapped[int]
    last: Mapped[int]
    score: Mapped[float]
    words: Mapped[str] = mapped_column(server_default=text("''"))
    state: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'open'"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]


class PlaybackCheck(WithId, Base):
    """A frame that was accepted in playback, looked at by itself afterwards, joint by joint.

    Of one version of its joints: a frame that changes later is no longer checked.
    """

    __tablename__ = "playback_checks"
    __table_args__ = (
        UniqueConstraint("frame_id", "annotation_version"),
        CheckConstraint("joints BETWEEN 0 AND 17", name="joints_known"),
        Index("ix_playback_checks_recording_id", "recording_id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    frame_id: Mapped[int] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    annotation_version: Mapped[int]
    joints: Mapped[int]
    wrong: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    checked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    checked_at: Mapped[datetime] = mapped_column(server_default=func.now())
