"""Model checkpoints: what is known of each, and which file of it is on this machine."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check


class CheckpointState(StrEnum):
    """Whether its file is on this machine."""

    PRESENT = "present"
    MISSING = "missing"


class CheckpointOrigin(StrEnum):
    """Where the file that is here came from."""

    SHIPPED = "shipped"
    DOWNLOADED = "downloaded"
    UPLOADED = "uploaded"


class Checkpoint(WithId, WithCreatedAt, Base):
    """One checkpoint. A present one names a file that was whole before the row said so.

    ``chosen`` says that a maintainer made it the one of its kind that jobs take.
    ``url``, ``published_sha256`` (all of it or its first digits) and ``published_bytes`` are what
    its authors publish; ``file``, ``sha256``, ``bytes`` and ``origin`` are of what is here.
    """

    __tablename__ = "checkpoints"
    __table_args__ = (
        CheckConstraint("kind IN ('pose', 'segment')", name="kind_known"),
        enum_column_check("state", CheckpointState),
        enum_column_check("origin", CheckpointOrigin),
        CheckConstraint(
            "(state = 'present') = (file IS NOT NULL AND sha256 IS NOT NULL"
            " AND bytes IS NOT NULL AND origin IS NOT NULL)",
            name="present_with_its_file",
        ),
        Index(
            "uq_checkpoints_one_chosen_per_kind",
            "kind",
            unique=True,
            postgresql_where=text("chosen"),
        ),
    )

    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(ENUM_TEXT)
    architecture: Mapped[str] = mapped_column(String(80))
    config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    licence: Mapped[str] = mapped_column(Text)
    trained_on: Mapped[str] = mapped_column(Text)
    demonstration: Mapped[bool] = mapped_column(server_default=text("false"))
    chosen: Mapped[bool] = mapped_column(server_default=text("false"))
    url: Mapped[str | None] = mapped_column(Text)
    published_sha256: Mapped[str | None] = mapped_column(String(64))
    published_bytes: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'missing'"))
    origin: Mapped[str | None] = mapped_column(ENUM_TEXT)
    file: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(64))
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    untrained: Mapped[bool] = mapped_column(server_default=text("false"))
    added_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
