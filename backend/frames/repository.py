"""The filmstrip of a session in a fixed number of queries, whatever its length."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.boxes.repository import STALE
from backend.database.models import (
    Annotation,
    AnnotationRevision,
    Camera,
    Comment,
    Frame,
    FrameBox,
    FrameMark,
    Moment,
)
from backend.database.models.reviews import ReviewKind
from backend.domain.errors import NotFound
from backend.domain.verdicts import Verdict
from backend.reviews.repository import still_to_revise


def filmstrip(
    session: Session, recording_id: int, kind: ReviewKind, round_number: int
) -> Sequence[RowMapping]:
    """What each cell of a filmstrip shows, in working order.

    Args:
        session: A session.
        recording_id: The recording session.
        kind: Whose marks to show.
        round_number: Of which round.
    """
    comments = (
        select(Comment.frame_id, func.count().label("n"))
        .where(Comment.recording_id == recording_id, Comment.resolved_at.is_(None))
        .group_by(Comment.frame_id)
        .subquery()
    )
    query = (
        select(
            Frame.id,
            Frame.position,
            Frame.camera_id,
            Frame.moment_id,
            Moment.index.label("moment_index"),
            Frame.time_s,
            Frame.duplicate_of_id,
            Frame.sharpness,
            Frame.mean_luma,
            Annotation.state,
            Annotation.reason,
            FrameMark.mark,
            func.coalesce(comments.c.n, 0).label("comments"),
            FrameBox.status.label("box_status"),
            FrameBox.flagged.label("box_flagged"),
            FrameBox.consistency.label("box_consistency"),
            STALE.label("box_stale"),
        )
        .join(Annotation, Annotation.frame_id == Frame.id)
        .join(Moment, Moment.id == Frame.moment_id)
        .outerjoin(
            FrameBox,
            and_(FrameBox.frame_id == Frame.id, Annotation.verdict == Verdict.KEEP.value),
        )
        .outerjoin(
            FrameMark,
            and_(
                FrameMark.frame_id == Frame.id,
                FrameMark.kind == kind.value,
                FrameMark.round == round_number,
            ),
        )
        .outerjoin(comments, comments.c.frame_id == Frame.id)
        .where(Frame.recording_id == recording_id)
        .order_by(Frame.position)
    )
    return session.execute(query).mappings().all()


def returned_frames(session: Session, recording_id: int, round_number: int) -> set[int]:
    """Frames sent back in the last round and not touched in this one."""
    return set(
        session.scalars(
            select(FrameMark.frame_id).where(
                FrameMark.recording_id == recording_id, still_to_revise(round_number)
            )
        )
    )


def changed_frames(session: Session, recording_id: int, round_number: int) -> set[int]:
    """Frames that differ from what was submitted before this round began."""
    past = aliased(AnnotationRevision)
    before = (
        select(past.verdict, past.reason, past.reason_text, past.keypoints)
        .where(past.frame_id == Annotation.frame_id, past.round < round_number)
        .order_by(past.version.desc())
        .limit(1)
        .lateral("before")
    )
    differs = or_(
        Annotation.verdict != before.c.verdict,
        Annotation.reason.is_distinct_from(before.c.reason),
        Annotation.reason_text.is_distinct_from(before.c.reason_text),
        Annotation.keypoints.is_distinct_from(before.c.keypoints),
    )
    return set(
        session.scalars(
            select(Annotation.frame_id)
            .join(before, differs)
            .where(Annotation.recording_id == recording_id)
        )
    )


def frame_with_camera(session: Session, frame_id: int) -> tuple[Frame, Camera, Annotation]:
    """A frame with its camera and its current annotation, in one query.

    Raises:
        NotFound: there is no such frame.
    """
    row = session.execute(
        select(Frame, Camera, Annotation)
        .join(Camera, Camera.id == Frame.camera_id)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .where(Frame.id == frame_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no frame {frame_id}.")
    return row[0], row[1], row[2]
