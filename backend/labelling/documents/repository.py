"""A frame with all that a write may change, read and held in two statements."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Frame, FrameBox, FrameMark, Recording
from backend.domain.boxes import BoxStatus
from backend.domain.errors import NotFound
from backend.domain.reviews import Mark, ReviewKind, mark_of_status
from backend.domain.verdicts import Verdict
from backend.domain.workflow import Stage
from backend.labelling.boxes import repository as box_rows
from backend.labelling.reviews.service import kind_under_review
from backend.recordings import access


@dataclass(frozen=True, slots=True)
class Held:
    """A frame with all that a write may change, held for this transaction.

    Attributes:
        frame: The frame.
        recording: Its recording, which cannot change its stage meanwhile.
        annotation: Joints and verdict.
        box: The box, also where it is not shown.
        mark: What the inspector said in this round.
    """

    frame: Frame
    recording: Recording
    annotation: Annotation
    box: FrameBox | None
    mark: Mark | None

    @property
    def shown_box(self) -> FrameBox | None:
        """Only a kept frame shows its box."""
        return self.box if self.annotation.verdict == Verdict.KEEP.value else None


# One outer join for all: this is read at each save of each annotator.
_STATE = (
    select(Annotation, FrameBox, FrameMark.mark)
    .outerjoin(FrameBox, FrameBox.frame_id == Annotation.frame_id)
    .outerjoin(
        FrameMark,
        and_(
            FrameMark.frame_id == Annotation.frame_id,
            FrameMark.kind == bindparam("kind"),
            FrameMark.round == bindparam("round"),
        ),
    )
    .where(Annotation.frame_id == bindparam("frame_id"))
    .with_for_update(of=Annotation)
    .execution_options(populate_existing=True)
)


def hold(session: Session, frame_id: int, *, with_box: bool) -> Held:
    """Hold a frame for this transaction; waits for whoever holds it.

    Args:
        session: The transaction.
        frame_id: The frame.
        with_box: Whether its box is to be changed, too; otherwise it is only read.

    Raises:
        NotFound: there is no such frame.
    """
    # The share lock keeps the recording from being submitted between the check and the commit.
    frame, recording = access.recording_of_frame(session, frame_id, lock="share")
    kind = kind_under_review(Stage(recording.stage))
    values = {"frame_id": frame_id, "kind": kind.value, "round": recording.round}
    row = session.execute(_STATE, values).one_or_none()
    if row is None:
        raise NotFound(f"There is no frame {frame_id}.")
    annotation, box, mark = row
    held = Held(frame, recording, annotation, box, Mark(mark) if mark else None)
    if with_box:
        held = replace(held, box=box_rows.find_box(session, frame_id, lock=True))
    if kind is ReviewKind.BOXES and (shown := held.shown_box) is not None:
        judged = shown.judged_round == recording.round
        return replace(held, mark=mark_of_status(BoxStatus(shown.status)) if judged else None)
    return held
