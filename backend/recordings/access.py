"""Finding recordings and frames, and a person's standing before them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Frame, Recording, RecordingAnnotator, User
from backend.core.events import announce
from backend.domain.errors import Conflict, Forbidden, NotFound
from backend.domain.workflow import (
    BOX_REVIEW,
    EDITABLE,
    KEYPOINT_REVIEW,
    Role,
    Situation,
    Stage,
)
from backend.recordings import parts


def get_recording(session: Session, recording_id: int, *, lock: str | None = None) -> Recording:
    """A recording by id.

    Args:
        session: A session.
        recording_id: Its id.
        lock: ``update`` before changing it; ``share`` while writing to its frames, so that the
            stage cannot change in between.

    Raises:
        NotFound: there is none.
    """
    query = select(Recording).where(Recording.id == recording_id)
    if lock is not None:
        query = query.with_for_update(read=lock == "share").execution_options(
            populate_existing=True
        )
    recording = session.scalar(query)
    if recording is None:
        raise NotFound(f"There is no recording {recording_id}.")
    return recording


def recording_of_frame(
    session: Session, frame_id: int, *, lock: str | None = None
) -> tuple[Frame, Recording]:
    """A frame with its recording; ``lock`` as in :func:`get_recording`.

    Raises:
        NotFound: there is no such frame.
    """
    query = (
        select(Frame, Recording)
        .join(Recording, Recording.id == Frame.recording_id)
        .where(Frame.id == frame_id)
    )
    if lock is not None:
        query = query.with_for_update(read=lock == "share", of=Recording).execution_options(
            populate_existing=True
        )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no frame {frame_id}.")
    return found[0], found[1]


def frame_of(session: Session, frame_id: int) -> Frame:
    """A frame by id.

    Raises:
        NotFound: there is no such frame.
    """
    frame = session.get(Frame, frame_id)
    if frame is None:
        raise NotFound(f"There is no frame {frame_id}.")
    return frame


def has_annotated(session: Session, user_id: int, recording_id: int) -> bool:
    """Whether a person ever changed an annotation in a recording session."""
    found = session.scalar(
        select(
            exists().where(
                RecordingAnnotator.user_id == user_id,
                RecordingAnnotator.recording_id == recording_id,
            )
        )
    )
    return bool(found)


def situation(session: Session, user: User, recording: Recording) -> Situation:
    """A person before a recording, as the stage machine sees it."""
    return policies.situation(
        user,
        recording,
        has_annotated=has_annotated(session, user.id, recording.id),
        has_part=recording.in_parts and parts.has_part(session, user.id, recording.id),
    )


def _wrong_stage(recording: Recording, doing: str) -> Conflict:
    stage = recording.stage.replace("_", " ")
    if recording.stage == Stage.APPROVED:
        return Conflict("This recording is approved and read-only.", stage=recording.stage)
    return Conflict(f"This recording is {stage}; it cannot be {doing} now.", stage=recording.stage)


def require_edit(
    session: Session, user: User, recording: Recording, frame_ids: Sequence[int] = ()
) -> None:
    """Let the assigned annotator change joints and verdicts, in the stages for it.

    Args:
        session: The transaction.
        user: Who wants to.
        recording: Locked at least for sharing.
        frame_ids: What they want to change. In a recording that is cut into parts, each frame is
            its part's person's alone, until they submit it; without frames it is about all parts.

    Raises:
        Conflict: not in this stage.
        Forbidden: not by this person.
    """
    if Stage(recording.stage) not in EDITABLE:
        raise _wrong_stage(recording, "edited")
    # Asked at every write, and it hangs on the assignment alone: the history is not looked at.
    here = policies.situation(user, recording, has_annotated=False, has_part=recording.in_parts)
    if not policies.may_annotate(here, Stage(recording.stage)):
        raise Forbidden("Only the annotator to whom this recording is assigned may edit it.")
    if recording.in_parts:
        parts.require_own(session, user, recording.id, frame_ids)


def why_not_inspector(here: Situation) -> str:
    """Why a person is not an independent inspector of a recording, in words."""
    if here.is_annotator or here.has_annotated:
        return "You annotated in this recording, and nobody inspects what they annotated."
    if Role.INSPECTOR in here.roles and here.inspector_taken:
        return "Another inspector has this recording."
    return "Only an inspector may do this."


def require_keypoint_review(session: Session, user: User, recording: Recording) -> Situation:
    """Let an independent inspector review joints.

    Raises:
        Conflict: not in this stage.
        Forbidden: not by this person.
    """
    here = situation(session, user, recording)
    if Stage(recording.stage) not in KEYPOINT_REVIEW:
        raise _wrong_stage(recording, "inspected")
    return _inspecting(session, user, recording, here)


def require_box_review(session: Session, user: User, recording: Recording) -> Situation:
    """Let an independent inspector review boxes.

    Raises:
        Conflict: not in this stage.
        Forbidden: not by this person.
    """
    here = situation(session, user, recording)
    if Stage(recording.stage) not in BOX_REVIEW:
        raise _wrong_stage(recording, "inspected for boxes")
    return _inspecting(session, user, recording, here)


def _inspecting(session: Session, user: User, recording: Recording, here: Situation) -> Situation:
    """Let an independent inspector say something; whoever says the first word has the recording.

    Two who mark one recording would overwrite each other's words without knowing.
    """
    if not here.independent_inspector:
        if here.inspector_taken and not (here.is_annotator or here.has_annotated):
            has_it = session.get(User, recording.inspector_id)
            if has_it is not None and Role.INSPECTOR in here.roles:
                raise Forbidden(
                    f"{has_it.name} inspects this recording. A maintainer can give it to somebody"
                    " else."
                )
        raise Forbidden(why_not_inspector(here))
    if recording.inspector_id is None:
        _take(session, user, recording)
    return here


def _take(session: Session, user: User, recording: Recording) -> None:
    """Make a person the inspector of a recording that has none.

    Where somebody else writes in the same moment, both hold the recording and neither takes it:
    whoever speaks next does.
    """
    free = (
        select(Recording.id)
        .where(Recording.id == recording.id, Recording.inspector_id.is_(None))
        .with_for_update(skip_locked=True, key_share=True)
    )
    taken = session.scalar(
        update(Recording)
        .where(Recording.id.in_(free))
        .values(inspector_id=user.id)
        .returning(Recording.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        return
    set_committed_value(recording, "inspector_id", user.id)
    facts = {"inspector": user.name, "by_first_word": True}
    audit.record(session, user.id, "assigned", "recording", recording.id, facts)
    facts = {"id": recording.id, "stage": recording.stage, "round": recording.round}
    announce(session, "recording", facts)


def why_blocked(here: Situation, stage: Stage) -> str | None:
    """Why this person cannot take the step that the stage waits for; None if they can."""
    if stage in KEYPOINT_REVIEW | BOX_REVIEW or stage is Stage.BOXED:
        if here.is_annotator:
            return (
                "You submitted it: it is with an inspector now, and comes back if something has"
                " to be revised."
            )
        if Role.INSPECTOR not in here.roles:
            return "The recording is with its inspector."
        return None if here.independent_inspector else why_not_inspector(here)
    if stage in EDITABLE:
        if policies.may_annotate(here, stage):
            return None
        return "The recording is with its annotator."
    if stage is Stage.APPROVED:
        return "Approved recordings are read-only. A maintainer can reopen one, which is logged."
    return None
