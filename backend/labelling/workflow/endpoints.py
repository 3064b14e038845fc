"""Events, assignment and removal of recording sessions."""

from __future__ import annotations

from fastapi import APIRouter, Response

from backend.core.database.session import after_commit
from backend.core.http.dependencies import CurrentUser, SessionDep, StorageDep
from backend.labelling.workflow import service
from backend.recordings import service as recordings
from backend.recordings.access import get_recording
from backend.recordings.schemas import AssignIn, EventIn, RecordingDetail

router = APIRouter(tags=["stages"])


@router.post("/recordings/{recording_id}/events")
def fire_event(
    recording_id: int, body: EventIn, session: SessionDep, user: CurrentUser
) -> RecordingDetail:
    """Move a recording session on: start, submit, return, approve, run models, reopen."""
    recording = get_recording(session, recording_id, lock="update")
    service.fire(
        session,
        recording,
        body.event,
        user,
        note=body.note or None,
        model=body.model,
        by_hand=body.by_hand,
    )
    return recordings.detail(session, user, recording)


@router.post("/recordings/{recording_id}/assign")
def assign_people(
    recording_id: int, body: AssignIn, session: SessionDep, user: CurrentUser
) -> RecordingDetail:
    """Say who annotates and who inspects."""
    recording = get_recording(session, recording_id, lock="update")
    service.assign(session, recording, user, body.model_dump(exclude_unset=True))
    return recordings.detail(session, user, recording)


@router.delete("/recordings/{recording_id}", status_code=204)
def delete_recording(
    recording_id: int, session: SessionDep, user: CurrentUser, storage: StorageDep
) -> Response:
    """Delete a recording session that nobody has worked on."""
    recording = get_recording(session, recording_id, lock="update")
    service.remove(session, recording, user)
    # Only once the rows are gone for good: a rollback must not leave frames without images.
    after_commit(session, lambda: storage.delete_prefix(f"recordings/{recording_id}/"))
    return Response(status_code=204)
