"""The life of a job: queued, claimed, reported on, ended, cancelled, retried.

A job row and its outbox row are written in the transaction of the act that asks for the work, so
either both exist or neither. Handing over to Celery may happen twice; claiming happens once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.database.tables import Job, JobLog, OutboxMessage
from backend.core.database.tables.jobs import ACTIVE, JobKind, JobState
from backend.core.database.text import storable
from backend.core.events import announce
from backend.core.jobs.payloads import Payload
from backend.domain.errors import Conflict, NotFound

LOST_AFTER: Final = timedelta(seconds=30)
"""A running job without a sign of life for so long has lost its worker."""
SILENT_AFTER: Final = timedelta(seconds=8)
"""A worker gives a sign of life each second; of one that missed several, people are told."""
SILENT: Final = (
    "No sign of life from the worker; after"
    f" {LOST_AFTER.total_seconds():.0f} seconds another takes over"
)
MAX_ATTEMPTS: Final = 5
"""After so many workers died in a job, it is the job that kills them."""

Hook = Callable[[Session, Job], None]
_unsuccessful: dict[JobKind, Hook] = {}
_retrying: dict[JobKind, Hook] = {}


def on_unsuccessful_end(kind: JobKind) -> Callable[[Hook], Hook]:
    """Register what must be put right when a job of a kind fails or is cancelled."""

    def register(hook: Hook) -> Hook:
        _unsuccessful[kind] = hook
        return hook

    return register


def on_retry(kind: JobKind) -> Callable[[Hook], Hook]:
    """Register what must happen before a job of a kind is queued again."""

    def register(hook: Hook) -> Hook:
        _retrying[kind] = hook
        return hook

    return register


def _now() -> datetime:
    return datetime.now(UTC)


def get_job(session: Session, job_id: int, *, lock: bool = False) -> Job:
    """A job by id.

    Raises:
        NotFound: there is none.
    """
    query = select(Job).where(Job.id == job_id).execution_options(populate_existing=True)
    job = session.scalar(query.with_for_update() if lock else query)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return job


def announce_job(session: Session, job: Job) -> None:
    """Tell browsers how a job stands."""
    announce(
        session,
        "job",
        {
            "id": job.id,
            "kind": job.kind,
            "state": job.state,
            "done": job.done,
            "total": job.total,
            "message": job.message,
            "error": (job.error or "")[:1000] or None,
            "recording_id": job.recording_id,
        },
    )


def enqueue(
    session: Session,
    payload: Payload,
    recording_id: int | None,
    user_id: int | None,
    *,
    title: str = "",
) -> Job:
    """Ask for work in the current transaction.

    Args:
        session: The transaction of the act that asks.
        payload: What to do; its model names the kind and the queue.
        recording_id: The recording session that it concerns, if one.
        user_id: Who asked, or None.
        title: What people read in the list of jobs.

    Raises:
        Conflict: the same work is already queued or running for this recording.
    """
    kind = payload.kind
    job = Job(
        kind=kind.value,
        queue=payload.queue(),
        recording_id=recording_id,
        payload=payload.stored(),
        created_by_id=user_id,
        title=title or kind.value.replace("_", " "),
        state=JobState.QUEUED.value,
        done=0,
        attempt=0,
        cancel_requested=False,
    )
    try:
        with session.begin_nested():
            session.add(job)
            session.flush()
    except IntegrityError as error:
        if "one_active_per_recording_and_kind" not in str(error.orig):
            raise
        raise Conflict(
            f"A {kind.value.replace('_', ' ')} job is already running for this recording."
        ) from error
    session.add(OutboxMessage(job_id=job.id))
    session.flush()
    announce_job(session, job)
    return job


def add_log(session: Session, job_id: int, message: str, level: str = "info") -> None:
    """Append a line to a job's log, in words for maintainers."""
    session.add(JobLog(job_id=job_id, level=level, message=storable(message[:8000])))


def claim(session: Session, job_id: int) -> Job | None:
    """Take a job for this worker.

    Returns:
        The job, now running; None when it is not to be done (again): somebody works on it, or it
        has ended.
    """
    job = session.scalar(select(Job).where(Job.id == job_id).with_for_update(skip_locked=True))
    if job is None:
        return None
    now = _now()
    lost = _lost(job)
    if job.state != JobState.QUEUED.value and not lost:
        return None
    if lost:
        add_log(session, job.id, "The worker stopped without a message; starting again.", "warning")
    if job.attempt >= MAX_ATTEMPTS:
        _end(session, job, JobState.FAILED, error=(
            f"The worker stopped {job.attempt} times in this job without saying why. It may have"
            " been short of memory, or been stopped from outside. Its log may say why; then retry."
        ))  # fmt: skip
        return None
    job.state = JobState.RUNNING.value
    job.attempt += 1
    job.claims += 1
    job.started_at = job.started_at or now
    job.heartbeat_at = now
    job.error = None
    announce_job(session, job)
    return job


def _lost(job: Job) -> bool:
    """Whether a job's worker has been silent so long that another may take it over."""
    return (
        job.state == JobState.RUNNING.value
        and job.heartbeat_at is not None
        and _now() - job.heartbeat_at > LOST_AFTER
    )


class LostClaim(Exception):
    """Another worker has taken the job over, for this one was silent too long."""


def heartbeat(session: Session, job_id: int, claim: int) -> bool:
    """Give a sign of life; returns whether somebody asked the job to stop.

    Args:
        session: A transaction of its own.
        job_id: The job.
        claim: The job's ``claims`` when this worker took it.

    Raises:
        LostClaim: the job is no longer this worker's.
    """
    row = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.claims == claim, Job.state == JobState.RUNNING.value)
        .values(heartbeat_at=_now())
        .returning(Job.cancel_requested, Job.message)
    ).one_or_none()
    if row is None:
        raise LostClaim(f"job {job_id}, claim {claim}")
    if row.message == SILENT:
        job = held(session, job_id, claim)
        job.message = None
        announce_job(session, job)
    return bool(row.cancel_requested)


def tell_of_silence(session: Session) -> None:
    """Say of jobs whose workers are silent that they are; their progress stands still meanwhile."""
    silent = select(Job).where(
        Job.state == JobState.RUNNING.value,
        Job.heartbeat_at < _now() - SILENT_AFTER,
        Job.message.is_distinct_from(SILENT),
    )
    for job in session.scalars(silent.with_for_update(skip_locked=True)):
        job.message = SILENT
        announce_job(session, job)


def held(session: Session, job_id: int, claim: int) -> Job:
    """This worker's job, locked until the end of the transaction.

    Raises:
        LostClaim: the job is no longer this worker's.
    """
    job = get_job(session, job_id, lock=True)
    if job.claims != claim or job.state != JobState.RUNNING.value:
        raise LostClaim(f"job {job_id}, claim {claim}")
    return job


def report(
    session: Session,
    job_id: int,
    claim: int,
    done: int,
    total: int | None,
    message: str | None = None,
) -> None:
    """Write down and announce how far a job is, in the transaction of what was done.

    Raises:
        LostClaim: the job is no longer this worker's; what was done must be rolled back.
    """
    job = held(session, job_id, claim)
    job.done, job.total, job.heartbeat_at = done, total, _now()
    job.message = None if message is None else storable(message)
    session.flush()
    announce_job(session, job)


def succeed(session: Session, job: Job, result: dict[str, Any], message: str | None = None) -> None:
    """End a job well, in the transaction of its last result."""
    if job.total is not None:
        job.done = job.total
    job.result = result
    job.message = None if message is None else storable(message)
    _end(session, job, JobState.SUCCEEDED)


def fail(session: Session, job: Job, error: str, *, bad_input: bool = False) -> None:
    """End a job with a reason that a maintainer understands.

    Args:
        session: A transaction.
        job: The job.
        error: The reason.
        bad_input: Whether what it was given is at fault, so that the same again fails again.
    """
    job.result = {"bad_input": True} if bad_input else None
    _end(session, job, JobState.FAILED, error=error)


def fail_plainly(session: Session, job: Job, error: str) -> None:
    """End a job as failed without what follows a failure, because that failed as well."""
    job.state = JobState.FAILED.value
    job.error = storable(error)
    job.finished_at = _now()
    add_log(session, job.id, error, "error")
    session.flush()
    announce_job(session, job)


def mark_cancelled(session: Session, job: Job) -> None:
    """End a job that was asked to stop."""
    _end(session, job, JobState.CANCELLED)


def _end(session: Session, job: Job, state: JobState, error: str | None = None) -> None:
    job.state = state.value
    job.error = None if error is None else storable(error)
    job.finished_at = _now()
    if error:
        add_log(session, job.id, error, "error")
    elif state is JobState.CANCELLED:
        add_log(session, job.id, "Cancelled.", "warning")
    session.flush()
    if state is not JobState.SUCCEEDED and (hook := _unsuccessful.get(JobKind(job.kind))):
        hook(session, job)
    announce_job(session, job)


def request_cancel(session: Session, job_id: int) -> Job:
    """Ask a job to stop: at once while it waits or its worker is lost, else at its next step.

    Raises:
        NotFound: there is no such job.
        Conflict: it has already ended.
    """
    job = get_job(session, job_id, lock=True)
    if job.state not in ACTIVE:
        raise Conflict(f"This job has already {job.state}.")
    job.cancel_requested = True
    if job.state == JobState.QUEUED.value or _lost(job):
        mark_cancelled(session, job)
    else:
        announce_job(session, job)
    return job


def retry(session: Session, job_id: int) -> Job:
    """Queue a failed or cancelled job again; it goes on from what it had saved.

    Raises:
        NotFound: there is no such job.
        Conflict: it neither failed nor was cancelled, or the same work is already under way.
    """
    job = get_job(session, job_id, lock=True)
    if job.state not in (JobState.FAILED.value, JobState.CANCELLED.value):
        raise Conflict(f"Only a failed or cancelled job can be retried; this one is {job.state}.")
    if hook := _retrying.get(JobKind(job.kind)):
        hook(session, job)
    job.state = JobState.QUEUED.value
    job.error = None
    job.result = None
    job.message = None
    job.done = 0
    job.attempt = 0
    job.cancel_requested = False
    job.started_at = None
    job.finished_at = None
    job.heartbeat_at = None
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise Conflict("The same work is already queued or running.") from error
    session.add(OutboxMessage(job_id=job.id))
    add_log(session, job.id, "Queued again.")
    announce_job(session, job)
    return job
