"""HTTP: how people work, as JSON and as a table for a spreadsheet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Query, Response

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.http.tables import csv_answer
from backend.overview.analytics import service
from backend.overview.analytics.schemas import AnalyticsOut, By, EffortOut

router = Router(tags=["team"])

Day = Annotated[date | None, Query()]
Person = Annotated[int | None, Query(ge=1, lt=2**63)]
_DAYS = 12 * 7


@router.get("/analytics")
def show_analytics(
    session: SessionDep,
    user: CurrentUser,
    by: By = By.PERSON,
    since: Day = None,
    until: Day = None,
    person_id: Person = None,
) -> AnalyticsOut:
    """Time, actions, what was accepted and what came back; one's own, or for maintainers all."""
    last = until or datetime.now(UTC).date()
    first = since or last - timedelta(days=_DAYS - 1)
    return service.analytics(session, user, by, first, last, person_id)


@router.get("/analytics.csv", response_class=Response)
def download_analytics(
    session: SessionDep,
    user: CurrentUser,
    by: By = By.PERSON,
    since: Day = None,
    until: Day = None,
    person_id: Person = None,
) -> Response:
    """The same as a table: one row a person, recording or week."""
    found = show_analytics(session, user, by, since, until, person_id)
    name = f"infantnet-work-by-{by.value}-{found.since}-{found.until}.csv"
    return csv_answer(name, list(EffortOut.model_fields), (row.model_dump() for row in found.rows))
