"""Marking frames in a review."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.labelling.marks import joints, service
from backend.labelling.marks.schemas import (
    BulkMarkIn,
    JointMarksIn,
    JointMarksOut,
    MarkBody,
    Marked,
)

router = Router(tags=["frames"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.put("/frames/{frame_id}/mark")
def mark_frame(frame_id: Id, body: MarkBody, user: CurrentUser, session: SessionDep) -> MarkBody:
    """Mark a frame good or to be revised: its joints, or in box review its box."""
    service.mark(session, user, frame_id, body.mark)
    return body


@router.put("/frames/{frame_id}/joints/marks")
def mark_joints(
    frame_id: Id, body: JointMarksIn, user: CurrentUser, session: SessionDep
) -> JointMarksOut:
    """Say which joints of a frame are right and which are wrong; only the wrong ones go back."""
    return joints.judge(session, user, frame_id, body)


@router.post("/recordings/{recording_id}/marks")
def mark_remaining_frames(
    recording_id: Id, body: BulkMarkIn, user: CurrentUser, session: SessionDep
) -> Marked:
    """Mark every frame good that one looked at in this round and did not mark.

    Frames that were not opened are left: a random sample vouches for them.
    """
    return service.mark_remaining_good(session, user, recording_id)
