"""HTTP: the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from backend.core.accounts import policies
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.domain.errors import InvalidInput
from backend.domain.skeleton import N_JOINTS
from backend.overview.changes import repository
from backend.overview.changes.repository import Cursor, Wanted
from backend.overview.changes.schemas import LogEntryOut, LogKind, LogPage

router = Router(tags=["team"])

Id = Annotated[int | None, Query(ge=1, lt=2**63)]


@router.get("/changes")
def list_changes(
    session: SessionDep,
    user: CurrentUser,
    person_id: Id = None,
    recording_id: Id = None,
    frame_id: Id = None,
    joint: Annotated[int | None, Query(ge=0, lt=N_JOINTS)] = None,
    kind: Annotated[list[LogKind] | None, Query()] = None,
    since: datetime | None = None,
    until: datetime | None = None,
    people_only: bool = False,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LogPage:
    """Every change, newest first; one's own, or for maintainers everybody's."""
    everybodys = policies.may_see_everybodys_work(user)
    if person_id is None and not everybodys:
        person_id = user.id
    policies.require(everybodys or person_id == user.id, "see what others changed")
    for name, moment in (("since", since), ("until", until)):
        if moment is not None and moment.tzinfo is None:
            raise InvalidInput(f"{name}: say in which time zone, such as 2026-03-02T00:00:00Z.")
    wanted = Wanted(
        person_id=person_id,
        recording_id=recording_id,
        frame_id=frame_id,
        joint=joint,
        kinds=frozenset(kind) if kind else frozenset(LogKind),
        since=since,
        until=until,
        people_only=people_only,
    )
    items = repository.find(session, wanted, _cursor(cursor), limit + 1)
    more = len(items) > limit
    items = items[:limit]
    return LogPage(items=items, next_cursor=_after(items[-1]) if more else None)


def _after(change: LogEntryOut) -> str:
    return f"{change.at.isoformat()} {change.key}"


def _cursor(said: str | None) -> Cursor | None:
    if said is None:
        return None
    try:
        at, _, key = said.partition(" ")
        kind, _, number = key.rpartition("-")
        cursor = Cursor(datetime.fromisoformat(at), LogKind(kind), int(number))
    except ValueError:
        raise InvalidInput("The cursor is not one that this list gave.") from None
    if cursor.at.tzinfo is None or not 0 < cursor.id < 2**63:
        raise InvalidInput("The cursor is not one that this list gave.")
    return cursor
