"""Reading parts of recordings: whose a frame is, and which parts are still open."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Moment, Recording, RecordingPart, User
from backend.domain.errors import Forbidden


def has_part(session: Session, user_id: int, recording_id: int) -> bool:
    """Whether some part of a recording is this person's."""
    return _some(session, user_id, recording_id)


def has_open_part(session: Session, user_id: int, recording_id: int) -> bool:
    """Whether some part of a recording is this person's, and not submitted."""
    return _some(session, user_id, recording_id, RecordingPart.submitted_at.is_(None))


def _some(
    session: Session, user_id: int, recording_id: int, *conditions: ColumnElement[bool]
) -> bool:
    theirs = exists().where(
        RecordingPart.recording_id == recording_id, RecordingPart.user_id == user_id, *conditions
    )
    return bool(session.scalar(select(theirs)))


def parts_of(session: Session, recording_id: int) -> Sequence[RecordingPart]:
    """A recording's parts in order; none where it is one piece."""
    return session.scalars(
        select(RecordingPart)
        .where(RecordingPart.recording_id == recording_id)
        .order_by(RecordingPart.index)
    ).all()


def parts_in_hand(
    session: Session, stages: Collection[str]
) -> Sequence[tuple[Recording, RecordingPart]]:
    """Open parts of recordings in these stages, with their recordings."""
    return [
        (row[0], row[1])
        for row in session.execute(
            select(Recording, RecordingPart)
            .join(RecordingPart, RecordingPart.recording_id == Recording.id)
            .where(
                Recording.in_parts,
                Recording.stage.in_(stages),
                RecordingPart.submitted_at.is_(None),
            )
            .order_by(Recording.id, RecordingPart.index)
        )
    ]


def open_parts(session: Session, recording_id: int) -> int:
    """How many parts are not submitted yet."""
    return (
        session.scalar(
            select(func.count()).where(
                RecordingPart.recording_id == recording_id, RecordingPart.submitted_at.is_(None)
            )
        )
        or 0
    )


def require_own(
    session: Session, user: User, recording_id: int, frame_ids: Collection[int]
) -> None:
    """Let a person change frames of their own open parts only; without frames, of all parts.

    Raises:
        Forbidden: a frame lies in somebody else's part, or in one that was submitted.
    """
    part = (
        select(RecordingPart.index, RecordingPart.submitted_at, RecordingPart.user_id, User.name)
        .join(User, User.id == RecordingPart.user_id)
        .where(RecordingPart.recording_id == recording_id)
        .order_by(RecordingPart.index)
    )
    if frame_ids:
        inside = exists().where(
            Frame.id.in_(frame_ids),
            Frame.recording_id == recording_id,
            Moment.id == Frame.moment_id,
            Moment.index.between(RecordingPart.first, RecordingPart.last),
        )
        part = part.where(inside)
    for index, submitted_at, owner_id, owner in session.execute(part):
        if owner_id != user.id:
            raise Forbidden(
                f"This is in part {index + 1}, which {owner} corrects; the recording is cut into"
                " parts."
            )
        if submitted_at is not None:
            raise Forbidden(
                f"You submitted part {index + 1}; it comes back if something has to be revised."
            )


def own_among(
    session: Session, user_id: int, recording_id: int, frame_ids: Collection[int]
) -> list[int]:
    """Which of these frames lie in a person's own parts that are not submitted."""
    return list(
        session.scalars(
            select(Frame.id)
            .join(Moment, Moment.id == Frame.moment_id)
            .join(
                RecordingPart,
                (RecordingPart.recording_id == Frame.recording_id)
                & Moment.index.between(RecordingPart.first, RecordingPart.last),
            )
            .where(
                Frame.id.in_(frame_ids),
                Frame.recording_id == recording_id,
                RecordingPart.user_id == user_id,
                RecordingPart.submitted_at.is_(None),
            )
        )
    )


def own_frames(session: Session, user_id: int, recording_id: int) -> list[int]:
    """The frames of a person's own parts that are not submitted."""
    return list(
        session.scalars(
            select(Frame.id)
            .join(Moment, Moment.id == Frame.moment_id)
            .join(
                RecordingPart,
                (RecordingPart.recording_id == Frame.recording_id)
                & Moment.index.between(RecordingPart.first, RecordingPart.last),
            )
            .where(
                Frame.recording_id == recording_id,
                RecordingPart.user_id == user_id,
                RecordingPart.submitted_at.is_(None),
            )
        )
    )


def moments_of_frames(session: Session, frame_ids: Collection[int]) -> dict[int, int]:
    """The index of each frame's moment."""
    rows = session.execute(
        select(Frame.id, Moment.index.label("moment"))
        .join(Moment, Moment.id == Frame.moment_id)
        .where(Frame.id.in_(frame_ids))
    )
    return {row.id: row.moment for row in rows}
