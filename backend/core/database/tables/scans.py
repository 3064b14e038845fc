"""Point clouds and depth images of a recording session."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.scans import ScanKind


class Scan(WithId, WithCreatedAt, Base):
    """One scan of one instant; never changed once written.

    ``source_frame`` is the frame of ``camera_id`` that it belongs to, as ``Frame.source_frame``
    counts; a cloud goes by a camera's numbers too. The moment is found through that frame, so that
    it follows when cameras are synchronised anew. ``key`` names the stored file, ``sha256`` its
    hash, ``points`` how many points or measured pixels it has.
    """

    __tablename__ = "scans"
    __table_args__ = (
        UniqueConstraint("camera_id", "source_frame", "kind"),
        enum_column_check("kind", ScanKind),
        CheckConstraint("(kind = 'depth') = (depth_unit_mm IS NOT NULL)", name="unit_of_depth"),
        CheckConstraint("depth_unit_mm > 0", name="unit_positive"),
        Index("ix_scans_recording_id", "recording_id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(ENUM_TEXT)
    source_frame: Mapped[int]
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(Text)
    depth_unit_mm: Mapped[float | None]
    points: Mapped[int]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
