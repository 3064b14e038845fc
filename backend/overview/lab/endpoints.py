"""HTTP: the overview of the lab."""

from __future__ import annotations

from backend.core.accounts import policies
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.overview.lab import repository
from backend.overview.lab.schemas import LabOut
from backend.recordings import handing_out

router = Router(tags=["team"])


@router.get("/lab")
def show_lab(session: SessionDep, user: CurrentUser) -> LabOut:
    """Stages, people with what they hold, and what is stuck; for maintainers."""
    policies.require(policies.may_see_everybodys_work(user), "see the overview of the lab")
    rules = handing_out.rules(session)
    return LabOut(
        stages=repository.stages(session),
        people=repository.people(session, rules),
        unassigned=repository.unassigned(session),
        stuck=repository.stuck(session, rules.stuck_days),
        stuck_days=rules.stuck_days,
    )
