"""What a segmenter says of a frame, as it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import FrameBox
from backend.core.events import announce
from backend.domain.boxes import Box, BoxOrigin, BoxStatus
from backend.domain.errors import Conflict
from backend.domain.keypoints import Skeleton
from backend.domain.reviews import ReviewKind
from backend.domain.verdicts import Verdict
from backend.domain.workflow import Stage
from backend.labelling.annotations.repository import from_skeleton, lock_annotation
from backend.labelling.boxes import repository
from backend.labelling.reviews.repository import clear_mark
from backend.recordings import access

BOXABLE: Final = frozenset(
    {
        Stage.KEYPOINTS_APPROVED,
        Stage.BOXING,
        Stage.BOXED,
        Stage.INSPECTING_BOXES,
        Stage.BOXES_RETURNED,
    }
)
"""Stages in which a model may propose boxes."""


@dataclass(frozen=True, slots=True)
class BoxProposal:
    """A mask and the box around it, proposed by a model or brought by an annotation file.

    Attributes:
        made_from: The joints that the model was prompted with.
        box: The smallest rectangle around mask ∪ occluded joints, image pixels.
        mask_counts: COCO's compressed run-length text for the whole image; None without a mask.
        mask_area: Pixels of the mask.
        mask_score: The model's own estimate of the mask's quality, in [0, 1].
        consistency: How well mask and joints agree, in [0, 1].
        flagged: Whether the inspector should look at it first.
        attempts: Names of the prompts that were tried, in order.
        model: Name of the model.
        simulated: Whether it was made up from known truth, for the demo.
        origin: Whether a model made it, or it came with an annotation file.
        imported_from_id: The person of that file; None for a model's.
    """

    made_from: Skeleton
    box: Box
    mask_counts: str | None
    mask_area: int | None
    mask_score: float | None
    consistency: float | None
    flagged: bool
    attempts: Sequence[str]
    model: str
    simulated: bool = False
    origin: BoxOrigin = BoxOrigin.MODEL
    imported_from_id: int | None = None


def store_proposal(session: Session, frame_id: int, proposal: BoxProposal) -> FrameBox | None:
    """Store a proposed box as the frame's next version.

    Idempotent: a proposal that is stored already changes nothing. One that differs, or that
    answers a box that was sent back, awaits the inspector again.

    Args:
        session: The transaction.
        frame_id: The frame.
        proposal: What the model proposes.

    Returns:
        The stored box; None where the frame has been discarded in the meantime.

    Raises:
        NotFound: there is no such frame.
        Conflict: the recording is in a stage in which its boxes are settled.
    """
    _, recording = access.recording_of_frame(session, frame_id, lock="share")
    if Stage(recording.stage) not in BOXABLE:
        raise Conflict(
            f"{recording.name} is {recording.stage.replace('_', ' ')}: its boxes stay as they are.",
            stage=recording.stage,
        )
    annotation = lock_annotation(session, frame_id)
    if annotation.verdict != Verdict.KEEP.value:
        return None
    row = repository.find_box(session, frame_id, lock=True)
    values = _values(proposal)
    if row is None:
        version = repository.last_version(session, frame_id)
        row = FrameBox(frame_id=frame_id, recording_id=recording.id, version=version)
        session.add(row)
    elif row.status != BoxStatus.SENT_BACK.value and _same(row, values):
        return row
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.status = BoxStatus.PROPOSED.value
    row.judged_round = None
    row.updated_by_id = None
    row.updated_at = session.execute(select(func.now())).scalar_one()
    repository.append_revisions(
        session, [frame_id], round_number=recording.round, author_id=None, model=proposal.model
    )
    # What the inspector said in this round was that there is none.
    clear_mark(session, frame_id, ReviewKind.BOXES, recording.round)
    announce(
        session,
        "box",
        {
            "id": frame_id,
            "recording_id": recording.id,
            "version": row.version,
            "status": row.status,
        },
    )
    return row


def _values(proposal: BoxProposal) -> dict[str, Any]:
    return {
        "x": float(proposal.box.x),
        "y": float(proposal.box.y),
        "width": float(proposal.box.width),
        "height": float(proposal.box.height),
        "mask_counts": proposal.mask_counts,
        "mask_area": None if proposal.mask_area is None else int(proposal.mask_area),
        "mask_score": None if proposal.mask_score is None else float(proposal.mask_score),
        "consistency": None if proposal.consistency is None else float(proposal.consistency),
        "flagged": bool(proposal.flagged),
        "attempts": list(proposal.attempts),
        "origin": proposal.origin.value,
        "imported_from_id": proposal.imported_from_id,
        "model": proposal.model,
        "simulated": proposal.simulated,
        "made_from": from_skeleton(proposal.made_from),
    }


def _same(row: FrameBox, values: dict[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())
