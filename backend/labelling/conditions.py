"""What holds of a frame's labels, as SQL conditions, each written once beside its rule.

All are on ``Annotation``, and where they speak of a box on ``FrameBox`` joined with it. An outer
join may leave the box out: then it is neither fresh nor usable.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, and_, case, null
from sqlalchemy.orm import InstrumentedAttribute

from backend.core.database.tables import Annotation, FrameBox
from backend.domain.boxes import BoxStatus
from backend.domain.reviews import mark_of_status
from backend.domain.verdicts import Verdict

KEPT: Final[ColumnElement[bool]] = Annotation.verdict == Verdict.KEEP.value
"""The frame was kept, and so belongs to the dataset."""


def older_than_joints(made_from: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """``domain.staleness.is_stale``: the frame's joints are not those that a thing was made from.

    Args:
        made_from: Column with the flat skeleton (51 numbers) that the thing keeps.
    """
    return made_from.is_distinct_from(Annotation.keypoints)


BOX_STALE: Final = older_than_joints(FrameBox.made_from)
"""The box is older than the frame's joints."""

BOX_AWAITS_DECISION: Final[ColumnElement[bool]] = and_(
    FrameBox.flagged, FrameBox.status == BoxStatus.PROPOSED.value
)
"""``domain.boxes.awaits_decision``: flagged, and nobody approved it or sent it back."""


def box_mark(round_number: int | BindParameter[int]) -> ColumnElement[str | None]:
    """``domain.reviews.mark_of_status``: what was said of a box in a round, as a mark."""
    said = {status: mark_of_status(status) for status in BoxStatus}
    return case(
        *(
            (and_(FrameBox.judged_round == round_number, FrameBox.status == status.value), mark)
            for status, mark in said.items()
            if mark is not None
        ),
        else_=null(),
    )


BOX_USABLE: Final[ColumnElement[bool]] = and_(
    FrameBox.frame_id.is_not(None), ~BOX_STALE, FrameBox.status != BoxStatus.SENT_BACK.value
)
"""``domain.boxes.is_usable``: there is a box, it fits its joints, and nobody refused it."""
