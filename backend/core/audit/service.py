"""Append to and read the record of acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import AuditEntry


def record(
    session: Session,
    actor_id: int | None,
    action: str,
    subject: str,
    subject_id: int,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write down one act in the current transaction.

    Args:
        session: The transaction of the act itself, so that neither exists without the other.
        actor_id: The person, or None for the worker.
        action: What was done, in snake case: ``stage_changed``, ``assigned``.
        subject: Kind of the thing: ``recording``, ``user``.
        subject_id: Its id.
        details: What else is worth knowing.
    """
    entry = AuditEntry(
        actor_id=actor_id,
        action=action,
        subject=subject,
        subject_id=subject_id,
        details=details or {},
    )
    session.add(entry)
    return entry


def history(
    session: Session, subject: str, subject_id: int, *, before: int | None = None, limit: int = 50
) -> Sequence[AuditEntry]:
    """Acts on one thing, newest first; ``before`` is the id of the last one already seen."""
    query = select(AuditEntry).where(
        AuditEntry.subject == subject, AuditEntry.subject_id == subject_id
    )
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)).all()
