"""Mask and box of the infant in each kept frame, with their history."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.boxes import BoxOrigin, BoxStatus


class FrameBox(Base):
    """The current mask and box of a frame.

    ``mask_counts`` is COCO's compressed run-length text for an image of the frame's size;
    ``made_from`` is the flat skeleton (51 numbers) that the box was made from: it is stale when the
    frame's skeleton differs. ``attempts`` names the prompts tried. ``imported_from_id`` is the
    person of an annotation file whose mask, or whose area where there is no mask, this is; it stays
    when somebody draws the box anew around that mask. ``status`` is the one place in which the
    inspector's judgement of a box stands, and ``judged_round`` the round in which it was given.
    """

    __tablename__ = "frame_boxes"
    __table_args__ = (
        enum_column_check("origin", BoxOrigin),
        enum_column_check("status", BoxStatus),
        CheckConstraint("width > 0 AND height > 0", name="size_positive"),
        CheckConstraint("consistency BETWEEN 0 AND 1", name="consistency_share"),
        CheckConstraint("cardinality(made_from) = 51", name="made_from_51"),
        Index("ix_frame_boxes_recording_id_flagged", "recording_id", "flagged"),
    )

    frame_id: Mapped[int] = mapped_column(
        ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True
    )
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    x: Mapped[float]
    y: Mapped[float]
    width: Mapped[float]
    height: Mapped[float]
    mask_counts: Mapped[str | None] = mapped_column(Text)
    mask_area: Mapped[int | None]
    mask_score: Mapped[float | None]
    consistency: Mapped[float | None]
    flagged: Mapped[bool] = mapped_column(server_default=text("false"))
    attempts: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    origin: Mapped[str] = mapped_column(ENUM_TEXT)
    status: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'proposed'"))
    judged_round: Mapped[int | None]
    model: Mapped[str | None] = mapped_column(String(120))
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    made_from: Mapped[list[float]] = mapped_column(ARRAY(Double))
    imported_from_id: Mapped[int | None] = mapped_column(ForeignKey("candidates.id"), index=True)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class BoxRevision(WithId, WithCreatedAt, Base):
    """One step of a box's history.

    ``state`` is the whole row of ``FrameBox`` at that version; null where the box was taken away.
    ``operation_id`` and ``operations`` are those of the write to the frame's document that made it,
    so that a repeated write changes nothing.
    """

    __tablename__ = "box_revisions"
    __table_args__ = (UniqueConstraint("frame_id", "version"),)

    frame_id: Mapped[int] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    version: Mapped[int]
    round: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    model: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    operation_id: Mapped[uuid.UUID | None] = mapped_column(UUID, unique=True)
    operations: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
