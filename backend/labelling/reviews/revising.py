"""What the inspector sent back and that still waits for work."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Subquery, and_, exists, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute

from backend.core.database.tables import (
    AnnotationRevision,
    BoxRevision,
    FrameBox,
    FrameMark,
    Recording,
)
from backend.domain.boxes import BoxStatus
from backend.domain.reviews import Mark, ReviewKind

Scope = Callable[[type[FrameMark] | type[FrameBox]], ColumnElement[bool]]


def to_revise(scope: Scope) -> Subquery:
    """Frames that were sent back in the last round and not touched in this one.

    A frame is touched by any write of a person to its joints or verdict, also one that changes
    nothing; a frame whose box was sent back, or that lacked one, also by a new box.

    Args:
        scope: Which of them: a condition on the ``recording_id`` or ``frame_id`` of a table.

    Returns:
        ``recording_id`` and ``frame_id``, each frame once.
    """
    last_round = Recording.round - 1
    marked = (
        select(FrameMark.recording_id, FrameMark.frame_id)
        .join(Recording, Recording.id == FrameMark.recording_id)
        .where(
            scope(FrameMark),
            FrameMark.mark == Mark.REVISE.value,
            FrameMark.round == last_round,
            ~or_(
                _joints_touched(FrameMark.frame_id),
                and_(FrameMark.kind == ReviewKind.BOXES.value, _box_touched(FrameMark.frame_id)),
            ),
        )
    )
    boxes = (
        select(FrameBox.recording_id, FrameBox.frame_id)
        .join(Recording, Recording.id == FrameBox.recording_id)
        .where(
            scope(FrameBox),
            FrameBox.status == BoxStatus.SENT_BACK.value,
            FrameBox.judged_round == last_round,
            ~or_(_joints_touched(FrameBox.frame_id), _box_touched(FrameBox.frame_id)),
        )
    )
    return union(marked, boxes).subquery("to_revise")


def _joints_touched(frame_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return exists().where(
        AnnotationRevision.frame_id == frame_id,
        AnnotationRevision.round == Recording.round,
        AnnotationRevision.author_id.is_not(None),
    )


def _box_touched(frame_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return exists().where(BoxRevision.frame_id == frame_id, BoxRevision.round == Recording.round)
