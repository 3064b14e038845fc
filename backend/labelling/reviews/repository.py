"""Marks and comments, and what they say about a recording as a whole."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased, joinedload

from backend.core.database.tables import (
    Annotation,
    Comment,
    CommentReply,
    Frame,
    FrameBox,
    FrameLook,
    FrameMark,
    JointMark,
    ReviewRound,
)
from backend.domain.boxes import BoxStatus
from backend.domain.errors import NotFound
from backend.domain.reviews import JointMark as Word
from backend.domain.reviews import Mark, ReviewKind, mark_of_status
from backend.domain.vouching import MIN_LOOK_S
from backend.labelling.conditions import KEPT
from backend.labelling.reviews.approving import unmarked
from backend.labelling.reviews.revising import to_revise


def put_mark(
    session: Session,
    *,
    recording_id: int,
    frame_id: int,
    kind: ReviewKind,
    round_number: int,
    mark: Mark | None,
    inspector_id: int,
) -> None:
    """Set or take away the mark of a frame in a round; the last one counts.

    A frame that is not to be revised has no wrong joints.
    """
    if mark is not Mark.REVISE and kind is ReviewKind.KEYPOINTS:
        session.execute(
            delete(JointMark).where(
                JointMark.frame_id == frame_id,
                JointMark.round == round_number,
                JointMark.mark == Word.WRONG.value,
            )
        )
    if mark is None:
        clear_mark(session, frame_id, kind, round_number)
        return
    row = insert(FrameMark).values(
        recording_id=recording_id,
        frame_id=frame_id,
        kind=kind.value,
        round=round_number,
        mark=mark.value,
        inspector_id=inspector_id,
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["frame_id", "kind", "round"],
            set_={
                "mark": row.excluded.mark,
                "inspector_id": row.excluded.inspector_id,
                "sample_id": None,
            },
        )
    )


def clear_mark(session: Session, frame_id: int, kind: ReviewKind, round_number: int) -> None:
    """Take away the mark of a frame in a round."""
    session.execute(
        delete(FrameMark).where(
            FrameMark.frame_id == frame_id,
            FrameMark.kind == kind.value,
            FrameMark.round == round_number,
        )
    )


def mark_unmarked(
    session: Session,
    *,
    recording_id: int,
    round_number: int,
    inspector_id: int,
    which: ColumnElement[bool],
    sample_id: int | None = None,
) -> int:
    """Mark frames good whose joints have no mark in a round yet; returns how many.

    Args:
        session: The transaction.
        recording_id: The recording session.
        round_number: Its round.
        inspector_id: Who vouches for them.
        which: Which of its frames: a condition on ``Frame``.
        sample_id: The random sample by which they are vouched for.
    """
    frames = select(
        Frame.recording_id,
        Frame.id,
        literal(ReviewKind.KEYPOINTS.value),
        literal(round_number),
        literal(Mark.GOOD.value),
        literal(inspector_id),
        cast(literal(sample_id), BigInteger),
    ).where(Frame.recording_id == recording_id, which)
    columns = ["recording_id", "frame_id", "kind", "round", "mark", "inspector_id", "sample_id"]
    marked = session.scalars(
        insert(FrameMark)
        .from_select(columns, frames)
        .on_conflict_do_nothing(index_elements=["frame_id", "kind", "round"])
        .returning(FrameMark.id)
    ).all()
    return len(marked)


def seen(inspector_id: int, round_number: int) -> ColumnElement[bool]:
    """A person had the frame before them in a round, long enough to tell what is in it."""
    return exists().where(
        FrameLook.frame_id == Frame.id,
        FrameLook.round == round_number,
        FrameLook.user_id == inspector_id,
        FrameLook.seconds >= MIN_LOOK_S,
    )


def glanced(recording_id: int) -> Select[int, int]:
    """Frames that an inspector marked good one by one without a look at them, with the round.

    A key pressed is no look: such a frame was before them for too short a time to tell what is
    in it. Where nothing is known of how long they looked in a round, nothing is said.
    """
    of_mark = (
        FrameLook.recording_id == FrameMark.recording_id,
        FrameLook.round == FrameMark.round,
        FrameLook.user_id == FrameMark.inspector_id,
    )
    looked_at_all = exists().where(*of_mark)
    looked_here = exists().where(
        *of_mark, FrameLook.frame_id == FrameMark.frame_id, FrameLook.seconds >= MIN_LOOK_S
    )
    return select(FrameMark.frame_id, FrameMark.round).where(
        FrameMark.recording_id == recording_id,
        FrameMark.kind == ReviewKind.KEYPOINTS.value,
        FrameMark.mark == Mark.GOOD.value,
        FrameMark.sample_id.is_(None),
        looked_at_all,
        ~looked_here,
    )


def glanced_frames(session: Session, recording_id: int, round_number: int) -> list[int]:
    """Those of a round, in working order."""
    found = glanced(recording_id).where(FrameMark.round == round_number).subquery()
    return list(
        session.scalars(
            select(Frame.id).join(found, found.c.frame_id == Frame.id).order_by(Frame.position)
        )
    )


def unmarked_count(session: Session, recording_id: int, round_number: int) -> int:
    """Frames that nobody vouches for and that have no mark in a round yet."""
    waiting = unmarked(recording_id, round_number).order_by(None).subquery()
    return session.scalars(select(func.count()).select_from(waiting)).one()


def mark_of(session: Session, frame_id: int, kind: ReviewKind, round_number: int) -> Mark | None:
    """The mark of a frame in a round; in box review what was said of its box, if it has one."""
    if kind is ReviewKind.BOXES:
        box = session.execute(
            select(FrameBox.status, FrameBox.judged_round)
            .join(Annotation, Annotation.frame_id == FrameBox.frame_id)
            .where(FrameBox.frame_id == frame_id, KEPT)
        ).one_or_none()
        if box is not None:
            judged = box.judged_round == round_number
            return mark_of_status(BoxStatus(box.status)) if judged else None
    value = session.scalar(
        select(FrameMark.mark).where(
            FrameMark.frame_id == frame_id,
            FrameMark.kind == kind.value,
            FrameMark.round == round_number,
        )
    )
    return Mark(value) if value else None


def revise_marks_count(
    session: Session, recording_id: int, round_number: int, kind: ReviewKind
) -> int:
    """Frames that the inspector marked for revision in a round."""
    return session.execute(
        select(func.count()).where(
            FrameMark.recording_id == recording_id,
            FrameMark.kind == kind.value,
            FrameMark.round == round_number,
            FrameMark.mark == Mark.REVISE.value,
        )
    ).scalar_one()


def open_comments_count(session: Session, recording_id: int) -> int:
    """Comments that nobody has resolved yet."""
    return session.execute(
        select(func.count()).where(
            Comment.recording_id == recording_id, Comment.resolved_at.is_(None)
        )
    ).scalar_one()


def unaddressed_frames(session: Session, recording_id: int) -> list[int]:
    """Frames sent back in the last round that nobody has touched in this one, in working order."""
    waiting = to_revise(lambda table: table.recording_id == recording_id)
    return list(
        session.scalars(
            select(Frame.id).join(waiting, waiting.c.frame_id == Frame.id).order_by(Frame.position)
        )
    )


def is_returned(session: Session, frame_id: int) -> bool:
    """Whether a frame was sent back in the last round and not touched in this one."""
    waiting = to_revise(lambda table: table.frame_id == frame_id)
    return session.scalar(select(waiting.c.frame_id)) is not None


def comments_of_frame(session: Session, frame_id: int) -> Sequence[Comment]:
    """All comments on a frame, on its joints, or on a range that holds it; oldest first."""
    here, first, last = aliased(Frame), aliased(Frame), aliased(Frame)
    over_it = (
        select(Comment.id)
        .join(first, first.id == Comment.frame_id)
        .join(last, last.id == Comment.until_frame_id)
        .join(here, here.camera_id == first.camera_id)
        .where(here.id == frame_id, here.position.between(first.position, last.position))
        .where(Comment.recording_id == here.recording_id)
    )
    return _comments(session, (Comment.frame_id == frame_id) | Comment.id.in_(over_it))


def comments_of_recording(session: Session, recording_id: int) -> Sequence[Comment]:
    """All comments in a recording, oldest first."""
    return _comments(session, Comment.recording_id == recording_id)


def _comments(session: Session, condition: ColumnElement[bool]) -> Sequence[Comment]:
    return session.scalars(
        select(Comment)
        .where(condition)
        .options(joinedload(Comment.author))
        .order_by(Comment.id)
        .execution_options(populate_existing=True)
    ).all()


def lock_comment(session: Session, comment_id: int) -> Comment:
    """A comment with its author, held for this transaction.

    Raises:
        NotFound: there is none.
    """
    comment = session.scalar(
        select(Comment)
        .where(Comment.id == comment_id)
        .options(joinedload(Comment.author, innerjoin=True))
        .with_for_update(of=Comment)
        .execution_options(populate_existing=True)
    )
    if comment is None:
        raise NotFound(f"There is no comment {comment_id}.")
    return comment


def comment_of_operation(session: Session, operation_id: uuid.UUID) -> Comment | None:
    """The comment that a write with this id made, if it was made."""
    return session.scalar(
        select(Comment)
        .where(Comment.operation_id == operation_id)
        .options(joinedload(Comment.author, innerjoin=True))
    )


def answered_by_others(session: Session, comment: Comment) -> bool:
    """Whether somebody else wrote in a comment's thread."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    CommentReply.comment_id == comment.id,
                    CommentReply.author_id != comment.author_id,
                )
            )
        )
    )


def decided_since(session: Session, comment: Comment) -> bool:
    """Whether a review was decided after a comment was written."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    ReviewRound.recording_id == comment.recording_id,
                    ReviewRound.decided_at >= comment.created_at,
                )
            )
        )
    )
