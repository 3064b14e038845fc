"""Which recordings wait in the queue, and how far parts are."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Frame,
    Moment,
    Recording,
    RecordingLease,
    RecordingPart,
    User,
)
from backend.core.jobs.schemas import Named
from backend.domain.verdicts import FrameState
from backend.domain.workflow import Stage
from backend.labelling.handouts.schemas import RecordingPartOut
from backend.recordings.handing_out import last_saved

READY = (Stage.INGESTED.value, Stage.PRELABELLED.value)
HELD = (*READY, Stage.ANNOTATING.value)


def _not_inspected_by(user_id: int) -> ColumnElement[bool]:
    return or_(Recording.inspector_id.is_(None), Recording.inspector_id != user_id)


def _free(user_id: int) -> ColumnElement[bool]:
    return and_(
        Recording.annotator_id.is_(None),
        Recording.stage.in_(READY),
        _not_inspected_by(user_id),
    )


def _run_out(user_id: int, lease_minutes: int) -> ColumnElement[bool]:
    """Taken by somebody else who did nothing for too long; begun work comes before new work."""
    since = func.clock_timestamp() - timedelta(minutes=lease_minutes)
    active = last_saved()
    return and_(
        RecordingLease.user_id == Recording.annotator_id,
        RecordingLease.user_id != user_id,
        RecordingLease.taken_at < since,
        or_(active.is_(None), active < since),
        Recording.stage.in_(HELD),
        Recording.in_parts.is_(False),
        _not_inspected_by(user_id),
    )


def held_by(session: Session, user_id: int) -> tuple[Recording, datetime] | None:
    """The recording that a person took from the queue, and when they were last active in it."""
    found = session.execute(
        select(Recording, RecordingLease.taken_at, last_saved())
        .join(RecordingLease, RecordingLease.recording_id == Recording.id)
        .where(
            RecordingLease.user_id == user_id,
            Recording.annotator_id == user_id,
            Recording.stage.in_(HELD),
        )
        .order_by(Recording.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    recording, taken_at, saved_at = found
    return recording, max(taken_at, saved_at) if saved_at else taken_at


def waiting(session: Session, user_id: int, lease_minutes: int) -> int:
    """How many recordings a person could take."""
    count = (
        select(func.count())
        .select_from(Recording)
        .outerjoin(RecordingLease, RecordingLease.recording_id == Recording.id)
        .where(or_(_free(user_id), _run_out(user_id, lease_minutes)))
    )
    return session.scalar(count) or 0


def lock_next(session: Session, user_id: int, lease_minutes: int) -> Recording | None:
    """The next recording for a person, locked; what others take just now is passed over.

    A lease that ran out is looked at once more under the lock: its holder may just have saved.
    """
    run_out = (
        select(Recording)
        .join(RecordingLease, RecordingLease.recording_id == Recording.id)
        .where(_run_out(user_id, lease_minutes))
        .order_by(Recording.id)
    )
    for recording_id in session.scalars(run_out.with_only_columns(Recording.id)).all():
        again = run_out.where(Recording.id == recording_id)
        locked = session.scalar(
            select(Recording)
            .where(Recording.id == recording_id)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        if locked is not None and session.scalar(again) is not None:
            return locked
    return session.scalar(
        select(Recording)
        .where(_free(user_id))
        .order_by(Recording.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def moments_count(session: Session, recording_id: int) -> int:
    """How many moments a recording has."""
    return session.scalar(select(func.count()).where(Moment.recording_id == recording_id)) or 0


def parts_with_progress(
    session: Session, recording_id: int, *, part_id: int | None = None
) -> list[RecordingPartOut]:
    """A recording's parts in order, or one of them, with what is left of each."""
    inside = and_(
        Moment.recording_id == RecordingPart.recording_id,
        Moment.index.between(RecordingPart.first, RecordingPart.last),
    )
    undecided = Annotation.state == FrameState.UNDECIDED.value
    rows = session.execute(
        select(
            RecordingPart,
            User.name,
            func.count(Frame.id),
            func.count(Frame.id).filter(undecided),
            func.coalesce(func.min(Frame.position).filter(undecided), func.min(Frame.position), 0),
            func.max(Annotation.updated_at).filter(
                Annotation.updated_by_id == RecordingPart.user_id
            ),
        )
        .join(User, User.id == RecordingPart.user_id)
        .outerjoin(Moment, inside)
        .outerjoin(Frame, Frame.moment_id == Moment.id)
        .outerjoin(Annotation, Annotation.frame_id == Frame.id)
        .where(
            RecordingPart.recording_id == recording_id,
            RecordingPart.id == part_id if part_id is not None else true(),
        )
        .group_by(RecordingPart.id, User.name)
        .order_by(RecordingPart.index)
    ).all()
    return [
        RecordingPartOut(
            id=part.id,
            index=part.index,
            first=part.first,
            last=part.last,
            person=Named(id=part.user_id, name=name),
            submitted_at=part.submitted_at,
            frames=frames,
            undecided=open_frames,
            start_position=position,
            last_saved_at=saved_at,
        )
        for part, name, frames, open_frames, position, saved_at in rows
    ]
