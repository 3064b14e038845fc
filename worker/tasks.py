"""The one Celery task: it is given a job's id; everything else is read from the database anew."""

from __future__ import annotations

from backend.core.jobs.broker import TASK_NAME
from worker.app import app
from worker.runner import run


@app.task(name=TASK_NAME)  # type: ignore[untyped-decorator]
def run_job(job_id: int) -> None:
    """Run a job unless somebody else does, or it has ended."""
    run(job_id)
