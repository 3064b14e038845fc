"""Rows of training runs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import TrainingRun
from backend.domain.errors import NotFound


def get(session: Session, run_id: int, *, lock: bool = False) -> TrainingRun:
    """A run by id; ``lock`` holds it for this transaction.

    Raises:
        NotFound: there is none.
    """
    query = select(TrainingRun).where(TrainingRun.id == run_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"There is no training run {run_id}.")
    return row


def by_name(session: Session, name: str) -> TrainingRun | None:
    """A run by its name."""
    return session.scalar(select(TrainingRun).where(TrainingRun.name == name))


def of_release(session: Session, release_id: int) -> Sequence[TrainingRun]:
    """All runs on a release, held for this transaction."""
    query = select(TrainingRun).where(TrainingRun.release_id == release_id)
    return session.scalars(query.order_by(TrainingRun.id).with_for_update()).all()


def listed(session: Session, release_id: int | None = None) -> Sequence[TrainingRun]:
    """Runs, newest first."""
    query = select(TrainingRun).order_by(TrainingRun.id.desc())
    if release_id is not None:
        query = query.where(TrainingRun.release_id == release_id)
    return session.scalars(query.limit(500)).all()
