"""Files written from approved recordings."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.database.base import Base, WithCreatedAt, WithId


class Export(WithId, WithCreatedAt, Base):
    """One COCO file; ``key`` is where it is stored once its job succeeded."""

    __tablename__ = "exports"

    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    recording_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    filename: Mapped[str] = mapped_column(String(160))
    key: Mapped[str | None] = mapped_column(Text)
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    images: Mapped[int | None]
    annotations: Mapped[int | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
