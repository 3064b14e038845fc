"""Who did what to which thing, append-only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import Base, WithCreatedAt, WithId


class AuditEntry(WithId, WithCreatedAt, Base):
    """One act: a stage change, an assignment, a reopening, a change of roles."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject_subject_id_id", "subject", "subject_id", "id"),
        Index("ix_audit_entries_created_at_id", "created_at", "id"),
        Index("ix_audit_entries_actor_id_created_at", "actor_id", "created_at"),
    )

    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
