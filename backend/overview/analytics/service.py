"""Rows by person, recording or week; each person sees their own work, maintainers all."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.database.tables import User
from backend.domain.effort import Effort, total
from backend.domain.errors import InvalidInput
from backend.overview.analytics import repository
from backend.overview.analytics.repository import Piece
from backend.overview.analytics.schemas import AnalyticsOut, By, shown

MAX_DAYS: Final = 3 * 366


def analytics(
    session: Session, user: User, by: By, since: date, until: date, person_id: int | None
) -> AnalyticsOut:
    """How people worked from one day to another, both included.

    Raises:
        Forbidden: somebody else's work, and the person is no maintainer.
        InvalidInput: the days are the wrong way round, or too far apart.
    """
    everybodys = policies.may_see_everybodys_work(user)
    if person_id is None and not everybodys:
        person_id = user.id
    policies.require(everybodys or person_id == user.id, "see how others work")
    if until < since:
        raise InvalidInput("The last day lies before the first.")
    if (until - since).days > MAX_DAYS:
        raise InvalidInput("Ask for three years at most.")
    begin = datetime.combine(since, time(), UTC)
    end = datetime.combine(until, time(), UTC) + timedelta(days=1)
    sums: dict[str, Effort] = {}
    names: dict[str, str] = {}
    for piece in repository.pieces(session, begin, end, person_id):
        key, name = _key(piece, by)
        sums[key] = sums.get(key, Effort()) + piece.effort
        names[key] = name
    if by is By.WEEK:
        # A week in which nothing happened is a gap in the plot, not a missing one.
        monday = begin.date() - timedelta(days=begin.weekday())
        worked = sorted(sums)
        while worked and monday.isoformat() <= worked[-1]:
            if monday.isoformat() >= worked[0]:
                sums.setdefault(monday.isoformat(), Effort())
                names.setdefault(monday.isoformat(), monday.isoformat())
            monday += timedelta(days=7)
    order = sorted(sums, key=lambda key: key if by is By.WEEK else names[key].casefold())
    return AnalyticsOut(
        since=since,
        until=until,
        by=by,
        everybody=person_id is None,
        rows=[shown(key, names[key], sums[key]) for key in order],
        total=shown("", "All", total(sums.values())),
    )


def _key(piece: Piece, by: By) -> tuple[str, str]:
    if by is By.PERSON:
        return str(piece.person_id), piece.person
    if by is By.RECORDING:
        return str(piece.recording_id), piece.recording
    return piece.week.isoformat(), piece.week.isoformat()
