"""HTTP: what a reader sees of a release."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response, status
from fastapi.responses import StreamingResponse

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.domain.releases.differences import ChangeKind
from backend.publishing.releases import repository, service
from backend.publishing.releases.contents import changes, frames
from backend.publishing.releases.contents.draft_counts import DraftCountsDep
from backend.publishing.releases.contents.held import held_by
from backend.publishing.releases.contents.schemas import (
    ChangePage,
    CountingOut,
    DiffOut,
    FrameFilter,
    FramePage,
    StatisticsOut,
)

router = Router(tags=["releases"])

Id = Annotated[int, Path(ge=1, lt=2**63)]
BaseId = Annotated[int | None, Query(ge=1, lt=2**63)]


@router.get("/releases/{release_id}/statistics", responses={202: {"model": CountingOut}})
def release_statistics(
    release_id: Id,
    user: CurrentUser,
    session: SessionDep,
    counts: DraftCountsDep,
    response: Response,
) -> StatisticsOut | CountingOut:
    """What a release holds, in numbers: as frozen, or what a draft's rule selects now.

    A large draft that changed is counted first; until then the answer is 202.
    """
    service.require_reader(user)
    found = counts.told(session, repository.get(session, release_id))
    if found is None:
        response.status_code = status.HTTP_202_ACCEPTED
        return CountingOut()
    return found


@router.get("/releases/{release_id}/frames")
def list_release_frames(
    release_id: Id,
    user: CurrentUser,
    session: SessionDep,
    wanted: Annotated[FrameFilter, Query()],
) -> FramePage:
    """Frames of a release as it holds them, by id; or discarded ones of its recordings."""
    service.require_reader(user)
    release = repository.get(session, release_id)
    return frames.page(session, held_by(session, release), wanted)


@router.get("/releases/{release_id}/difference")
def release_difference(
    release_id: Id, user: CurrentUser, session: SessionDep, base_id: BaseId = None
) -> DiffOut:
    """What differs from an earlier version; by default from the one before."""
    service.require_reader(user)
    return changes.difference(session, release_id, base_id)


@router.get("/releases/{release_id}/difference/frames")
def list_changed_frames(
    release_id: Id,
    user: CurrentUser,
    session: SessionDep,
    kind: ChangeKind,
    base_id: BaseId = None,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 40,
) -> ChangePage:
    """Frames that differ in one way, those that differ most first."""
    service.require_reader(user)
    return changes.page(session, release_id, base_id, kind, offset=offset, limit=limit)


@router.get(
    "/releases/{release_id}/difference.json",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}, "description": "Everything"}},
)
def download_difference(
    release_id: Id, user: CurrentUser, session: SessionDep, base_id: BaseId = None
) -> Response:
    """Everything that differs from an earlier version, frame by frame, as one JSON file."""
    service.require_reader(user)
    return StreamingResponse(
        changes.document(session, release_id, base_id),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="release-{release_id}-changes.json"'
        },
    )
