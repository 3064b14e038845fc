"""A job is queued with the act that asks for it, done once, and never forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import redis
from celery import Celery
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.database.tables import Job, JobLog, OutboxMessage
from backend.core.database.tables.jobs import JobState
from backend.core.jobs import service as jobs
from backend.core.jobs.broker import make_celery
from backend.core.jobs.dispatcher import RESEND_AFTER, dispatch_once, rescue_once
from backend.core.settings import Settings
from backend.domain.errors import Conflict
from backend.domain.workflow import Stage
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.workflow.payloads import PrelabelPayload
from backend.models.checkpoints.payloads import PullPayload
from tests.factories import make_recording


def _pull(session: Session) -> Job:
    return jobs.enqueue(session, PullPayload(name="rtmo-t"), None, None)


@pytest.fixture
def alone(fresh_database_url: str) -> Engine:
    return make_engine(fresh_database_url)


@pytest.fixture
def celery(settings: Settings) -> Celery:
    return make_celery(settings)


@pytest.fixture
def broker(settings: Settings) -> redis.Redis:
    return redis.Redis.from_url(settings.required_redis_url)


def test_a_job_and_its_message_are_written_together(session: Session) -> None:
    job = _pull(session)
    message = session.scalar(select(OutboxMessage).where(OutboxMessage.job_id == job.id))
    assert message is not None
    assert message.dispatched_at is None


def test_the_same_work_is_not_queued_twice_for_a_recording(session: Session) -> None:
    recording = make_recording(session, Stage.PRELABELLING)
    jobs.enqueue(session, PrelabelPayload(), recording.id, None)
    with pytest.raises(Conflict, match="already running"):
        jobs.enqueue(session, PrelabelPayload(), recording.id, None)


def test_single_frames_may_be_boxed_side_by_side(session: Session) -> None:
    recording = make_recording(session, Stage.INSPECTING_BOXES)
    for frame in (1, 2):
        jobs.enqueue(session, BoxesPayload(frame_ids=[frame]), recording.id, None)


def test_a_job_is_claimed_once(session: Session) -> None:
    job = _pull(session)
    assert jobs.claim(session, job.id) is not None
    assert jobs.claim(session, job.id) is None


def test_a_job_whose_worker_fell_silent_is_claimed_again(session: Session) -> None:
    job = _pull(session)
    jobs.claim(session, job.id)
    job.heartbeat_at = datetime.now(UTC) - 2 * jobs.LOST_AFTER
    session.flush()
    again = jobs.claim(session, job.id)
    assert again is not None
    assert again.attempt == 2


def test_a_job_that_kills_its_workers_fails_with_words(session: Session) -> None:
    job = _pull(session)
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(session, job.id) is not None
        job.heartbeat_at = datetime.now(UTC) - 2 * jobs.LOST_AFTER
        session.flush()
    assert jobs.claim(session, job.id) is None
    assert job.state == JobState.FAILED
    assert "stopped 5 times" in str(job.error)


def test_a_waiting_job_is_cancelled_at_once(session: Session) -> None:
    job = _pull(session)
    jobs.request_cancel(session, job.id)
    assert job.state == JobState.CANCELLED
    assert jobs.claim(session, job.id) is None


def test_a_running_job_hears_of_the_wish_to_cancel(session: Session) -> None:
    job = _pull(session)
    jobs.claim(session, job.id)
    session.flush()
    assert jobs.heartbeat(session, job.id, job.claims) is False
    jobs.request_cancel(session, job.id)
    session.flush()
    assert job.state == JobState.RUNNING
    assert jobs.heartbeat(session, job.id, job.claims) is True


def test_a_worker_that_lost_its_job_hears_of_it_and_writes_nothing(session: Session) -> None:
    job = _pull(session)
    jobs.claim(session, job.id)
    mine = job.claims
    job.heartbeat_at = datetime.now(UTC) - 2 * jobs.LOST_AFTER
    session.flush()
    jobs.claim(session, job.id)
    for write in (
        lambda: jobs.heartbeat(session, job.id, mine),
        lambda: jobs.report(session, job.id, mine, 1, 2),
        lambda: jobs.held(session, job.id, mine),
    ):
        with pytest.raises(jobs.LostClaim):
            write()
    assert job.done == 0


def test_an_ended_job_cannot_be_cancelled(session: Session) -> None:
    job = _pull(session)
    jobs.claim(session, job.id)
    jobs.succeed(session, job, {})
    with pytest.raises(Conflict, match="already succeeded"):
        jobs.request_cancel(session, job.id)


def test_a_failed_job_is_retried_from_the_beginning(session: Session) -> None:
    job = _pull(session)
    jobs.claim(session, job.id)
    jobs.fail(session, job, "the cable was cut")
    jobs.retry(session, job.id)
    assert (job.state, job.error, job.attempt) == (JobState.QUEUED, None, 0)
    messages = session.scalars(select(OutboxMessage).where(OutboxMessage.job_id == job.id)).all()
    assert len(messages) == 2
    lines = session.scalars(select(JobLog.message).where(JobLog.job_id == job.id)).all()
    assert "the cable was cut" in lines


def test_a_job_that_ended_well_is_not_retried(session: Session) -> None:
    job = _pull(session)
    jobs.claim(session, job.id)
    jobs.succeed(session, job, {})
    with pytest.raises(Conflict, match="Only a failed or cancelled"):
        jobs.retry(session, job.id)


def test_dispatching_hands_each_message_over_once(
    alone: Engine, celery: Celery, broker: redis.Redis
) -> None:
    with transaction(alone) as session:
        _pull(session)
    assert dispatch_once(alone, celery) == 1
    assert dispatch_once(alone, celery) == 0
    assert broker.llen("cpu") == 1


def test_what_is_rolled_back_is_never_dispatched(alone: Engine, celery: Celery) -> None:
    def act() -> None:
        with transaction(alone) as session:
            _pull(session)
            raise RuntimeError("the act that asked for the work failed")

    with pytest.raises(RuntimeError):
        act()
    assert dispatch_once(alone, celery) == 0


def test_a_message_that_the_broker_lost_is_sent_again(
    alone: Engine, celery: Celery, broker: redis.Redis
) -> None:
    with transaction(alone) as session:
        _pull(session)
    dispatch_once(alone, celery)
    broker.flushdb()
    assert rescue_once(alone, celery, broker) == 0, "its turn may not have come yet"
    with transaction(alone) as session:
        long_ago = datetime.now(UTC) - RESEND_AFTER - timedelta(seconds=1)
        session.execute(update(OutboxMessage).values(dispatched_at=long_ago))
    assert rescue_once(alone, celery, broker) == 1
    assert broker.llen("cpu") == 1


def test_a_job_whose_worker_was_killed_is_sent_again(
    alone: Engine, celery: Celery, broker: redis.Redis
) -> None:
    with transaction(alone) as session:
        job = _pull(session)
        jobs.claim(session, job.id)
        job.heartbeat_at = datetime.now(UTC) - 2 * jobs.LOST_AFTER
    assert rescue_once(alone, celery, broker) == 1


def test_people_are_told_of_a_silent_worker_until_it_is_heard_again(alone: Engine) -> None:
    with transaction(alone) as session:
        quiet, busy = _pull(session), _pull(session)
        for job in (quiet, busy):
            jobs.claim(session, job.id)
            jobs.report(session, job.id, 1, 2, 9, "Writing images")
        quiet.heartbeat_at = datetime.now(UTC) - 2 * jobs.SILENT_AFTER
        asked = quiet.id
    with transaction(alone) as session:
        jobs.tell_of_silence(session)
    with transaction(alone) as session:
        assert session.scalars(select(Job.message).order_by(Job.id)).all() == [
            jobs.SILENT,
            "Writing images",
        ]
        jobs.heartbeat(session, asked, 1)
        assert session.scalar(select(Job.message).where(Job.id == asked)) is None
