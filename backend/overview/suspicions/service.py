"""The suspicion queue: what is doubted, and people's word on it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Recording, SuspicionNote, User, Waiver
from backend.core.events import announce
from backend.domain.errors import Conflict, Forbidden, InvalidInput
from backend.domain.keypoints import Skeleton
from backend.domain.skeleton import JOINTS
from backend.domain.suspicion import SUSPICIOUS, Doubt, reason
from backend.domain.suspicion.doubts import DOUBTS
from backend.domain.suspicion.looking import is_hasty, sampled
from backend.domain.workflow import Stage
from backend.overview.suspicions import repository
from backend.overview.suspicions.schemas import WaiverIn
from backend.recordings import access

SHOWN: Final = 0.2
"""Frames of a lower score are alike: nothing of them is sent."""


def suspicions(session: Session, recording: Recording) -> dict[str, Any]:
    """What is doubted in a recording, as ``SuspicionsOut``."""
    said = {(row.frame_id, row.joint): row for row in repository.waivers(session, recording.id)}
    rows = repository.suspicions(session, recording.id, SHOWN)
    looked = repository.seconds_shown(session, recording)
    quick = sorted(row.frame_id for row in looked if is_hasty(row.seconds))
    waiting = session.scalar(
        select(func.count(SuspicionNote.id)).where(SuspicionNote.recording_id == recording.id)
    )
    frames = [_frame(row, said) for row in rows]
    frames.sort(key=lambda frame: (-_open(frame), -frame["percent"]))
    return {
        "waiting": waiting or 0,
        "frames": frames,
        "quick": quick,
        "sampled": sampled(quick, f"{recording.id}/{recording.round}"),
        "words": [
            {
                "frame_id": word.frame_id,
                "joint": word.joint,
                "x": word.x,
                "y": word.y,
                "name": word.name,
                "note": word.note,
            }
            for word in said.values()
            if word.holds
        ],
        "usuals": [
            {"camera_id": camera, **usual, "noise": usual["noise"][0]}
            for camera, usual in sorted(repository.usuals(session, recording.id).items())
        ],
    }


def _open(frame: dict[str, Any]) -> int:
    """The percentage of the most doubted joint that nobody waved through."""
    return max((j["percent"] for j in frame["joints"] if j["waived"] is None), default=0)


def _frame(row: Any, said: dict[tuple[int, int], Any]) -> dict[str, Any]:
    doubted = sorted(
        (j for j, percent in enumerate(row.joints) if percent >= 100 * SUSPICIOUS),
        key=lambda j: -row.joints[j],
    )
    seen = row.keypoints if row.current else None
    return {
        "frame_id": row.frame_id,
        "percent": round(100 * row.score),
        "joints": [
            {
                "joint": j,
                "percent": row.joints[j],
                "doubt": DOUBTS[row.doubts[j]],
                "reason": reason(DOUBTS[row.doubts[j]], j),
                "x": seen[3 * j] if seen else None,
                "y": seen[3 * j + 1] if seen else None,
                "waived": _waived(said.get((row.frame_id, j)), row.keypoints),
            }
            for j in doubted
        ],
    }


def _waived(word: Any, keypoints: Sequence[float] | None) -> dict[str, Any] | None:
    """Whose word holds of a joint: the latest, as long as the joint lies where it lay."""
    if word is None or not word.holds or keypoints is None:
        return None
    here = (keypoints[3 * word.joint], keypoints[3 * word.joint + 1])
    return {"name": word.name, "note": word.note} if here == (word.x, word.y) else None


def waive(session: Session, user: User, frame_id: int, body: WaiverIn) -> None:
    """Write down a person's word on joints of a frame; said twice under an id, it is said once.

    Raises:
        NotFound: there is no such frame.
        Conflict: not in this stage, or the operation id belongs to another word.
        Forbidden: neither annotator nor inspector of this recording.
        InvalidInput: a joint is not present; then nothing is written.
    """
    frame, recording = access.recording_of_frame(session, frame_id, lock="share")
    if _is_repeated(session, user, frame_id, body):
        return
    _require_work(session, user, recording, [frame_id])
    places = _places(session.get(Annotation, frame_id), body)
    note = (body.note or "").strip() or None
    try:
        with session.begin_nested():
            for joint, (x, y) in places.items():
                session.add(
                    Waiver(
                        recording_id=recording.id,
                        frame_id=frame.id,
                        joint=joint,
                        doubt=Doubt(body.doubt).value,
                        x=x,
                        y=y,
                        holds=body.holds,
                        note=note,
                        round=recording.round,
                        author_id=user.id,
                        operation_id=_name(body, joint),
                    )
                )
    except IntegrityError:
        if not _is_repeated(session, user, frame_id, body):
            raise
        return
    session.add(SuspicionNote(recording_id=recording.id, frame_id=frame.id))
    announce(session, "suspicion", {"recording_id": recording.id})


def _places(annotation: Annotation | None, body: WaiverIn) -> dict[int, tuple[float, float]]:
    """Where each joint lies that a word is about: as it was said, or as it is stored."""
    skeleton = (
        Skeleton.from_flat(annotation.keypoints) if annotation and annotation.keypoints else None
    )
    places: dict[int, tuple[float, float]] = {}
    for said in (body, *body.also):
        joint = skeleton.joints[said.joint] if skeleton is not None else None
        if joint is None or not joint.present:
            name = JOINTS[said.joint].replace("_", " ")
            raise InvalidInput(f"The {name} is not there: nothing is to be said of it.")
        # A word may overtake the save that brings the joint there.
        if said.x is not None and said.y is not None:
            places[said.joint] = (said.x, said.y)
        else:
            places[said.joint] = (joint.x, joint.y)
    return places


def _name(body: WaiverIn, joint: int) -> uuid.UUID:
    """The name of a joint's row: the act's own for its first joint, for others one made of it."""
    if joint == body.joint:
        return body.operation_id
    return uuid.uuid5(body.operation_id, str(joint))


def _is_repeated(session: Session, user: User, frame_id: int, body: WaiverIn) -> bool:
    known = repository.waiver_of(session, body.operation_id)
    if known is None:
        return False
    same = (known.frame_id, known.joint, known.holds, known.author_id)
    if same != (frame_id, body.joint, body.holds, user.id):
        raise Conflict("This operation id was already used for something else.")
    return True


def _require_work(
    session: Session, user: User, recording: Recording, frame_ids: Sequence[int] = ()
) -> None:
    """The annotator may, and the inspector while the joints are inspected."""
    if Stage(recording.stage) is Stage.INSPECTING:
        access.require_keypoint_review(session, user, recording)
    else:
        access.require_edit(session, user, recording, frame_ids)


def ask_to_look(session: Session, user: User, recording: Recording) -> None:
    """Let the whole recording be looked at anew.

    Raises:
        Forbidden: the person does not work on recordings.
    """
    if not user.roles:
        raise Forbidden("Only people who work on recordings may ask for this.")
    session.add(SuspicionNote(recording_id=recording.id))
