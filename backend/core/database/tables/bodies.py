"""Body models that a laboratory added; the open infant body is shipped and has no row."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import Base, WithCreatedAt, WithId


class Body(WithId, WithCreatedAt, Base):
    """One converted body model. ``key`` is where its file lies, ``sha256`` that file's hash."""

    __tablename__ = "bodies"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    version: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    source_sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(Text)
    licence: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
