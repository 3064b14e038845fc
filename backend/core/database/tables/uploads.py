"""Files on their way in: streamed to disk, resumable."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import Base, WithCreatedAt, WithId


class Upload(WithId, WithCreatedAt, Base):
    """One file being received. The bytes lie in the data folder under ``uploads/<id>.part``.

    The number of bytes received is the file's size on disk: what the server acknowledged is what
    was written and flushed.
    """

    __tablename__ = "uploads"
    __table_args__ = (CheckConstraint("size >= 0", name="size_not_negative"),)

    filename: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(Text)
    completed_at: Mapped[datetime | None]
    consumed_at: Mapped[datetime | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
