"""People's names, where only their ids are at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import User
from backend.core.jobs.schemas import Named


def names_of(session: Session, ids: Iterable[int | None]) -> Mapping[int | None, Named]:
    """People by id; None, which stands for nobody, is left out."""
    wanted = {key for key in ids if key is not None}
    if not wanted:
        return {}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: Named(id=row.id, name=row.name) for row in rows}
