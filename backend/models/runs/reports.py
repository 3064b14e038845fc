"""Rows of training runs as the HTTP interface shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import TrainingRun, User
from backend.core.jobs import repository as job_rows
from backend.core.jobs.schemas import Named
from backend.models.runs.recipes import known_recipes
from backend.models.runs.schemas import RunItem, RunOut


def items(session: Session, runs: Sequence[TrainingRun]) -> list[RunItem]:
    """Some runs."""
    return [RunItem.model_validate(told) for told in _told(session, runs)]


def whole(session: Session, run: TrainingRun) -> RunOut:
    """All that is known of a run."""
    [told] = _told(session, [run])
    more = {
        name: getattr(run, name)
        for name in (
            "settings", "start_sha256", "best_sha256", "code", "device", "samples", "pictures",
            "notes",
        )
    }  # fmt: skip
    return RunOut.model_validate(told | more)


def _told(session: Session, runs: Sequence[TrainingRun]) -> list[dict[str, Any]]:
    ids = [run.job_id for run in runs if run.job_id is not None]
    found = job_rows.list_jobs(session, job_ids=ids, limit=len(ids)) if ids else []
    by_id = {job.id: job for job in found}
    wanted = {run.created_by_id for run in runs} | {run.decided_by_id for run in runs}
    people = {
        user.id: Named(id=user.id, name=user.name)
        for user in session.scalars(select(User).where(User.id.in_(wanted - {None})))
    }
    recipes = known_recipes()
    columns = [name for name in RunItem.model_fields if hasattr(TrainingRun, name)]
    return [
        {name: getattr(run, name) for name in columns}
        | {
            "title": recipes[run.recipe]["title"] if run.recipe in recipes else run.recipe,
            "created_by": people.get(run.created_by_id or 0),
            "decided_by": people.get(run.decided_by_id or 0),
            "job": by_id.get(run.job_id or 0),
        }
        for run in runs
    ]
