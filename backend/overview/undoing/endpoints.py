"""Undoing an import, and deleting a recording, which is the same."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from backend.core.database.session import after_commit
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.core.jobs import repository as jobs
from backend.core.jobs.schemas import JobOut
from backend.overview.undoing import service
from backend.overview.undoing.schemas import UndoOut
from backend.recordings import stored

router = Router(tags=["recordings"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recordings/{recording_id}/undo")
def show_undo(recording_id: Id, session: SessionDep, user: CurrentUser) -> UndoOut:
    """What undoing an import would remove, and what prevents it."""
    return service.what_undoing_does(session, user, recording_id)


@router.post("/recordings/{recording_id}/undo", status_code=202)
def undo_import(recording_id: Id, session: SessionDep, user: CurrentUser) -> JobOut:
    """Undo an import as a whole, as long as nobody worked on it; the work runs as a job."""
    job = service.begin(session, user, recording_id)
    return jobs.list_jobs(session, job_ids=[job.id])[0]


@router.delete("/recordings/{recording_id}", status_code=204)
def delete_recording(
    recording_id: Id, session: SessionDep, user: CurrentUser, storage: StorageDep
) -> Response:
    """Delete a recording that nobody has worked on."""
    service.delete_now(session, user, recording_id)
    # The job that was asked for as well removes what is left if this is cut off.
    after_commit(session, lambda: stored.remove_files(storage, recording_id))
    return Response(status_code=204)
