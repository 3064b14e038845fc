"""Frames for the editor: what earlier rounds left, and one frame with what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Camera,
    Frame,
)
from backend.domain.errors import NotFound
from backend.domain.verdicts import Verdict
from backend.labelling.reviews.revising import to_revise


def returned_frames(session: Session, recording_id: int) -> set[int]:
    """Frames sent back in the last round and not touched in this one."""
    waiting = to_revise(lambda table: table.recording_id == recording_id)
    return set(session.scalars(select(waiting.c.frame_id)))


def changed_frames(
    session: Session, recording_id: int, round_number: int, low: int, high: int
) -> set[int]:
    """Frames that differ from what was submitted before this round began.

    Args:
        session: A session.
        recording_id: The recording session.
        round_number: This round.
        low: Only frames with this id or a higher one.
        high: Only frames with this id or a lower one.
    """
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
            .where(Annotation.recording_id == recording_id, Annotation.frame_id.between(low, high))
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


def poses(session: Session, recording_id: int, start: int, count: int) -> Sequence[Any]:
    """Joints of the frames of a recording from a position on."""
    return session.execute(
        select(Frame.id, Frame.position, Frame.width, Frame.height, Annotation.keypoints)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .where(
            Frame.recording_id == recording_id,
            Frame.position >= start,
            Frame.position < start + count,
        )
        .order_by(Frame.position)
    ).all()


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
