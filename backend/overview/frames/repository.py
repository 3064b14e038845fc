"""The filmstrip of a recording in a fixed number of queries, whatever its length."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Camera,
    Comment,
    Frame,
    FrameBox,
    FrameMark,
    Moment,
)
from backend.domain.errors import NotFound
from backend.domain.reviews import ReviewKind
from backend.domain.verdicts import Verdict
from backend.labelling.conditions import BOX_STALE, KEPT, box_mark
from backend.labelling.reviews.revising import to_revise


def filmstrip(
    session: Session, recording_id: int, kind: ReviewKind, round_number: int
) -> list[dict[str, Any]]:
    """What each cell of a filmstrip shows, in working order, as plain values.

    ``returned`` and ``changed`` of ``FrameItem`` are left out: they hang on earlier rounds.

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
    mark: ColumnElement[Any] = FrameMark.mark.expression
    if kind is ReviewKind.BOXES:
        no_box = FrameBox.frame_id.is_(None)
        mark = case((no_box, FrameMark.mark), else_=box_mark(round_number))
    cell = {
        "id": Frame.id,
        "position": Frame.position,
        "camera_id": Frame.camera_id,
        "moment_id": Frame.moment_id,
        "moment_index": Moment.index,
        "time_s": Frame.time_s,
        "duplicate_of_id": Frame.duplicate_of_id,
        "sharpness": Frame.sharpness,
        "mean_luma": Frame.mean_luma,
        "state": Annotation.state,
        "reason": Annotation.reason,
        "mark": mark,
        "comments": func.coalesce(comments.c.n, 0),
    }
    box = {
        "status": FrameBox.status,
        "flagged": FrameBox.flagged,
        "consistency": FrameBox.consistency,
        "stale": BOX_STALE,
    }
    columns: list[Any] = [column.label(name) for name, column in cell.items()]
    columns += [column.label(f"box_{name}") for name, column in box.items()]
    rows = session.execute(
        select(*columns)
        .select_from(Frame)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .join(Moment, Moment.id == Frame.moment_id)
        .outerjoin(
            FrameBox,
            and_(FrameBox.frame_id == Frame.id, KEPT),
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
    # Values of 10,000 rows: by place, not by name.
    n = len(cell)
    frames = []
    for row in rows:
        frame = dict(zip(cell, row[:n], strict=True))
        has_box = row[n] is not None
        frame["box"] = dict(zip(box, row[n:], strict=True)) if has_box else None
        frames.append(frame)
    return frames


def returned_frames(session: Session, recording_id: int) -> set[int]:
    """Frames sent back in the last round and not touched in this one."""
    waiting = to_revise(lambda table: table.recording_id == recording_id)
    return set(session.scalars(select(waiting.c.frame_id)))


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


NEAR: Final = 8
"""Up to so many frames back, the same camera's frame before counts as near in time."""


def kept_joints_before(session: Session, frame: Frame) -> list[float] | None:
    """Joints of the same camera's frame before; None where none is near, or it is not kept."""
    row = session.execute(
        select(Annotation.verdict, Annotation.keypoints)
        .join(Frame, Frame.id == Annotation.frame_id)
        .where(
            Frame.recording_id == frame.recording_id,
            Frame.camera_id == frame.camera_id,
            Frame.position.between(frame.position - NEAR, frame.position - 1),
        )
        .order_by(Frame.position.desc())
        .limit(1)
    ).one_or_none()
    return row.keypoints if row is not None and row.verdict == Verdict.KEEP.value else None


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
