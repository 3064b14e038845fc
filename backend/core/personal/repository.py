"""Reading and writing what people set for themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.tables import PersonalSetting


def read(session: Session, user_id: int) -> dict[str, Any]:
    """The parts that a person set, by name."""
    stored = session.scalar(select(PersonalSetting.parts).where(PersonalSetting.user_id == user_id))
    return stored or {}


def merge(session: Session, user_id: int, parts: dict[str, Any]) -> dict[str, Any]:
    """Put these parts in the place of what they were; others stay, also under two writers."""
    wanted = insert(PersonalSetting).values(user_id=user_id, parts=parts)
    written = wanted.on_conflict_do_update(
        index_elements=[PersonalSetting.user_id],
        set_={
            "parts": PersonalSetting.parts.concat(wanted.excluded.parts),
            "updated_at": func.now(),
        },
    ).returning(PersonalSetting.parts)
    merged: dict[str, Any] = session.execute(written).scalar_one()
    return merged
