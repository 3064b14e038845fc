"""Runs one job: claim, sign of life, pipeline, end. Whatever happens, the job row tells it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import backend.demo.known  # noqa: F401  registers the truth of the rendered demo
from backend.core.database.engine import shared_engine
from backend.core.database.session import transaction
from backend.core.database.tables.jobs import JobKind
from backend.core.jobs import service as jobs
from backend.core.settings import Settings, get_settings
from backend.core.storage import store_failure
from backend.core.storage.disk import full_disk
from backend.domain.errors import Cancelled, DomainError, InvalidInput, TooLarge
from worker.context import Finish, JobContext

log = structlog.get_logger(__name__)

BEAT_SECONDS = 1.0
Pipeline = Callable[[JobContext], Finish]


def pipeline_of(kind: JobKind) -> Pipeline:
    """The pipeline of a kind of job. Models are imported only by the jobs that use them."""
    if kind is JobKind.INGEST:
        from worker.pipelines.extract_frames import run as pipeline
    elif kind is JobKind.INSPECT:
        from worker.pipelines.inspect_videos import run as pipeline
    elif kind is JobKind.CHECK_IMPORT:
        from worker.pipelines.check_import import run as pipeline
    elif kind is JobKind.PRELABEL:
        from worker.pipelines.estimate_pose import run as pipeline
    elif kind is JobKind.BOXES:
        from worker.pipelines.propose_boxes import run as pipeline
    elif kind is JobKind.EXPORT:
        from worker.pipelines.write_export import run as pipeline
    elif kind is JobKind.SYNCHRONISE:
        from worker.pipelines.synchronise import run as pipeline
    elif kind is JobKind.RESAMPLE:
        from worker.pipelines.resample import run as pipeline
    elif kind is JobKind.CALIBRATE:
        from worker.pipelines.calibrate import run as pipeline
    elif kind is JobKind.CHECK_RELEASE:
        from worker.pipelines.check_release import run as pipeline
    elif kind is JobKind.WRITE_RELEASE:
        from worker.pipelines.write_release import run as pipeline
    elif kind is JobKind.UNDO_IMPORT:
        from worker.pipelines.undo_import import run as pipeline
    elif kind is JobKind.REMOVE_RELEASE:
        from worker.pipelines.remove_release import run as pipeline
    elif kind is JobKind.ERASE_INFANT:
        from worker.pipelines.erase_infant import run as pipeline
    elif kind is JobKind.EVALUATE:
        from worker.pipelines.evaluate_predictions import run as pipeline
    elif kind is JobKind.MEASURE_MOTION:
        from worker.pipelines.measure_motion import run as pipeline
    elif kind is JobKind.PROPOSE_DISCARDS:
        from worker.pipelines.propose_discards import run as pipeline
    elif kind is JobKind.TRAIN_MODEL:
        from worker.pipelines.train_model import run as pipeline
    elif kind is JobKind.FIT:
        from worker.pipelines.fit_bodies import run as pipeline
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
                    if jobs.heartbeat(session, context.id, context.claim):
                        context.stop_asked.set()
            except jobs.LostClaim:
                context.lost.set()
                context.stop_asked.set()
                return
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
        context = JobContext(
            job.id, job.recording_id, dict(job.payload), resume_at, job.claims, settings
        )
    structlog.contextvars.bind_contextvars(job_id=job_id)
    log.info("job_started", kind=kind.value)
    try:
        with _alive(context):
            finish = pipeline_of(kind)(context)
        with context.transaction() as session:
            job = jobs.held(session, job_id, context.claim)
            jobs.succeed(session, job, finish(session))
        log.info("job_succeeded", kind=kind.value)
    except jobs.LostClaim:
        log.warning("job_taken_over", kind=kind.value)
    except Cancelled:
        _end(context, jobs.mark_cancelled)
        log.info("job_cancelled", kind=kind.value)
    except DomainError as error:
        message, bad = error.message, isinstance(error, InvalidInput | TooLarge)
        _end(context, lambda session, job: jobs.fail(session, job, message, bad_input=bad))
        log.warning("job_failed", kind=kind.value, error=error.message)
    except MemoryError:
        _end(
            context,
            lambda session, job: jobs.fail(
                session, job, "The machine did not have enough memory for this job."
            ),
        )
        log.exception("job_failed", kind=kind.value)
    except Exception as error:
        # The edge of the process: the job must end with words, and the log gets the whole story.
        words = _unexpected(error, context.settings)
        _end(context, lambda session, job: jobs.fail(session, job, words))
        log.exception("job_failed", kind=kind.value)
    finally:
        structlog.contextvars.unbind_contextvars("job_id")


def _unexpected(error: Exception, settings: Settings) -> str:
    if full := full_disk(error, settings.data_dir):
        return f"{full} Free some space, then retry."
    if failed := store_failure(error):
        return f"{failed} Retry when the store is well."
    first = (str(error).splitlines() or [""])[0][:300]
    return (
        f"Something unexpected went wrong ({type(error).__name__}: {first})."
        " The worker's log has the details; retrying may help."
    )


def _end(context: JobContext, end: Callable[[Session, Any], None]) -> None:
    """Write down how the job ended, unless it is another worker's by now.

    Where that itself cannot be written down, plainer words are tried, so that a job never stays
    "running" over an explanation that could not be stored. What stops those too, such as a database
    that is away, leaves the job to the dispatcher.
    """
    try:
        with context.transaction() as session:
            end(session, jobs.held(session, context.id, context.claim))
    except jobs.LostClaim:
        log.warning("job_taken_over")
    except (DomainError, SQLAlchemyError, ValueError, TypeError) as error:
        log.exception("job_end_not_written")
        words = (
            f"The job failed, and so did the clean-up after it ({type(error).__name__})."
            " The worker's log has the details."
        )
        with context.transaction() as session:
            jobs.fail_plainly(session, jobs.held(session, context.id, context.claim), words)
