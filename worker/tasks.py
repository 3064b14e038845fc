"""The Celery tasks: each is given an id; everything else is read from the database anew."""

from __future__ import annotations

from backend.core.jobs.broker import LOOK_TASK, TASK_NAME
from worker.app import app
from worker.looking import look
from worker.runner import run


@app.task(name=TASK_NAME)  # type: ignore[untyped-decorator]
def run_job(job_id: int) -> None:
    """Run a job unless somebody else does, or it has ended."""
    run(job_id)


@app.task(name=LOOK_TASK)  # type: ignore[untyped-decorator]
def look_at(recording_id: int) -> None:
    """Look at the joints that changed in a recording, unless somebody else does."""
    look(recording_id)
