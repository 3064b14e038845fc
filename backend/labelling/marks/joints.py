"""An inspector's marks on single joints: only the wrong ones go back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.tables import JointMark, User
from backend.core.events import announce
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.reviews import JointMark as Word
from backend.domain.reviews import Mark, ReviewKind
from backend.domain.skeleton import label
from backend.labelling.annotations.repository import get_annotation, to_skeleton
from backend.labelling.marks.schemas import JointMarksIn, JointMarksOut
from backend.labelling.reviews import repository as reviews
from backend.recordings import access


def judge(session: Session, user: User, frame_id: int, said: JointMarksIn) -> JointMarksOut:
    """Say which joints of a frame are right and which are wrong; the last word counts.

    A frame with a wrong joint is marked to be revised; one whose wrong joints were all taken back
    has no mark any more.

    Raises:
        NotFound: there is no such frame.
        Conflict: nothing is under review, or another round is.
        Forbidden: not by this person.
        InvalidInput: a joint is called both, or one is called right that has no place.
    """
    _, recording = access.recording_of_frame(session, frame_id, lock="share")
    access.require_keypoint_review(session, user, recording)
    if said.round != recording.round:
        raise Conflict(f"This is round {recording.round}; you looked at round {said.round}.")
    wrong, right = set(said.wrong), set(said.right)
    if both := sorted(wrong & right):
        raise InvalidInput(f"The {label(both[0])} is called right and wrong.")
    skeleton = to_skeleton(get_annotation(session, frame_id).keypoints)
    for joint in sorted(right):
        if skeleton is None or not skeleton.joints[joint].present:
            raise InvalidInput(f"The {label(joint)} has no place in this frame.")
    had_wrong = any(row.mark == Word.WRONG.value for row in _of(session, frame_id, recording.round))
    session.execute(
        delete(JointMark).where(JointMark.frame_id == frame_id, JointMark.round == recording.round)
    )
    if wrong or right:
        session.execute(
            insert(JointMark).values(
                [
                    {
                        "frame_id": frame_id,
                        "round": recording.round,
                        "joint": joint,
                        "recording_id": recording.id,
                        "mark": (Word.WRONG if joint in wrong else Word.RIGHT).value,
                        "inspector_id": user.id,
                    }
                    for joint in sorted(wrong | right)
                ]
            )
        )
    if wrong or had_wrong:
        reviews.put_mark(
            session,
            recording_id=recording.id,
            frame_id=frame_id,
            kind=ReviewKind.KEYPOINTS,
            round_number=recording.round,
            mark=Mark.REVISE if wrong else None,
            inspector_id=user.id,
        )
    announce(session, "frame", {"id": frame_id, "recording_id": recording.id})
    return shown(session, frame_id, recording.round)


def shown(session: Session, frame_id: int, round_number: int) -> JointMarksOut:
    """What was said of a frame's joints in a round."""
    rows = _of(session, frame_id, round_number)
    return JointMarksOut(
        round=round_number,
        wrong=[row.joint for row in rows if row.mark == Word.WRONG.value],
        right=[row.joint for row in rows if row.mark == Word.RIGHT.value],
        mark=reviews.mark_of(session, frame_id, ReviewKind.KEYPOINTS, round_number),
    )


def _of(session: Session, frame_id: int, round_number: int) -> Sequence[JointMark]:
    return session.scalars(
        select(JointMark)
        .where(JointMark.frame_id == frame_id, JointMark.round == round_number)
        .order_by(JointMark.joint)
        .execution_options(populate_existing=True)
    ).all()
