"""Recordings: the table, one recording, activity, and my work."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from sqlalchemy import ColumnElement, and_, exists, or_, select

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Recording, RecordingAnnotator, RecordingPart, User
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.jobs.schemas import Named
from backend.domain.workflow import Stage
from backend.overview.recordings import own_parts, repository, service
from backend.overview.recordings.schemas import (
    ActivityOut,
    ActivityPage,
    RecordingDetail,
    RecordingPage,
    WorkOut,
)
from backend.recordings import handing_out
from backend.recordings.access import get_recording

router = Router(tags=["recordings"])


@router.get("/recordings")
def list_recordings(
    session: SessionDep,
    user: CurrentUser,
    stage: Annotated[list[Stage] | None, Query()] = None,
    mine: Literal["annotate", "inspect", "any"] | None = None,
    q: str | None = None,
    cursor: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RecordingPage:
    """Recordings, newest first."""
    conditions: list[ColumnElement[bool]] = []
    if stage:
        conditions.append(Recording.stage.in_([s.value for s in stage]))
    if mine == "annotate":
        conditions.append(Recording.annotator_id == user.id)
    elif mine == "inspect":
        conditions.append(Recording.inspector_id == user.id)
    elif mine == "any":
        conditions.append(or_(Recording.annotator_id == user.id, Recording.inspector_id == user.id))
    items = repository.find(session, *conditions, text=q, before=cursor, limit=limit + 1)
    more = len(items) > limit
    items = items[:limit]
    return RecordingPage(items=items, next_cursor=items[-1].id if more else None)


@router.get("/recordings/{recording_id}")
def show_recording(recording_id: int, session: SessionDep, user: CurrentUser) -> RecordingDetail:
    """One recording session."""
    return service.detail(session, user, get_recording(session, recording_id))


@router.get("/recordings/{recording_id}/activity")
def show_activity(
    recording_id: int,
    session: SessionDep,
    user: CurrentUser,
    cursor: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ActivityPage:
    """What was done to a recording, newest first."""
    get_recording(session, recording_id)
    entries = audit.history(session, "recording", recording_id, before=cursor, limit=limit + 1)
    more = len(entries) > limit
    entries = entries[:limit]
    people = {
        person.id: Named.model_validate(person)
        for person in session.scalars(
            select(User).where(User.id.in_({e.actor_id for e in entries if e.actor_id}))
        )
    }
    items = [
        ActivityOut(
            id=entry.id,
            at=entry.created_at,
            actor=people.get(entry.actor_id or 0),
            action=entry.action,
            details=entry.details,
        )
        for entry in entries
    ]
    return ActivityPage(items=items, next_cursor=items[-1].id if more else None)


@router.get("/work")
def my_work(session: SessionDep, user: CurrentUser) -> WorkOut:
    """What waits for the asking person."""
    mine = or_(
        and_(Recording.annotator_id == user.id, Recording.in_parts.is_(False)),
        exists().where(
            RecordingPart.recording_id == Recording.id,
            RecordingPart.user_id == user.id,
            RecordingPart.submitted_at.is_(None),
        ),
    )
    worked_on = select(RecordingAnnotator.recording_id).where(RecordingAnnotator.user_id == user.id)
    open_to_inspect = and_(
        or_(Recording.inspector_id == user.id, Recording.inspector_id.is_(None)),
        or_(Recording.annotator_id.is_(None), Recording.annotator_id != user.id),
        Recording.id.not_in(worked_on),
        ~exists().where(
            RecordingPart.recording_id == Recording.id, RecordingPart.user_id == user.id
        ),
    )

    def in_stages(*stages: Stage) -> ColumnElement[bool]:
        return Recording.stage.in_([s.value for s in stages])

    ready = (Stage.INGESTED, Stage.PRELABELLED)
    groups: dict[str, list[ColumnElement[bool]]] = {}
    if policies.is_annotator(user):
        not_theirs_to_inspect = or_(
            Recording.inspector_id.is_(None), Recording.inspector_id != user.id
        )
        nobodys = Recording.annotator_id.is_(None)
        groups["annotate"] = [mine, in_stages(Stage.ANNOTATING, *ready)]
        groups["returned"] = [mine, in_stages(Stage.RETURNED, Stage.BOXES_RETURNED)]
        if handing_out.rules(session).may_choose:
            groups["claimable"] = [nobodys, not_theirs_to_inspect, in_stages(*ready)]
    if policies.is_inspector(user):
        groups["inspect"] = [open_to_inspect, in_stages(Stage.INSPECTING)]
        groups["boxes"] = [open_to_inspect, in_stages(Stage.BOXED, Stage.INSPECTING_BOXES)]
    found = repository.find_each(session, groups)
    return WorkOut(
        annotate=own_parts.of_person(session, user.id, found.get("annotate", [])),
        returned=own_parts.of_person(session, user.id, found.get("returned", [])),
        inspect=found.get("inspect", []),
        boxes=found.get("boxes", []),
        claimable=found.get("claimable", []),
    )
