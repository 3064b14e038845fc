"""Rounds of review, the inspector's mark on each frame, and comments."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.core.database.tables.accounts import User
from backend.domain.reviews import Mark, QuickReason, ReviewDecision, ReviewKind


class ReviewRound(WithId, Base):
    """One passage of a session through review, from submission to decision."""

    __tablename__ = "review_rounds"
    __table_args__ = (
        enum_column_check("kind", ReviewKind),
        enum_column_check("decision", ReviewDecision),
        Index("ix_review_rounds_recording_id_id", "recording_id", "id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(ENUM_TEXT)
    round: Mapped[int]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[str | None] = mapped_column(ENUM_TEXT)
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)


class FrameMark(WithId, WithCreatedAt, Base):
    """The mark that an inspector gave a frame in one round.

    In box review only of frames that have no box: what is said of a box stands with the box.
    ``sample_id`` names the random sample that vouched for a frame that nobody opened.
    """

    __tablename__ = "frame_marks"
    __table_args__ = (
        UniqueConstraint("frame_id", "kind", "round"),
        enum_column_check("kind", ReviewKind),
        enum_column_check("mark", Mark),
        Index("ix_frame_marks_recording_id_round", "recording_id", "round"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    frame_id: Mapped[int] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(ENUM_TEXT)
    round: Mapped[int]
    mark: Mapped[str] = mapped_column(ENUM_TEXT)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    sample_id: Mapped[int | None] = mapped_column(
        ForeignKey("inspection_samples.id", ondelete="SET NULL"), index=True
    )


class Comment(WithId, WithCreatedAt, Base):
    """What begins a thread: a remark on a frame, on one of its joints, or on a range of frames.

    A range goes on to ``until_frame_id``, a later frame of the same camera. ``mentions`` are ids of
    people. ``operation_id`` is the browser's own name for it: sent twice, it is written once.
    """

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint("joint BETWEEN 0 AND 16", name="joint_known"),
        CheckConstraint("length(trim(body)) > 0", name="body_not_empty"),
        enum_column_check("reason", QuickReason),
        Index("ix_comments_frame_id", "frame_id"),
        Index("ix_comments_recording_id", "recording_id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    frame_id: Mapped[int] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    joint: Mapped[int | None] = mapped_column(SmallInteger)
    round: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(ENUM_TEXT)
    until_frame_id: Mapped[int | None] = mapped_column(
        ForeignKey("frames.id", ondelete="SET NULL"), index=True
    )
    mentions: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    operation_id: Mapped[uuid.UUID | None] = mapped_column(UUID, unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(lazy="raise", foreign_keys=[author_id])


class CommentReply(WithId, WithCreatedAt, Base):
    """An answer in a thread; it is open or resolved with the remark that it answers."""

    __tablename__ = "comment_replies"
    __table_args__ = (
        CheckConstraint("length(trim(body)) > 0", name="body_not_empty"),
        Index("ix_comment_replies_comment_id", "comment_id"),
    )

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    operation_id: Mapped[uuid.UUID | None] = mapped_column(UUID, unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(lazy="raise", foreign_keys=[author_id])
