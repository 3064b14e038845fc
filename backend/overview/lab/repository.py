"""Stages, people and what is stuck, each in few queries over all recordings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, Select, Subquery, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    AuditEntry,
    FrameMark,
    Job,
    Recording,
    RecordingCount,
    RecordingLease,
    User,
)
from backend.core.database.tables.jobs import JobState
from backend.core.jobs.schemas import Named
from backend.domain.handouts import Rules, lease_end
from backend.domain.workflow import Role, Stage
from backend.labelling.handouts import repository as handouts
from backend.overview.lab.schemas import InHandOut, LabPersonOut, StageOut, StuckOut, StuckWhy
from backend.recordings.parts import parts_in_hand

_WITH_ANNOTATOR = (
    Stage.INGESTED, Stage.PRELABELLED, Stage.ANNOTATING, Stage.RETURNED, Stage.BOXES_RETURNED,
)  # fmt: skip
_WITH_INSPECTOR = (Stage.INSPECTING, Stage.BOXED, Stage.INSPECTING_BOXES)
_RETURNED = (Stage.RETURNED, Stage.BOXES_RETURNED)
_FAILED_DAYS = 30
MAX_LISTED = 200
Doing = Literal["annotate", "inspect"]
DOINGS: tuple[Doing, ...] = ("annotate", "inspect")


def _values(stages: Sequence[Stage]) -> list[str]:
    return [stage.value for stage in stages]


def _numbers() -> Subquery:
    """Frames and undecided frames of each recording."""
    what = RecordingCount.what
    return (
        select(
            RecordingCount.recording_id,
            func.sum(RecordingCount.n).filter(what.like("state:%")).label("frames"),
            func.sum(RecordingCount.n).filter(what == "state:undecided").label("undecided"),
            func.sum(RecordingCount.n).filter(what == "box:stale").label("stale"),
        )
        .group_by(RecordingCount.recording_id)
        .subquery("numbers")
    )


def stages(session: Session) -> list[StageOut]:
    """Every stage in the order of work, also those in which nothing stands."""
    numbers = _numbers()
    rows = session.execute(
        select(
            Recording.stage,
            func.count(),
            func.coalesce(func.sum(numbers.c.frames), 0),
            func.coalesce(func.sum(numbers.c.undecided), 0),
            func.min(Recording.stage_since),
        )
        .outerjoin(numbers, numbers.c.recording_id == Recording.id)
        .group_by(Recording.stage)
    )
    found = {row[0]: row for row in rows}
    return [
        StageOut(
            stage=stage,
            recordings=row[1] if (row := found.get(stage.value)) else 0,
            frames=int(row[2]) if row else 0,
            undecided=int(row[3]) if row else 0,
            oldest_since=row[4] if row else None,
        )
        for stage in Stage
    ]


def people(session: Session, rules: Rules) -> list[LabPersonOut]:
    """Everybody who is active, by name, with what they hold."""
    holds: dict[int, list[InHandOut]] = {}
    for user_id, held in _held(session, rules):
        holds.setdefault(user_id, []).append(held)
    acted = (
        select(func.max(AuditEntry.created_at))
        .where(AuditEntry.actor_id == User.id)
        .correlate(User)
        .scalar_subquery()
    )
    # As a range of one, so that it is the index on people and time that is walked: by the index on
    # time alone, somebody who saved nothing for long is looked for through all that others did.
    author = AnnotationRevision.author_id
    saved = (
        select(AnnotationRevision.created_at)
        .where(author >= User.id, author <= User.id)
        .order_by(author.desc(), AnnotationRevision.created_at.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )
    rows = session.execute(
        select(User.id, User.name, User.roles, func.greatest(acted, saved))
        .where(User.is_active)
        .order_by(func.lower(User.name), User.id)
    )
    return [
        LabPersonOut(
            id=key,
            name=name,
            roles=[Role(role) for role in roles],
            last_active_at=at,
            holds=holds.get(key, []),
        )
        for key, name, roles, at in rows
    ]


def _in_hand(doing: Doing, *, nobodys: bool = False) -> Select[*tuple[Any, ...]]:
    """Recordings in one piece that somebody has (or nobody), with when they last saved in it."""
    numbers = _numbers()
    annotating = doing == "annotate"
    holder = Recording.annotator_id if annotating else Recording.inspector_id
    last = (
        select(func.max(Annotation.updated_at)).where(
            Annotation.recording_id == Recording.id, Annotation.updated_by_id == holder
        )
        if annotating
        else select(func.max(FrameMark.created_at)).where(
            FrameMark.recording_id == Recording.id, FrameMark.inspector_id == holder
        )
    )
    query = (
        select(
            holder.label("holder"),
            literal(doing).label("doing"),
            Recording.id,
            Recording.name,
            Recording.stage,
            Recording.stage_since,
            func.coalesce(numbers.c.frames, 0).label("frames"),
            func.coalesce(numbers.c.undecided, 0).label("undecided"),
            last.correlate(Recording).scalar_subquery().label("last"),
            RecordingLease.taken_at,
        )
        .outerjoin(numbers, numbers.c.recording_id == Recording.id)
        .outerjoin(RecordingLease, RecordingLease.recording_id == Recording.id)
        .where(
            holder.is_(None) if nobodys else holder.is_not(None),
            Recording.stage.in_(_values(_WITH_ANNOTATOR if annotating else _WITH_INSPECTOR)),
        )
        .order_by(Recording.stage_since)
    )
    return query.where(Recording.in_parts.is_(False)) if annotating else query


def unassigned(session: Session) -> list[InHandOut]:
    """What waits for somebody to be named, the longest first."""
    rows = [
        _shown(row, doing, None)
        for doing in DOINGS
        for row in session.execute(_in_hand(doing, nobodys=True).limit(MAX_LISTED))
    ]
    return sorted(rows, key=lambda row: row.since)


def _shown(row: Row[Any], doing: Doing, lease_until: datetime | None) -> InHandOut:
    return InHandOut(
        recording=Named(id=row.id, name=row.name),
        stage=row.stage,
        doing=doing,
        part=None,
        since=row.stage_since,
        frames=row.frames,
        undecided=row.undecided if doing == "annotate" else 0,
        last_saved_at=row.last,
        lease_until=lease_until,
    )


def _held(session: Session, rules: Rules) -> list[tuple[int, InHandOut]]:
    found: list[tuple[int, InHandOut]] = []
    for doing in DOINGS:
        for row in session.execute(_in_hand(doing)):
            until = None
            if doing == "annotate" and row.taken_at is not None:
                active = max(row.taken_at, row.last or row.taken_at)
                until = lease_end(active, rules.lease_minutes)
            found.append((row.holder, _shown(row, doing, until)))
    for recording, part in parts_in_hand(session, _values(_WITH_ANNOTATOR)):
        for shown in handouts.parts_with_progress(session, recording.id, part_id=part.id):
            found.append((
                part.user_id,
                InHandOut(
                    recording=Named(id=recording.id, name=recording.name),
                    stage=Stage(recording.stage),
                    doing="annotate",
                    part=part.index + 1,
                    since=max(part.created_at, recording.stage_since),
                    frames=shown.frames,
                    undecided=shown.undecided,
                    last_saved_at=shown.last_saved_at,
                    lease_until=None,
                ),
            ))  # fmt: skip
    return found


def stuck(session: Session, stuck_days: int) -> list[StuckOut]:
    """What does not move by itself: failed jobs first, then what waits longest."""
    found = [*_failed(session), *_waiting(session, stuck_days), *_stale(session)]
    order = list(StuckWhy)
    found.sort(key=lambda one: (order.index(one.why), one.since))
    return found[:MAX_LISTED]


def _failed(session: Session) -> list[StuckOut]:
    """Failed jobs of the last weeks with no later one of their kind for the same recording."""
    later = aliased(Job)
    rows = session.execute(
        select(Job.id, Job.title, Job.error, Job.finished_at, Job.created_at, Recording)
        .outerjoin(Recording, Recording.id == Job.recording_id)
        .where(
            Job.state == JobState.FAILED.value,
            Job.created_at > func.now() - timedelta(days=_FAILED_DAYS),
            ~select(later.id)
            .where(
                later.kind == Job.kind,
                later.id > Job.id,
                later.recording_id.is_not_distinct_from(Job.recording_id),
            )
            .exists(),
        )
        .order_by(Job.id.desc())
        .limit(MAX_LISTED)
    )
    return [
        _stuck(
            StuckWhy.FAILED_JOB,
            recording,
            finished_at or created_at,
            job_id=key,
            words=f"{title}: {error}" if error else title,
        )
        for key, title, error, finished_at, created_at, recording in rows
    ]


def _waiting(session: Session, stuck_days: int) -> list[StuckOut]:
    """Returned, nobody's for long, or somebody's who has done nothing for long."""
    since = func.now() - timedelta(days=stuck_days)
    long_ago = Recording.stage_since < since
    working = Recording.stage.in_(_values((*_WITH_ANNOTATOR, *_WITH_INSPECTOR)))
    saved = (
        select(Annotation.frame_id)
        .where(Annotation.recording_id == Recording.id, Annotation.updated_at >= since)
        .exists()
    )
    marked = (
        select(FrameMark.id)
        .where(FrameMark.recording_id == Recording.id, FrameMark.created_at >= since)
        .exists()
    )
    returned = Recording.stage.in_(_values(_RETURNED))
    annotator, inspector = aliased(User), aliased(User)
    rows = session.execute(
        select(Recording, annotator.id, annotator.name, inspector.id, inspector.name)
        .outerjoin(annotator, annotator.id == Recording.annotator_id)
        .outerjoin(inspector, inspector.id == Recording.inspector_id)
        .where(or_(returned, and_(working, long_ago, ~saved, ~marked)))
        .order_by(Recording.stage_since)
        .limit(MAX_LISTED)
    )
    found = []
    for recording, annotator_id, annotator_name, inspector_id, inspector_name in rows:
        stage = Stage(recording.stage)
        inspected = stage in _WITH_INSPECTOR
        key, name = (inspector_id, inspector_name) if inspected else (annotator_id, annotator_name)
        person = Named(id=key, name=name) if key is not None else None
        if stage in _RETURNED:
            why = StuckWhy.RETURNED
        else:
            why = StuckWhy.NOBODY if person is None else StuckWhy.IDLE
        found.append(_stuck(why, recording, recording.stage_since, person=person))
    return found


def _stale(session: Session) -> list[StuckOut]:
    numbers = _numbers()
    rows = session.execute(
        select(Recording, numbers.c.stale)
        .join(numbers, numbers.c.recording_id == Recording.id)
        .where(
            numbers.c.stale > 0,
            Recording.stage.in_(_values((Stage.BOXED, Stage.INSPECTING_BOXES, Stage.APPROVED))),
        )
        .order_by(Recording.stage_since)
        .limit(MAX_LISTED)
    )
    return [
        _stuck(StuckWhy.STALE_BOXES, recording, recording.stage_since, n=int(stale))
        for recording, stale in rows
    ]


def _stuck(
    why: StuckWhy,
    recording: Recording | None,
    since: datetime,
    *,
    person: Named | None = None,
    n: int | None = None,
    job_id: int | None = None,
    words: str | None = None,
) -> StuckOut:
    return StuckOut(
        recording=Named(id=recording.id, name=recording.name) if recording else None,
        stage=Stage(recording.stage) if recording else None,
        why=why,
        since=since,
        person=person,
        n=n,
        job_id=job_id,
        words=words,
    )
