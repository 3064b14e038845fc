"""The inspector's marks on joints, and everybody's comments."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Comment, Recording, User
from backend.core.events import announce
from backend.domain.errors import Conflict, Forbidden, InvalidInput
from backend.domain.reviews import Mark, ReviewKind
from backend.domain.workflow import Stage
from backend.labelling.reviews import people, repository
from backend.labelling.reviews.schemas import CommentIn, CommentOut, CommentPatch
from backend.recordings import access

BEFORE_BOXES: Final = frozenset(
    {
        Stage.INGESTING,
        Stage.INGESTED,
        Stage.PRELABELLING,
        Stage.PRELABELLED,
        Stage.ANNOTATING,
        Stage.INSPECTING,
        Stage.RETURNED,
    }
)
"""Stages in which joints are worked on; afterwards it is boxes."""


def kind_under_review(stage: Stage) -> ReviewKind:
    """Whose marks are shown in a stage."""
    return ReviewKind.KEYPOINTS if stage in BEFORE_BOXES else ReviewKind.BOXES


def mark_joints(
    session: Session, user: User, recording: Recording, frame_id: int, mark: Mark | None
) -> None:
    """Mark a frame's joints good or to be revised, or take the mark away.

    Args:
        session: The transaction; it holds the recording, so that its stage cannot change.
        user: The inspector.
        recording: The frame's recording session.
        frame_id: The frame.
        mark: The mark; None takes it away.

    Raises:
        Conflict: not in this stage.
        Forbidden: not by this person.
    """
    access.require_keypoint_review(session, user, recording)
    repository.put_mark(
        session,
        recording_id=recording.id,
        frame_id=frame_id,
        kind=ReviewKind.KEYPOINTS,
        round_number=recording.round,
        mark=mark,
        inspector_id=user.id,
    )


def mark_seen_joints_good(session: Session, user: User, recording: Recording) -> tuple[int, int]:
    """Mark every frame good that this person looked at and did not mark in this round.

    Nobody vouches for what they have not seen: for frames that were not opened, a random sample
    answers (``labelling.samples``).

    Returns:
        How many were marked, and how many are left that nobody vouches for.

    Raises:
        Conflict: not in this stage.
        Forbidden: not by this person.
    """
    access.require_keypoint_review(session, user, recording)
    marked = repository.mark_unmarked(
        session,
        recording_id=recording.id,
        round_number=recording.round,
        inspector_id=user.id,
        which=repository.seen(user.id, recording.round),
    )
    if marked:
        audit.record(
            session,
            user.id,
            "marked_remaining_good",
            "recording",
            recording.id,
            {"frames": marked, "round": recording.round},
        )
    return marked, repository.unmarked_count(session, recording.id, recording.round)


def comments_of_frame(session: Session, frame_id: int) -> list[CommentOut]:
    """All comments on a frame, oldest first."""
    return people.shown(session, repository.comments_of_frame(session, frame_id))


def comments_of_recording(session: Session, recording_id: int) -> list[CommentOut]:
    """All comments in a recording, oldest first.

    Raises:
        NotFound: there is no such recording.
    """
    access.get_recording(session, recording_id)
    return people.shown(session, repository.comments_of_recording(session, recording_id))


def comment(session: Session, user: User, frame_id: int, request: CommentIn) -> CommentOut:
    """Write a comment; the same one sent again changes nothing and is answered alike.

    Raises:
        NotFound: there is no such frame.
        Conflict: the recording is approved, and this is no maintainer.
        Forbidden: the recording is not in this person's hands.
    """
    _, recording = access.recording_of_frame(session, frame_id, lock="share")
    if done := _done_before(session, user, frame_id, request):
        return done
    require_comment(session, user, recording)
    if request.until_frame_id is not None:
        _require_range(session, frame_id, request.until_frame_id)
    row = Comment(
        recording_id=recording.id,
        frame_id=frame_id,
        joint=request.joint,
        reason=request.reason.value if request.reason else None,
        until_frame_id=request.until_frame_id,
        mentions=people.known(session, request.mentions),
        round=recording.round,
        body=request.body,
        operation_id=request.operation_id,
        author=user,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        # The same write came twice at once: the other one was first.
        if done := _done_before(session, user, frame_id, request):
            return done
        raise
    _announce(session, row)
    return people.shown(session, [row])[0]


def _done_before(
    session: Session, user: User, frame_id: int, request: CommentIn
) -> CommentOut | None:
    """What the same write made, if it was sent before."""
    if request.operation_id is None:
        return None
    done = repository.comment_of_operation(session, request.operation_id)
    if done is None:
        return None
    if (done.frame_id, done.author_id) != (frame_id, user.id):
        raise Conflict("This operation id was already used for another comment.")
    return people.shown(session, [done])[0]


def change_comment(
    session: Session, user: User, comment_id: int, request: CommentPatch
) -> CommentOut:
    """Resolve a comment, open it again, or reword one's own.

    Raises:
        NotFound: there is no such comment.
        Conflict: the recording is approved and this is no maintainer, or the review to which it
            belongs was decided.
        Forbidden: not this person's to change.
    """
    row, recording = _held(session, comment_id)
    require_comment(session, user, recording)
    if request.body is not None and request.body != row.body:
        _require_own_and_undecided(session, user, row)
        row.body = request.body
    if request.resolved is not None and request.resolved != (row.resolved_at is not None):
        row.resolved_at = _now(session) if request.resolved else None
        row.resolved_by_id = user.id if request.resolved else None
    session.flush()
    _announce(session, row)
    return people.shown(session, [row])[0]


def delete_comment(session: Session, user: User, comment_id: int) -> None:
    """Take one's own comment back, as long as the review has not been decided.

    Raises:
        NotFound: there is no such comment.
        Conflict: the review to which it belongs was decided.
        Forbidden: somebody else wrote it.
    """
    row, _ = _held(session, comment_id)
    _require_own_and_undecided(session, user, row)
    if repository.answered_by_others(session, row):
        raise Conflict("Somebody answered this comment: resolve it instead.")
    session.delete(row)
    session.flush()
    _announce(session, row)


def _held(session: Session, comment_id: int) -> tuple[Comment, Recording]:
    row = repository.lock_comment(session, comment_id)
    return row, access.get_recording(session, row.recording_id, lock="share")


def _require_range(session: Session, first_id: int, last_id: int) -> None:
    """Refuse a range that does not lead forward in one camera."""
    first, last = access.frame_of(session, first_id), access.frame_of(session, last_id)
    if first.camera_id != last.camera_id or last.position <= first.position:
        raise InvalidInput("A range ends in a later frame of the same camera.")


def require_comment(session: Session, user: User, recording: Recording) -> None:
    """Let those who have the recording at hand say something.

    Raises:
        Conflict: the recording is approved, and this is no maintainer.
        Forbidden: the recording is not in this person's hands.
    """
    stage = Stage(recording.stage)
    here = access.situation(session, user, recording)
    if not policies.may_comment(here, stage):
        if stage is Stage.APPROVED:
            raise Conflict(
                "This recording is approved and read-only; only maintainers comment on it.",
                stage=recording.stage,
            )
        raise Forbidden(
            "Comments are written by the annotator or the inspector who has the recording now."
        )


def _require_own_and_undecided(session: Session, user: User, row: Comment) -> None:
    if not policies.may_change_comment(user, row):
        raise Forbidden("Only its author may change a comment.")
    if repository.decided_since(session, row):
        raise Conflict("The review has been decided; its comments stay as they were.")


def _now(session: Session) -> datetime:
    return session.execute(select(func.now())).scalar_one()


def _announce(session: Session, row: Comment) -> None:
    announce(session, "frame", {"id": row.frame_id, "recording_id": row.recording_id})
