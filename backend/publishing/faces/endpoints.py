"""HTTP: a published release's sample of masked images, and what people say of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, status

from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.publishing.faces import service
from backend.publishing.faces.schemas import CheckIn, FacesOut, FacesStanding, MarkIn

router = Router(tags=["releases"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/releases/{release_id}/faces")
def list_faces(
    release_id: Id, user: CurrentUser, session: SessionDep, storage: StorageDep
) -> FacesOut:
    """The sample of masked images by ground, and what was said of it."""
    return service.faces_of(session, user, release_id, storage)


@router.get("/releases/{release_id}/faces/standing")
def faces_standing(release_id: Id, user: CurrentUser, session: SessionDep) -> FacesStanding:
    """What people said of a release's faces, also of one whose files are no longer given out."""
    return service.standing(session, user, release_id)


@router.post("/releases/{release_id}/faces/marks", status_code=status.HTTP_201_CREATED)
def mark_face(
    release_id: Id, body: MarkIn, user: CurrentUser, session: SessionDep, storage: StorageDep
) -> FacesStanding:
    """Say that somebody could be recognised in an image of the sample."""
    return service.mark(session, user, release_id, body.path, body.why, storage)


@router.delete("/releases/{release_id}/faces/marks")
def take_face_mark_back(
    release_id: Id,
    user: CurrentUser,
    session: SessionDep,
    path: Annotated[str, Query(max_length=1000)],
) -> FacesStanding:
    """Take a mark back that was a mistake."""
    return service.unmark(session, user, release_id, path)


@router.post("/releases/{release_id}/faces/checks", status_code=status.HTTP_201_CREATED)
def confirm_faces(
    release_id: Id, body: CheckIn, user: CurrentUser, session: SessionDep, storage: StorageDep
) -> FacesStanding:
    """Say that nobody can be recognised in the images that one looked at."""
    return service.confirm(session, user, release_id, body.looked, storage)
