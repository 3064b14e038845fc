"""Reading jobs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Job, JobLog, Recording, User
from backend.core.database.tables.jobs import ACTIVE
from backend.core.jobs.schemas import JobOut, Named


def to_out(job: Job, recording: Recording | None, user: User | None) -> JobOut:
    """A job with the names of its recording and of who asked for it."""
    return JobOut(
        **{name: getattr(job, name) for name in JobOut.model_fields if hasattr(job, name)},
        recording=Named.model_validate(recording) if recording else None,
        created_by=Named.model_validate(user) if user else None,
    )


def list_jobs(
    session: Session,
    *,
    state: str | None = None,
    kind: str | None = None,
    recording_id: int | None = None,
    job_ids: Sequence[int] | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[JobOut]:
    """Jobs, newest first, in one query.

    Args:
        session: A session.
        state: A state, or ``active`` for queued and running ones.
        kind: Only of this kind.
        recording_id: Only of this recording.
        job_ids: Only these.
        before: Only with a lower id.
        limit: At most this many.
    """
    query = (
        select(Job, Recording, User)
        .outerjoin(Recording, Job.recording_id == Recording.id)
        .outerjoin(User, Job.created_by_id == User.id)
        .order_by(Job.id.desc())
        .limit(limit)
    )
    if state == "active":
        query = query.where(Job.state.in_(ACTIVE))
    elif state:
        query = query.where(Job.state == state)
    if kind:
        query = query.where(Job.kind == kind)
    if recording_id is not None:
        query = query.where(Job.recording_id == recording_id)
    if job_ids is not None:
        query = query.where(Job.id.in_(job_ids))
    if before is not None:
        query = query.where(Job.id < before)
    return [to_out(job, recording, user) for job, recording, user in session.execute(query)]


def log_of(session: Session, job_id: int) -> Sequence[JobLog]:
    """A job's log, oldest first."""
    return session.scalars(select(JobLog).where(JobLog.job_id == job_id).order_by(JobLog.id)).all()
