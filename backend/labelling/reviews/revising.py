"""Which of the inspector's marks still wait for work."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import InstrumentedAttribute

from backend.core.database.tables import AnnotationRevision, BoxRevision, FrameMark
from backend.core.database.tables.reviews import Mark, ReviewKind


def still_to_revise(current_round: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """On ``FrameMark``: marked for revision in the last round and not touched in this one.

    A frame is touched by any write of a person to its joints or verdict, also one that changes
    nothing; a frame whose box was sent back also by a new box.

    Args:
        current_round: The recording session's round, or its column where the query joins it.
    """
    joints_touched = exists().where(
        AnnotationRevision.frame_id == FrameMark.frame_id,
        AnnotationRevision.round == current_round,
        AnnotationRevision.author_id.is_not(None),
    )
    box_touched = exists().where(
        BoxRevision.frame_id == FrameMark.frame_id,
        BoxRevision.round == current_round,
    )
    return and_(
        FrameMark.mark == Mark.REVISE.value,
        FrameMark.round == current_round - 1,
        ~or_(joints_touched, and_(FrameMark.kind == ReviewKind.BOXES.value, box_touched)),
    )
