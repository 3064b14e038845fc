"""HTTP: what pre-labels are worth."""

from __future__ import annotations

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.overview.prelabels import service
from backend.overview.prelabels.schemas import PrelabelReport

router = Router(tags=["quality"])


@router.get("/quality/prelabels")
def show_prelabels(session: SessionDep, user: CurrentUser) -> PrelabelReport:
    """What pre-labels of waiting recordings are expected to be worth; for maintainers."""
    return service.report(session, user)
