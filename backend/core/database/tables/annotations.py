"""Machine-made people, the current annotation of each frame, and its append-only history."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
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
from backend.domain.infants import Apart
from backend.domain.verdicts import DiscardReason, FrameState, Verdict

_SKELETON_CHECK = "keypoints IS NULL OR cardinality(keypoints) = 51"
_PLAYBACK_CHECK = "playback_fps IS NULL OR (verdict = 'keep' AND playback_fps > 0)"
_REASON_CHECK = "(verdict = 'discard') = (reason IS NOT NULL)"


class Candidate(WithId, WithCreatedAt, Base):
    """One person that a model (or an imported file) found in a frame.

    ``keypoints`` is 17 × (x, y, score); ``skeleton`` is what choosing it gives, 17 × (x, y, v).
    ``retired`` candidates belong to an earlier run and stay for the history. ``apart`` says why a
    person of a file cannot be the infant: such people are kept, and never offered. ``source`` holds
    what an annotation file said of the person beside its joints
    (``publishing.formats.label_source``).
    """

    __tablename__ = "candidates"
    __table_args__ = (
        CheckConstraint("cardinality(keypoints) = 51", name="keypoints_51"),
        CheckConstraint("cardinality(skeleton) = 51", name="skeleton_51"),
        CheckConstraint("cardinality(box) = 4", name="box_4"),
        enum_column_check("apart", Apart),
        Index("ix_candidates_frame_id_rank", "frame_id", "rank"),
    )

    frame_id: Mapped[int] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    rank: Mapped[int]
    score: Mapped[float]
    keypoints: Mapped[list[float]] = mapped_column(ARRAY(Double))
    skeleton: Mapped[list[float]] = mapped_column(ARRAY(Double))
    box: Mapped[list[float]] = mapped_column(ARRAY(Double))
    model: Mapped[str] = mapped_column(String(120))
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    source: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    retired: Mapped[bool] = mapped_column(server_default=text("false"))
    apart: Mapped[str | None] = mapped_column(ENUM_TEXT)


class Annotation(Base):
    """The current annotation of a frame: one row per frame from ingest on, version 0 at first.

    ``propagated`` says of joints that were taken from an estimate from which frames they were
    inferred (``domain.carried``).
    ``playback_fps`` is set where it was accepted as one of many seen in playback: at how many
    frames a second. Every later write frame by frame clears it.
    ``approved_round`` locks a frame that stayed approved when its recording was returned;
    ``open_joints`` are those that went back where single joints were marked wrong: the inspector
    is shown what else changed (``domain.locks``).
    """

    __tablename__ = "annotations"
    __table_args__ = (
        enum_column_check("verdict", Verdict),
        enum_column_check("reason", DiscardReason),
        enum_column_check("state", FrameState),
        CheckConstraint(_SKELETON_CHECK, name="keypoints_51"),
        CheckConstraint(_REASON_CHECK, name="reason_with_discard"),
        CheckConstraint(_PLAYBACK_CHECK, name="playback_kept"),
        CheckConstraint("approved_round IS NULL OR open_joints IS NULL", name="approved_or_open"),
        Index("ix_annotations_recording_id_state", "recording_id", "state"),
        Index(
            "ix_annotations_in_playback",
            "recording_id",
            postgresql_where=text("playback_fps IS NOT NULL"),
        ),
    )

    frame_id: Mapped[int] = mapped_column(
        ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True
    )
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(server_default=text("0"))
    verdict: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'undecided'"))
    reason: Mapped[str | None] = mapped_column(ENUM_TEXT)
    reason_text: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'undecided'"))
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("candidates.id"), index=True)
    keypoints: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    propagated: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    playback_fps: Mapped[float | None] = mapped_column(Double)
    approved_round: Mapped[int | None]
    open_joints: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AnnotationRevision(WithId, WithCreatedAt, Base):
    """One step of a frame's history: who or which model, when, in which round, after what.

    ``version`` is the annotation's version after it and version − 1 is what it replaced. The whole
    state is kept, so that any two revisions can be compared without replaying operations.
    ``range_act_id`` names the act on many frames that it belongs to; ``playback_fps`` as in the
    annotation.
    ``seconds_shown`` is how long the author had the frame on the screen and was active before this
    write, since the write before; None where the client did not measure it.
    """

    __tablename__ = "annotation_revisions"
    __table_args__ = (
        UniqueConstraint("frame_id", "version"),
        CheckConstraint(_SKELETON_CHECK, name="keypoints_51"),
        CheckConstraint("(author_id IS NULL) <> (model IS NULL)", name="author_or_model"),
        Index("ix_annotation_revisions_author_id_created_at", "author_id", "created_at"),
        Index("ix_annotation_revisions_created_at_id", "created_at", "id"),
        Index(
            "ix_annotation_revisions_by_people",
            "created_at",
            "id",
            postgresql_where=text("author_id IS NOT NULL"),
        ),
        CheckConstraint(_PLAYBACK_CHECK, name="playback_kept"),
        Index(
            "ix_annotation_revisions_range_act_id",
            "range_act_id",
            postgresql_where=text("range_act_id IS NOT NULL"),
        ),
        CheckConstraint("seconds_shown >= 0", name="seconds_shown_not_negative"),
    )

    frame_id: Mapped[int] = mapped_column(ForeignKey("frames.id", ondelete="CASCADE"))
    version: Mapped[int]
    round: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    model: Mapped[str | None] = mapped_column(String(120))
    operation_id: Mapped[uuid.UUID] = mapped_column(UUID, unique=True)
    operations: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    verdict: Mapped[str] = mapped_column(ENUM_TEXT)
    reason: Mapped[str | None] = mapped_column(ENUM_TEXT)
    reason_text: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(ENUM_TEXT)
    candidate_id: Mapped[int | None] = mapped_column(BigInteger)
    keypoints: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    propagated: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    playback_fps: Mapped[float | None] = mapped_column(Double)
    range_act_id: Mapped[int | None] = mapped_column(BigInteger)
    seconds_shown: Mapped[float | None] = mapped_column(REAL)
