"""Ranges to leave out, proposed from what was measured in a recording's frames."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.labelling.discards import service as discards
from worker.context import Finish, JobContext


def run(context: JobContext) -> Finish:
    """Everything is read from rows, in the transaction that ends the job."""
    if context.recording_id is None:
        raise RuntimeError("a job for proposals without its recording")
    recording_id = context.recording_id
    context.report(0, None, "Looking for blurred, dark and empty ranges")

    def finish(session: Session) -> dict[str, Any]:
        context.check_cancelled()
        return {"proposals": discards.compute(session, recording_id)}

    return finish
