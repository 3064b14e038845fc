"""Ranges, versions and acts, as they are stored."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Camera,
    Frame,
    Moment,
    PostureRange,
    PostureRevision,
    PostureState,
    Recording,
)
from backend.domain.posture_ranges import PostureOrigin, Stroke
from backend.domain.posture_ranges import PostureRange as Range
from backend.domain.posture_tables import Timeline
from backend.domain.postures import PostureLabel, label_of_code


def moments_count(session: Session, recording_id: int) -> int:
    """How many moments a recording has."""
    return session.execute(
        select(func.count()).where(Moment.recording_id == recording_id)
    ).scalar_one()


def frames_painted(
    session: Session, recording: Recording, strokes: Iterable[Stroke]
) -> Sequence[int]:
    """Ids of the frames of the moments that are painted, where parts have people of their own."""
    if not recording.in_parts:
        return ()
    inside = or_(*(Moment.index.between(stroke.first, stroke.last) for stroke in strokes))
    of_moments = select(Frame.id).join(Moment, Moment.id == Frame.moment_id)
    return session.scalars(of_moments.where(Frame.recording_id == recording.id, inside)).all()


def ranges_of(session: Session, recording_id: int) -> tuple[Range, ...]:
    """A recording's ranges in order of time."""
    of = PostureRange
    rows = session.execute(
        select(
            of.first_moment, of.last_moment, of.posture_group, of.posture, of.origin,
            of.author_id, of.round,
        )
        .where(of.recording_id == recording_id)
        .order_by(of.first_moment)
    )  # fmt: skip
    return tuple(
        Range(
            row.first_moment,
            row.last_moment,
            PostureLabel(row.posture_group, row.posture),
            PostureOrigin(row.origin),
            row.author_id,
            row.round,
        )
        for row in rows
    )


def version_of(session: Session, recording_id: int) -> int:
    """Which version they have; 0 where nobody ever said anything."""
    found = session.scalar(
        select(PostureState.version).where(PostureState.recording_id == recording_id)
    )
    return found or 0


def hold_version(session: Session, recording_id: int) -> int:
    """The same, held until the transaction ends: writers come one after the other."""
    session.execute(
        insert(PostureState)
        .values(recording_id=recording_id, version=0)
        .on_conflict_do_nothing(index_elements=["recording_id"])
    )
    return session.execute(
        select(PostureState.version)
        .where(PostureState.recording_id == recording_id)
        .with_for_update()
    ).scalar_one()


def acts_since(session: Session, recording_id: int, version: int) -> Sequence[PostureRevision]:
    """What was done after a version."""
    return session.scalars(
        select(PostureRevision)
        .where(PostureRevision.recording_id == recording_id, PostureRevision.version > version)
        .order_by(PostureRevision.version)
    ).all()


def act_of_operation(session: Session, operation_id: uuid.UUID) -> PostureRevision | None:
    """The act that a write with this id made, if it was made."""
    return session.scalar(
        select(PostureRevision).where(PostureRevision.operation_id == operation_id)
    )


def put(
    session: Session,
    recording_id: int,
    version: int,
    ranges: Sequence[Range],
    strokes: Iterable[Stroke],
    *,
    author_id: int | None,
    round_number: int,
    operation_id: uuid.UUID | None,
    import_id: int | None = None,
) -> None:
    """Store all ranges of a recording in place of those before, and the act that led to them."""
    session.execute(delete(PostureRange).where(PostureRange.recording_id == recording_id))
    if ranges:
        session.execute(
            insert(PostureRange),
            [
                {
                    "recording_id": recording_id,
                    "first_moment": part.first,
                    "last_moment": part.last,
                    "posture_group": part.label.group,
                    "posture": part.label.posture,
                    "origin": part.origin.value,
                    "author_id": part.author,
                    "round": part.round,
                }
                for part in ranges
            ],
        )
    state = session.get_one(PostureState, recording_id, populate_existing=True)
    state.version = version
    session.add(
        PostureRevision(
            recording_id=recording_id,
            version=version,
            round=round_number,
            author_id=author_id,
            operation_id=operation_id,
            import_id=import_id,
            strokes=[_stroke_to_json(stroke) for stroke in strokes],
            ranges=[_range_to_json(part) for part in ranges],
        )
    )
    session.flush()


def _stroke_to_json(stroke: Stroke) -> dict[str, Any]:
    return {
        "first": stroke.first,
        "last": stroke.last,
        "code": stroke.label.code if stroke.label else None,
        "origin": stroke.origin.value,
    }


def _range_to_json(part: Range) -> dict[str, Any]:
    return {
        "first": part.first,
        "last": part.last,
        "code": part.label.code,
        "origin": part.origin.value,
        "author": part.author,
        "round": part.round,
    }


def strokes_of(act: PostureRevision) -> list[Stroke]:
    """What an act painted."""
    return [
        Stroke(
            stroke["first"],
            stroke["last"],
            None if stroke["code"] is None else label_of_code(stroke["code"]),
            PostureOrigin(stroke["origin"]),
        )
        for stroke in act.strokes
    ]


def places_of_frames(session: Session, recording_id: int) -> list[tuple[int, int]]:
    """Frames and indices of their moments: those of the first camera that has any."""
    first = (
        select(Camera.id)
        .where(
            Camera.recording_id == recording_id,
            select(Frame.id).where(Frame.camera_id == Camera.id).exists(),
        )
        .order_by(Camera.index)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Frame.id, Moment.index)
        .join(Moment, Moment.id == Frame.moment_id)
        .where(Frame.camera_id == first)
        .order_by(Moment.index)
    )
    return [(row[0], row[1]) for row in rows]


def ranges_after(act: PostureRevision) -> tuple[Range, ...]:
    """What held after an act."""
    return tuple(
        Range(
            part["first"], part["last"], label_of_code(part["code"]),
            PostureOrigin(part["origin"]), part["author"], part["round"],
        )
        for part in act.ranges
    )  # fmt: skip


def ranges_before(session: Session, act: PostureRevision) -> tuple[Range, ...]:
    """What held before an act."""
    before = session.scalar(
        select(PostureRevision).where(
            PostureRevision.recording_id == act.recording_id,
            PostureRevision.version == act.version - 1,
        )
    )
    return () if before is None else ranges_after(before)


def timeline_of(session: Session, recording_id: int) -> Timeline:
    """A recording's moments, as tables may name them."""
    times = session.scalars(
        select(Moment.time_s).where(Moment.recording_id == recording_id).order_by(Moment.index)
    ).all()
    rows = session.execute(
        select(
            Camera.index.label("camera"),
            Frame.source_frame,
            Frame.source_name,
            Moment.index.label("moment"),
        )
        .join(Moment, Moment.id == Frame.moment_id)
        .join(Camera, Camera.id == Frame.camera_id)
        .where(Frame.recording_id == recording_id)
    ).all()
    numbered = [row for row in rows if row.source_frame is not None]
    first = min((row.camera for row in numbered), default=None)
    return Timeline(
        times,
        {row.source_frame: row.moment for row in numbered if row.camera == first},
        {row.source_name: row.moment for row in rows if row.source_name},
    )


def recordings_named(session: Session, names: Iterable[str]) -> Mapping[str, Sequence[int]]:
    """Recordings by what a table calls them: a name, else an id."""
    wanted = set(names)
    found: dict[str, list[int]] = {}
    rows = session.execute(
        select(Recording.id, Recording.name)
        .where(Recording.name.in_(wanted))
        .order_by(Recording.id)
    )
    for row in rows:
        found.setdefault(row.name, []).append(row.id)
    numbers = [int(n) for n in wanted - found.keys() if n.isascii() and n.isdigit() and len(n) < 19]
    for key in session.scalars(select(Recording.id).where(Recording.id.in_(numbers))):
        found[str(key)] = [key]
    return found
