"""Runs one job: claim, sign of life, pipeline, end. Whatever happens, the job row tells it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import backend.stages.service  # noqa: F401  (registers what follows when a job fails)
from backend.database.engine import shared_engine
from backend.database.models.jobs import JobKind
from backend.database.session import transaction
from backend.domain.errors import Cancelled, DomainError
from backend.jobs import service as jobs
from backend.settings import Settings, get_settings
from backend.storage import BlobStore, open_store

log = structlog.get_logger(__name__)

BEAT_SECONDS = 1.0
_REPORT_SECONDS = 0.25

Finish = Callable[[Session], dict[str, Any]]
"""The last step of a pipeline, done in the transaction that ends the job; returns the result."""


@dataclass
class JobContext:
    """What a pipeline knows of its job.

    Attributes:
        id: The job.
        recording_id: The recording session, if the job is about one.
        payload: What the asker wrote.
        resume_at: Units that an earlier attempt of this job has saved.
    """

    id: int
    recording_id: int | None
    payload: dict[str, Any]
    resume_at: int
    settings: Settings
    _stop_asked: threading.Event = field(default_factory=threading.Event)
    _reported: float = 0.0

    @property
    def engine(self) -> Engine:
        """The process's engine."""
        return shared_engine(self.settings.required_database_url)

    @cached_property
    def storage(self) -> BlobStore:
        """The blob store."""
        return open_store(self.settings)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction of its own, committed at the end of the block."""
        with transaction(self.engine) as session:
            yield session

    def cancelled(self) -> bool:
        """Whether somebody asked the job to stop."""
        return self._stop_asked.is_set()

    def check_cancelled(self) -> None:
        """Stop here if somebody asked for it.

        Raises:
            Cancelled: somebody did.
        """
        if self.cancelled():
            raise Cancelled("Cancelled.")

    def log(self, message: str, level: str = "info") -> None:
        """Write a line that maintainers read on the page of jobs."""
        with self.transaction() as session:
            jobs.add_log(session, self.id, message, level)

    def report(self, done: int, total: int | None, message: str | None = None) -> None:
        """Tell how far the job is, at most a few times a second."""
        now = time.monotonic()
        if now - self._reported < _REPORT_SECONDS and done != total:
            return
        self._reported = now
        with self.transaction() as session:
            jobs.report(session, self.id, done, total, message)


Pipeline = Callable[[JobContext], Finish]


def pipeline_of(kind: JobKind) -> Pipeline:
    """The pipeline of a kind of job. Models are imported only by the jobs that use them."""
    if kind is JobKind.INGEST:
        from worker.pipelines.extract_frames import run as pipeline
    elif kind is JobKind.PRELABEL:
        from worker.pipelines.estimate_pose import run as pipeline
    elif kind is JobKind.BOXES:
        from worker.pipelines.propose_boxes import run as pipeline
    elif kind is JobKind.EXPORT_COCO:
        from worker.pipelines.write_release import run as pipeline
    else:
        from worker.pipelines.pull_weights import run as pipeline
    return pipeline


@contextmanager
def _alive(context: JobContext) -> Iterator[None]:
    """Keep the job's sign of life fresh, and hear of a wish to cancel."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            try:
                with context.transaction() as session:
                    if jobs.heartbeat(session, context.id):
                        context._stop_asked.set()
            except SQLAlchemyError as error:
                log.warning("heartbeat_failed", error=str(error).splitlines()[0])

    thread = threading.Thread(target=beat, name=f"job-{context.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def run(job_id: int, settings: Settings | None = None) -> None:
    """Run a job to its end.

    A failure of the pipeline ends the job as failed; a failure to write that down leaves the job
    running without a sign of life, and the dispatcher hands it out again.
    """
    settings = settings or get_settings()
    with transaction(shared_engine(settings.required_database_url)) as session:
        job = jobs.claim(session, job_id)
        if job is None:
            return
        kind = JobKind(job.kind)
        resume_at = job.done if job.attempt > 1 else 0
        context = JobContext(job.id, job.recording_id, dict(job.payload), resume_at, settings)
    structlog.contextvars.bind_contextvars(job_id=job_id)
    log.info("job_started", kind=kind.value)
    try:
        with _alive(context):
            finish = pipeline_of(kind)(context)
        with context.transaction() as session:
            job = jobs.get_job(session, job_id, lock=True)
            jobs.succeed(session, job, finish(session))
        log.info("job_succeeded", kind=kind.value)
    except Cancelled:
        _end(context, jobs.mark_cancelled)
        log.info("job_cancelled", kind=kind.value)
    except DomainError as error:
        message = error.message
        _end(context, lambda session, job: jobs.fail(session, job, message))
        log.warning("job_failed", kind=kind.value, error=error.message)
    except MemoryError:
        _end(
            context,
            lambda session, job: jobs.fail(
                session, job, "The machine's memory was not enough for this job."
            ),
        )
        log.exception("job_failed", kind=kind.value)
    except Exception as error:
        # The edge of the process: the job must end with words, and the log gets the whole story.
        words = _unexpected(error)
        _end(context, lambda session, job: jobs.fail(session, job, words))
        log.exception("job_failed", kind=kind.value)
    finally:
        structlog.contextvars.unbind_contextvars("job_id")


def _unexpected(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == 28:
        return "The disk is full. Free some space, then retry."
    first = (str(error).splitlines() or [""])[0][:300]
    return (
        f"Something unexpected went wrong ({type(error).__name__}: {first})."
        " The worker's log has the details; retrying may help."
    )


def _end(context: JobContext, end: Callable[[Session, Any], None]) -> None:
    with context.transaction() as session:
        end(session, jobs.get_job(session, context.id, lock=True))
