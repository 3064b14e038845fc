"""Seven histories read as one, newest first, each by its own index and no further than a page.

A page is bounded by the last change of the page before: ``(time, kind, id)``, which no two share.
So every branch reads at most a page of rows backwards along its index on time, whatever the length
of the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Text,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, aggregate_order_by
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    AnnotationRevision,
    AuditEntry,
    BoxRevision,
    Comment,
    Frame,
    FrameMark,
    JointMark,
    PostureRevision,
    Recording,
    User,
    Waiver,
)
from backend.core.jobs.schemas import Named
from backend.domain.reviews import JointMark as JointWord
from backend.domain.reviews import ReviewKind
from backend.labelling.annotations.repository import came_back_to
from backend.overview.changes.schemas import FrameRef, LogEntryOut, LogKind

_SWAPS_ALL = '$[*] ? (@.type == "swapSides" && !exists(@.joints[*]))'
_WHOLE_SKELETON = ("setSkeleton", "chooseCandidate", "takeEstimate")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last change that was seen."""

    at: datetime
    kind: LogKind
    id: int

    @property
    def place(self) -> int:
        """Of changes at one instant, the order of kinds."""
        return list(LogKind).index(self.kind)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are asked for; what is None is not asked.

    Attributes:
        joint: Changes that name this joint, exchange sides with it, or replace all joints; marks,
            comments and waivers on it.
        people_only: Nothing that the worker and its models did.
    """

    person_id: int | None = None
    recording_id: int | None = None
    frame_id: int | None = None
    joint: int | None = None
    kinds: frozenset[LogKind] = frozenset(LogKind)
    since: datetime | None = None
    until: datetime | None = None
    people_only: bool = False


def find(session: Session, wanted: Wanted, before: Cursor | None, limit: int) -> list[LogEntryOut]:
    """Changes, newest first, older than the cursor."""
    builders = {
        LogKind.ACT: _acts,
        LogKind.JOINTS: _joints,
        LogKind.BOX: _boxes,
        LogKind.MARK: _marks,
        LogKind.COMMENT: _comments,
        LogKind.POSTURE: _postures,
        LogKind.WAIVER: _waivers,
    }
    parts = []
    for kind, build in builders.items():
        if kind not in wanted.kinds or (wanted.joint is not None and kind not in _ON_JOINTS):
            continue
        query = build(wanted)
        if query is not None:
            parts.append(query(before).limit(limit).subquery().select())
    if not parts:
        return []
    every = union_all(*parts).subquery("every")
    rows = session.execute(
        select(every, User.name.label("person"), Frame.position, Recording.name.label("recording"))
        .select_from(every)
        .outerjoin(User, User.id == every.c.person_id)
        .outerjoin(Frame, Frame.id == every.c.frame_id)
        .outerjoin(
            Recording,
            Recording.id == func.coalesce(every.c.recording_id, Frame.recording_id),
        )
        .add_columns(Recording.id.label("of_recording"))
        .order_by(every.c.at.desc(), every.c.place.desc(), every.c.id.desc())
        .limit(limit)
    ).all()
    return [_shown(row) for row in rows]


_ON_JOINTS = frozenset({LogKind.JOINTS, LogKind.MARK, LogKind.COMMENT, LogKind.WAIVER})


def _shown(row: Any) -> LogEntryOut:
    kind = list(LogKind)[row.place]
    return LogEntryOut(
        key=f"{kind.value}-{row.id}",
        kind=kind,
        at=row.at,
        person=Named(id=row.person_id, name=row.person) if row.person_id is not None else None,
        model=row.model,
        recording=(
            Named(id=row.of_recording, name=row.recording) if row.of_recording is not None else None
        ),
        frame=(
            FrameRef(id=row.frame_id, position=row.position)
            if row.frame_id is not None and row.position is not None
            else None
        ),
        version=row.version,
        round=row.round,
        what=row.what,
        subject=row.subject,
        subject_id=row.subject_id,
        operations=row.operations or [],
        back_to=row.back_to,
        details=row.details or {},
    )


def _branch(
    table: Any,
    kind: LogKind,
    person: Any,
    conditions: list[ColumnElement[bool]],
    wanted: Wanted,
    **columns: Any,
) -> Any:
    """One history in the columns that all have, bounded in time and by the cursor."""
    at: Any = table.created_at
    place = list(LogKind).index(kind)
    empty: dict[str, Any] = {
        "frame_id": cast(null(), table.id.type),
        "recording_id": cast(null(), table.id.type),
        "model": cast(null(), String),
        "version": cast(null(), table.id.type),
        "round": cast(null(), table.id.type),
        "what": literal(kind.value, Text),
        "subject": cast(null(), String),
        "subject_id": cast(null(), table.id.type),
        "operations": cast(null(), JSONB),
        "back_to": cast(null(), table.id.type),
        "details": cast(null(), JSONB),
    }
    given = {**empty, **columns}
    query: Select[Any] = select(
        table.id.label("id"),
        literal(place).label("place"),
        at.label("at"),
        person.label("person_id"),
        *(value.label(name) for name, value in given.items()),
    ).where(*conditions)
    if wanted.person_id is not None:
        query = query.where(person == wanted.person_id)
    elif wanted.people_only:
        query = query.where(person.is_not(None))
    if wanted.since is not None:
        query = query.where(at >= wanted.since)
    if wanted.until is not None:
        query = query.where(at < wanted.until)

    def bounded(before: Cursor | None) -> Select[Any]:
        found = query
        if before is not None:
            # Of one instant, kinds come in their order, and within a kind the ids.
            if place < before.place:
                found = found.where(at <= before.at)
            elif place > before.place:
                found = found.where(at < before.at)
            else:
                found = found.where(tuple_(at, table.id) < tuple_(before.at, before.id))
        return found.order_by(at.desc(), table.id.desc())

    return bounded


def _of_recording(frame_id: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    """A history that knows frames only: those of the wanted frame or recording."""
    if wanted.frame_id is not None:
        return [frame_id == wanted.frame_id]
    if wanted.recording_id is not None:
        inside = select(Frame.id).where(Frame.recording_id == wanted.recording_id)
        return [frame_id.in_(inside)]
    return []


def _acts(wanted: Wanted) -> Any:
    if wanted.frame_id is not None:
        return None
    conditions: list[ColumnElement[bool]] = []
    if wanted.recording_id is not None:
        conditions = [
            AuditEntry.subject == "recording",
            AuditEntry.subject_id == wanted.recording_id,
        ]
    return _branch(
        AuditEntry,
        LogKind.ACT,
        AuditEntry.actor_id,
        conditions,
        wanted,
        recording_id=case((AuditEntry.subject == "recording", AuditEntry.subject_id)),
        what=AuditEntry.action,
        subject=AuditEntry.subject,
        subject_id=AuditEntry.subject_id,
        details=AuditEntry.details,
    )


def _joints(wanted: Wanted) -> Any:
    revision = AnnotationRevision
    conditions = _of_recording(revision.frame_id, wanted)
    if wanted.joint is not None:
        named = [
            revision.operations.contains([{"joint": wanted.joint}]),
            *(revision.operations.contains([{"type": kind}]) for kind in _WHOLE_SKELETON),
            revision.operations.contains([{"type": "swapSides", "joints": [wanted.joint]}]),
            revision.operations.path_exists(literal(_SWAPS_ALL, JSONPATH)),
        ]
        conditions.append(or_(*named))
    return _branch(
        revision,
        LogKind.JOINTS,
        revision.author_id,
        conditions,
        wanted,
        frame_id=revision.frame_id,
        model=revision.model,
        version=revision.version,
        round=revision.round,
        what=revision.state,
        operations=revision.operations,
        back_to=came_back_to(revision),
    )


def _boxes(wanted: Wanted) -> Any:
    revision = BoxRevision
    return _branch(
        revision,
        LogKind.BOX,
        revision.author_id,
        _of_recording(revision.frame_id, wanted),
        wanted,
        frame_id=revision.frame_id,
        model=revision.model,
        version=revision.version,
        round=revision.round,
        what=func.coalesce(revision.state["status"].astext, "removed"),
        operations=revision.operations,
    )


def _about(
    words: type[FrameMark] | type[Comment] | type[Waiver], wanted: Wanted
) -> list[ColumnElement[bool]]:
    """Those of the frame and the recording that are asked for."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.frame_id is not None:
        conditions.append(words.frame_id == wanted.frame_id)
    if wanted.recording_id is not None:
        conditions.append(words.recording_id == wanted.recording_id)
    return conditions


def _marks(wanted: Wanted) -> Any:
    conditions = _about(FrameMark, wanted)
    on_joints = (
        FrameMark.kind == ReviewKind.KEYPOINTS.value,
        JointMark.frame_id == FrameMark.frame_id,
        JointMark.round == FrameMark.round,
    )
    if wanted.joint is not None:
        conditions.append(exists().where(*on_joints, JointMark.joint == wanted.joint))

    def joints(word: JointWord) -> Any:
        named = func.jsonb_agg(aggregate_order_by(JointMark.joint, JointMark.joint))
        return select(named).where(*on_joints, JointMark.mark == word.value).scalar_subquery()

    return _branch(
        FrameMark,
        LogKind.MARK,
        FrameMark.inspector_id,
        conditions,
        wanted,
        frame_id=FrameMark.frame_id,
        recording_id=FrameMark.recording_id,
        round=FrameMark.round,
        what=FrameMark.mark,
        subject=FrameMark.kind,
        details=func.jsonb_build_object(
            "wrong", joints(JointWord.WRONG), "right", joints(JointWord.RIGHT)
        ),
    )


def _postures(wanted: Wanted) -> Any:
    if wanted.frame_id is not None:
        return None
    conditions: list[ColumnElement[bool]] = []
    if wanted.recording_id is not None:
        conditions.append(PostureRevision.recording_id == wanted.recording_id)
    return _branch(
        PostureRevision,
        LogKind.POSTURE,
        PostureRevision.author_id,
        conditions,
        wanted,
        recording_id=PostureRevision.recording_id,
        version=PostureRevision.version,
        round=PostureRevision.round,
        details=func.jsonb_build_object("strokes", PostureRevision.strokes),
    )


def _on_joint(words: type[Comment] | type[Waiver], wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = _about(words, wanted)
    if wanted.joint is not None:
        conditions.append(words.joint == wanted.joint)
    return conditions


def _waivers(wanted: Wanted) -> Any:
    conditions = _on_joint(Waiver, wanted)
    return _branch(
        Waiver,
        LogKind.WAIVER,
        Waiver.author_id,
        conditions,
        wanted,
        frame_id=Waiver.frame_id,
        recording_id=Waiver.recording_id,
        round=Waiver.round,
        what=Waiver.doubt,
        details=func.jsonb_build_object(
            "joint", Waiver.joint, "holds", Waiver.holds, "note", Waiver.note
        ),
    )


def _comments(wanted: Wanted) -> Any:
    conditions = _on_joint(Comment, wanted)
    return _branch(
        Comment,
        LogKind.COMMENT,
        Comment.author_id,
        conditions,
        wanted,
        frame_id=Comment.frame_id,
        recording_id=Comment.recording_id,
        round=Comment.round,
        what=Comment.body,
        details=func.jsonb_build_object("joint", Comment.joint),
    )
