"""Which frames an inspector vouches for, and what of them is locked when the rest goes back."""

from __future__ import annotations

from sqlalchemy import Select, and_, exists, func, lateral, or_, select, true, update
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Frame,
    FrameMark,
    JointMark,
    Recording,
)
from backend.domain.reviews import JointMark as Word
from backend.domain.reviews import Mark, ReviewKind
from backend.labelling.annotations.repository import forget_read


def unvouched(recording_id: int) -> Select[int]:
    """Frames that nobody vouches for, in working order.

    A frame is vouched for when the last mark on its joints is good, and no person wrote to it in a
    later round: what was approved stays approved until somebody changes it.
    """
    last = lateral(
        select(FrameMark.mark, FrameMark.round)
        .where(
            FrameMark.frame_id == Frame.id,
            FrameMark.kind == ReviewKind.KEYPOINTS.value,
        )
        .order_by(FrameMark.round.desc())
        .limit(1)
    ).alias("last")
    written_since = exists().where(
        AnnotationRevision.frame_id == Frame.id,
        AnnotationRevision.author_id.is_not(None),
        AnnotationRevision.round > last.c.round,
    )
    return (
        select(Frame.id)
        .outerjoin(last, true())
        .where(
            Frame.recording_id == recording_id,
            or_(last.c.mark.is_distinct_from(Mark.GOOD.value), written_since),
        )
        .order_by(Frame.position)
    )


def unvouched_frames(session: Session, recording_id: int) -> list[int]:
    """Frames that nobody vouches for, in working order."""
    return list(session.scalars(unvouched(recording_id)))


def unmarked(recording_id: int, round_number: int) -> Select[int]:
    """Frames that nobody vouches for and that have no mark in a round yet, in working order."""
    marked = exists().where(
        FrameMark.frame_id == Frame.id,
        FrameMark.kind == ReviewKind.KEYPOINTS.value,
        FrameMark.round == round_number,
    )
    return unvouched(recording_id).where(~marked)


def lock_approved(session: Session, recording: Recording) -> int:
    """Lock what is vouched for, and open only the wrong joints of frames that have any.

    Args:
        session: The transaction; it holds the recording for update.
        recording: In the round that ends.

    Returns:
        How many frames are locked.
    """
    unlock(session, recording)
    locked = session.execute(
        update(Annotation)
        .where(
            Annotation.recording_id == recording.id,
            Annotation.frame_id.not_in(unvouched(recording.id).order_by(None)),
        )
        .values(approved_round=recording.round)
        .returning(Annotation.frame_id)
        .execution_options(synchronize_session=False)
    ).all()
    wrong = (
        select(JointMark.frame_id, func.array_agg(JointMark.joint).label("joints"))
        .join(
            FrameMark,
            and_(
                FrameMark.frame_id == JointMark.frame_id,
                FrameMark.round == JointMark.round,
                FrameMark.kind == ReviewKind.KEYPOINTS.value,
                FrameMark.mark == Mark.REVISE.value,
            ),
        )
        .where(
            JointMark.recording_id == recording.id,
            JointMark.round == recording.round,
            JointMark.mark == Word.WRONG.value,
        )
        .group_by(JointMark.frame_id)
        .subquery("wrong")
    )
    session.execute(
        update(Annotation)
        .where(Annotation.frame_id == wrong.c.frame_id)
        .values(open_joints=wrong.c.joints)
        .execution_options(synchronize_session=False)
    )
    forget_read(session)
    return len(locked)


def unlock(session: Session, recording: Recording) -> None:
    """Open all frames of a recording."""
    session.execute(
        update(Annotation)
        .where(
            Annotation.recording_id == recording.id,
            or_(Annotation.approved_round.is_not(None), Annotation.open_joints.is_not(None)),
        )
        .values(approved_round=None, open_joints=None)
        .execution_options(synchronize_session=False)
    )
    forget_read(session)
