"""HTTP: point clouds and depth images of a recording."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, status

from backend.core.accounts import policies
from backend.core.database.session import after_commit
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, SettingsDep, StorageDep
from backend.core.uploads import service as uploads
from backend.multiview.scans import service
from backend.multiview.scans.schemas import RecordingScans, ScansAdded, ScansIn

router = Router(tags=["scans"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recordings/{recording_id}/scans")
def list_scans(recording_id: Id, user: CurrentUser, session: SessionDep) -> RecordingScans:
    """A recording's scans, and the frame numbers that further ones can have."""
    policies.require(policies.may_see_recording(user), "see recordings")
    return service.session_scans(session, recording_id)


@router.post("/recordings/{recording_id}/scans", status_code=status.HTTP_201_CREATED)
def add_scans(
    recording_id: Id,
    body: ScansIn,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    storage: StorageDep,
) -> ScansAdded:
    """Attach uploaded point clouds or depth images, all or none."""
    added = service.add(session, user, settings, storage, recording_id, body)
    after_commit(session, lambda: uploads.remove_files(settings.uploads_dir, body.upload_ids))
    return added


@router.delete("/recordings/{recording_id}/scans", status_code=status.HTTP_204_NO_CONTENT)
def remove_scans(
    recording_id: Id,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
    camera_id: Annotated[int | None, Query(ge=1, lt=2**63, description="Only its scans")] = None,
) -> None:
    """Remove the scans of a recording, or of one of its cameras; fits made with them go stale."""
    keys = service.remove(session, user, recording_id, camera_id)

    def delete_files() -> None:
        for key in keys:
            storage.delete(key)

    after_commit(session, delete_files)
