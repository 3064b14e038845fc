"""Hands queued jobs to Celery after commit, sends again what was lost, clears abandoned uploads.

Run as ``python -m backend.core.jobs.dispatcher``. Any number may run: rows are taken with
``SKIP LOCKED``. A message is marked as dispatched after it was sent, so a crash in between sends it
twice, which claiming makes harmless.
"""

from __future__ import annotations

import signal
import threading
import time
from datetime import UTC, datetime, timedelta

import redis
import structlog
from celery import Celery
from sqlalchemy import Engine, exists, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.core import logging
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.database.tables import Job, OutboxMessage
from backend.core.database.tables.jobs import JobState
from backend.core.jobs import scratch
from backend.core.jobs.broker import TASK_NAME, make_celery
from backend.core.jobs.looks import Looks
from backend.core.jobs.service import LOST_AFTER, tell_of_silence
from backend.core.private import keep_private
from backend.core.settings import Settings, get_settings
from backend.core.uploads import service as uploads

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
RESEND_AFTER = timedelta(seconds=60)
CLEAN_EVERY_S = 3600.0


def dispatch_once(engine: Engine, celery: Celery, limit: int = 100) -> int:
    """Send what waits in the outbox; returns how many messages were sent."""
    with transaction(engine) as session:
        rows = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.dispatched_at.is_(None))
            .order_by(OutboxMessage.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            job = session.get(Job, row.job_id)
            if job is not None and job.state == JobState.QUEUED.value:
                celery.send_task(TASK_NAME, args=[job.id], queue=job.queue)
            row.dispatched_at = datetime.now(UTC)
        return len(rows)


def rescue_once(engine: Engine, celery: Celery, client: redis.Redis) -> int:
    """Send again jobs whose worker died, and queued jobs whose message the broker lost."""
    now = datetime.now(UTC)
    sent = 0
    with transaction(engine) as session:
        for job in session.scalars(
            select(Job).where(
                Job.state == JobState.RUNNING.value, Job.heartbeat_at < now - LOST_AFTER
            )
        ):
            if not _message_waits(client, job):
                log.warning("job_lost_its_worker", job=job.id)
                celery.send_task(TASK_NAME, args=[job.id], queue=job.queue)
                sent += 1
        for job in _forgotten(session, now):
            if not _message_waits(client, job):
                log.warning("job_lost_by_broker", job=job.id)
                celery.send_task(TASK_NAME, args=[job.id], queue=job.queue)
                sent += 1
    return sent


def _forgotten(session: Session, now: datetime) -> list[Job]:
    undispatched = exists().where(
        OutboxMessage.job_id == Job.id,
        (OutboxMessage.dispatched_at.is_(None))
        | (OutboxMessage.dispatched_at > now - RESEND_AFTER),
    )
    return list(
        session.scalars(select(Job).where(Job.state == JobState.QUEUED.value, ~undispatched))
    )


def _message_waits(client: redis.Redis, job: Job) -> bool:
    """Whether the broker's queue is not empty: then the job's turn may simply not have come."""
    return bool(client.llen(job.queue))


def clean_once(engine: Engine, settings: Settings) -> int:
    """Delete uploads that were abandoned, and what dead workers left; returns how many uploads."""
    with transaction(engine) as session:
        removed = uploads.clean_abandoned(session, settings.uploads_dir)
    if removed:
        log.info("abandoned_uploads_removed", count=removed)
    _clean_scratch(engine, settings)
    return removed


def _clean_scratch(engine: Engine, settings: Settings) -> None:
    """Delete a day later what workers left that died, unless their job is running again."""
    with transaction(engine) as session:
        gone = scratch.remove_left(session, settings.scratch_dir, uploads.ABANDONED_AFTER)
    for name in gone:
        log.info("scratch_removed", folder=name)


def run(settings: Settings, stop: threading.Event) -> None:
    """Dispatch until ``stop`` is set; survives restarts of Postgres and Redis."""
    engine = make_engine(settings.required_database_url, pool_size=2)
    celery = make_celery(settings)
    client = redis.Redis.from_url(settings.required_redis_url)
    broker_errors = celery.connection_for_write().connection_errors
    looks = Looks()
    rounds = 0
    cleaned_at = float("-inf")
    while not stop.is_set():
        try:
            sent = dispatch_once(engine, celery)
            looks.send(engine, celery)
            if rounds % 20 == 0:
                with transaction(engine) as session:
                    tell_of_silence(session)
                rescue_once(engine, celery, client)
            if time.monotonic() - cleaned_at > CLEAN_EVERY_S:
                cleaned_at = time.monotonic()
                clean_once(engine, settings)
        except (OperationalError, redis.RedisError, OSError, *broker_errors) as error:
            log.warning("dispatch_postponed", error=str(error))
            stop.wait(2.0)
            continue
        rounds += 1
        if not sent:
            stop.wait(POLL_SECONDS)
    engine.dispose()


def main() -> None:
    """Entry point of the process."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    keep_private()
    settings = get_settings()
    logging.configure(settings, "dispatcher")
    run(settings, stop)


if __name__ == "__main__":
    main()
