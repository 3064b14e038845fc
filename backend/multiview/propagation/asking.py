"""Asking a person for the frame that helps most, in their own part where a recording is cut."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, User
from backend.domain.trajectories.answer import Answer
from backend.domain.trajectories.evidence import Flags
from backend.domain.trajectories.questions import next_question
from backend.domain.trajectories.settings import Settings
from backend.domain.trajectories.sureness import CHECKED, DOUBTED
from backend.multiview.propagation.evidence import Known
from backend.multiview.propagation.schemas import QuestionOut
from backend.multiview.propagation.sessions import Slot
from backend.recordings import parts


def frames_of(
    session: Session, user: User | None, recording: Recording, known: Known
) -> list[Flags] | None:
    """Of each camera (T,) the frames of a person's open parts; None where all may be asked.

    Who has no open part, such as a maintainer, is asked of the whole recording.
    """
    if user is None or not recording.in_parts:
        return None
    own = parts.own_frames(session, user.id, recording.id)
    if not own:
        return None
    may = [np.zeros(len(camera), bool) for camera in known.session.cameras]
    for frame_id in own:
        place = known.places.of.get(frame_id)
        if place is not None:
            may[place[0]][place[1]] = True
    return may


def nothing(*, ready: bool) -> QuestionOut:
    """There is no frame to ask."""
    return QuestionOut(ready=ready, frame_id=None, joints=[], gain=0, check=False, again=False)


def ask(
    slot: Slot, known: Known, answer: Answer, aim: Settings, among: list[Flags] | None
) -> QuestionOut:
    """The frame that helps most; the slot remembers that it was asked, and why."""
    with slot.lock:
        seen = {known.places.of[frame] for frame in slot.again if frame in known.places.of}
    found = next_question(answer, known.session, aim, seen, among)
    if found is None:
        return nothing(ready=True)
    frame_id = known.places.frame(found.camera, found.frame)
    with slot.lock:
        slot.asked[frame_id] = CHECKED if found.check else DOUBTED
        if found.again:
            slot.again.add(frame_id)
    return QuestionOut(
        ready=True,
        frame_id=frame_id,
        joints=list(found.joints),
        gain=found.gain,
        check=found.check,
        again=found.again,
    )
