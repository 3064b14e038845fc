"""Undoing an import: its rows in one transaction, then its files.

Cut off between any two lines, the job is begun again: rows that are gone stay gone, and files are
removed until none is left. Nothing names them by then.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.core.database.tables import Job
from backend.core.jobs.service import held
from backend.core.uploads import service as uploads
from backend.overview.undoing import service
from backend.overview.undoing.payloads import UndoPayload
from backend.recordings import stored
from worker.context import Finish, JobContext


def run(context: JobContext) -> Finish:
    """Remove a recording and its files."""
    payload = context.read(UndoPayload)
    context.report(0, 2, "Removing rows")
    with context.transaction() as session:
        held(session, context.id, context.claim)
        user_id = session.get_one(Job, context.id).created_by_id
        service.take_out(session, payload.recording_id, user_id)
    context.report(1, 2, "Removing files")
    files = stored.remove_files(context.storage, payload.recording_id)
    uploads.remove_files(context.settings.uploads_dir, payload.upload_ids)
    context.report(2, 2)

    def finish(_: Session) -> dict[str, Any]:
        return {"recording_id": payload.recording_id, "files": files}

    return finish
