"""Marking what is under review: a frame's joints, or its box."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.core.database.tables import User
from backend.core.events import announce
from backend.domain.reviews import Mark
from backend.domain.workflow import BOX_REVIEW, Stage
from backend.labelling.boxes import service as boxes
from backend.labelling.marks.schemas import Marked
from backend.labelling.reviews import service as reviews
from backend.recordings import access


def mark(session: Session, user: User, frame_id: int, value: Mark | None) -> None:
    """Mark what is under review in a frame: its joints, or its box.

    Raises:
        NotFound: there is no such frame.
        Conflict: nothing is under review, or there is no fresh box to call good.
        Forbidden: not by this person.
    """
    _, recording = access.recording_of_frame(session, frame_id, lock="share")
    if Stage(recording.stage) in BOX_REVIEW:
        boxes.mark_box(session, user, recording, frame_id, value)
    else:
        reviews.mark_joints(session, user, recording, frame_id, value)
    announce(session, "frame", {"id": frame_id, "recording_id": recording.id})


def mark_remaining_good(session: Session, user: User, recording_id: int) -> Marked:
    """Mark good what has no mark yet, as far as this person looked at it.

    Boxes that are flagged are left to be looked at.

    Raises:
        NotFound: there is no such recording.
        Conflict: nothing is under review.
        Forbidden: not by this person.
    """
    recording = access.get_recording(session, recording_id, lock="share")
    if Stage(recording.stage) in BOX_REVIEW:
        approved = boxes.approve_remaining(session, user, recording, include_flagged=False)
        return Marked(marked=approved, unseen=0)
    marked, left = reviews.mark_seen_joints_good(session, user, recording)
    return Marked(marked=marked, unseen=left)
