"""Removal of recording sessions."""

from __future__ import annotations

from fastapi import Response

from backend.core.database.session import after_commit
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.labelling.workflow import service
from backend.recordings.access import get_recording

router = Router(tags=["stages"])


@router.delete("/recordings/{recording_id}", status_code=204)
def delete_recording(
    recording_id: int, session: SessionDep, user: CurrentUser, storage: StorageDep
) -> Response:
    """Delete a recording that nobody has worked on."""
    recording = get_recording(session, recording_id, lock="update")
    service.remove(session, recording, user)
    # Only once the rows are gone for good: a rollback must not leave frames without images.
    after_commit(session, lambda: storage.delete_prefix(f"recordings/{recording_id}/"))
    return Response(status_code=204)
