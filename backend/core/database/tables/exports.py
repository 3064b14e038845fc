"""Files written from recordings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKey, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import Base, WithCreatedAt, WithId


class Export(WithId, WithCreatedAt, Base):
    """One file in a format of ``publishing.formats``; ``key`` is where it lies once it is written.

    ``companion_id`` names the file of body fits that a COCO file refers to. ``options`` is what was
    asked for, ``notes`` what the writing has to say, in words.
    """

    __tablename__ = "exports"

    format: Mapped[str] = mapped_column(String(32), server_default=text("'coco'"))
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    notes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
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
