"""Files written from recordings."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import Base, WithCreatedAt, WithId


class Export(WithId, WithCreatedAt, Base):
    """One file of keypoints or of body fits; ``key`` is where it lies once its job succeeded.

    ``companion_id`` names the file of body fits that a COCO file refers to.
    """

    __tablename__ = "exports"
    __table_args__ = (CheckConstraint("kind IN ('coco', 'fits')", name="kind_known"),)

    kind: Mapped[str] = mapped_column(String(8), server_default=text("'coco'"))
    companion_id: Mapped[int | None] = mapped_column(ForeignKey("exports.id", ondelete="SET NULL"))
    fits: Mapped[int | None]

    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    recording_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    filename: Mapped[str] = mapped_column(String(160))
    key: Mapped[str | None] = mapped_column(Text)
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    images: Mapped[int | None]
    annotations: Mapped[int | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
