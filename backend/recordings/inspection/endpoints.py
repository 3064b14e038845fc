"""What an import would make of its files, before it begins."""

from __future__ import annotations

from backend.core.accounts import policies
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.recordings.inspection import service
from backend.recordings.inspection.schemas import InspectIn, InspectOut

router = Router(tags=["recordings"])


@router.post("/recordings/import/inspect")
def inspect_import(request: InspectIn, session: SessionDep, user: CurrentUser) -> InspectOut:
    """Say which files are one camera, and which moments an import would have.

    Files that nobody has looked at yet are looked at by a job, which is answered; ask again when
    it has ended.
    """
    policies.require(policies.may_import(user), "import recordings")
    return service.inspect(session, request, user)
