"""What is done about a published release, whose own rows never change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import Base, WithCreatedAt, WithId


class ReleaseRemoval(WithCreatedAt, Base):
    """That a withdrawn release's files were to leave the store, and when the last one had left."""

    __tablename__ = "release_removals"

    release_id: Mapped[int] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    removed_at: Mapped[datetime | None]


class FaceCheck(WithId, WithCreatedAt, Base):
    """Somebody looked at a release's sample and recognised nobody.

    ``grounds`` says how many images of each ground they looked at, and of how many.
    """

    __tablename__ = "release_face_checks"
    __table_args__ = (
        CheckConstraint("images > 0", name="images_looked_at"),
        Index("ix_release_face_checks_release_id_id", "release_id", "id"),
    )

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    images: Mapped[int]
    grounds: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class FaceMark(WithCreatedAt, Base):
    """An image of a release in which somebody could be recognised; ``ground`` as it was masked."""

    __tablename__ = "release_face_marks"

    release_id: Mapped[int] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    ground: Mapped[str] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(String(400))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
