"""Postures of a recording: which moments they hold for, and everything that was ever said."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, UUID, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.posture_ranges import PostureOrigin
from backend.domain.postures import POSTURES

_OF_GROUPS: Final = " OR ".join(
    f"(posture_group = '{group}' AND (posture IS NULL OR posture IN ("
    + ", ".join(f"'{posture}'" for posture in postures)
    + ")))"
    for group, postures in POSTURES.items()
)
_MOMENTS: Final = (
    "int8range(recording_id * 2147483648 + first_moment,"
    " recording_id * 2147483648 + last_moment, '[]')"
)
"""A recording's moments as numbers that no other recording has."""


class PostureRange(WithId, Base):
    """Moments of a recording in one posture; two ranges never share one.

    ``first_moment`` and ``last_moment`` are indices of moments, both included. ``posture`` is null
    where only the group is told.
    """

    __tablename__ = "posture_ranges"
    __table_args__ = (
        UniqueConstraint("recording_id", "first_moment"),
        enum_column_check("origin", PostureOrigin),
        CheckConstraint("first_moment >= 0 AND last_moment >= first_moment", name="in_order"),
        CheckConstraint(_OF_GROUPS, name="posture_of_its_group"),
        ExcludeConstraint((text(_MOMENTS), "&&"), using="gist", name="ex_posture_ranges_apart"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    first_moment: Mapped[int]
    last_moment: Mapped[int]
    posture_group: Mapped[str] = mapped_column(ENUM_TEXT)
    posture: Mapped[str | None] = mapped_column(ENUM_TEXT)
    origin: Mapped[str] = mapped_column(ENUM_TEXT)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    round: Mapped[int]


class PostureState(Base):
    """Which version a recording's postures have; a recording without a row has version 0."""

    __tablename__ = "posture_states"

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(server_default=text("0"))


class PostureImport(WithId, WithCreatedAt, Base):
    """A table of postures that was read in, as a whole, and may have been undone."""

    __tablename__ = "posture_imports"
    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    operation_id: Mapped[uuid.UUID] = mapped_column(UUID, unique=True)
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    choices: Mapped[dict[str, Any]] = mapped_column(JSONB)
    left_out: Mapped[int]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class PostureRevision(WithId, WithCreatedAt, Base):
    """One act on a recording's postures; only ever added to.

    ``strokes`` is what was painted, ``ranges`` all ranges afterwards. ``author_id`` is null where
    the cameras' moments were paired anew and the ranges went with their frames. ``import_id`` names
    the import that it is a part of.
    """

    __tablename__ = "posture_revisions"
    __table_args__ = (UniqueConstraint("recording_id", "version"),)

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    version: Mapped[int]
    round: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    operation_id: Mapped[uuid.UUID | None] = mapped_column(UUID, unique=True)
    strokes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    ranges: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("posture_imports.id"), index=True)
