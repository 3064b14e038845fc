"""Files on their way in: streamed to disk, resumable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.dialects.postgresql import JSONB
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


class UploadLook(WithCreatedAt, Base):
    """What a worker saw in an uploaded video: its facts and the times of its frames, or a fault.

    Goes with the upload, and when the upload was imported.
    """

    __tablename__ = "upload_looks"
    __table_args__ = (
        CheckConstraint("(facts IS NULL) = (times IS NULL)", name="facts_with_times"),
        CheckConstraint("(facts IS NULL) <> (fault IS NULL)", name="facts_or_fault"),
    )

    upload_id: Mapped[int] = mapped_column(
        ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    times: Mapped[bytes | None] = mapped_column(LargeBinary)
    fault: Mapped[str | None] = mapped_column(Text)
