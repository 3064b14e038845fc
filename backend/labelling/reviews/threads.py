"""Answers in threads, and where people are mentioned."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, exists, func, literal, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from backend.core.database.tables import (
    Annotation,
    Comment,
    CommentReply,
    Frame,
    Recording,
    ReviewRound,
    User,
)
from backend.core.events import announce
from backend.domain.errors import Conflict
from backend.domain.reviews import ReviewDecision
from backend.labelling.reviews import people, repository, service
from backend.labelling.reviews.schemas import CommentOut, MentionOut, ReplyIn
from backend.recordings import access

LISTED: Final = 200


def reply(session: Session, user: User, comment_id: int, request: ReplyIn) -> CommentOut:
    """Answer a comment; the same answer sent again changes nothing.

    Raises:
        NotFound: there is no such comment.
        Conflict: the recording is approved and this is no maintainer, or the operation id belongs
            to another answer.
        Forbidden: the recording is not in this person's hands.
        InvalidInput: somebody is mentioned who is not there.
    """
    row = repository.lock_comment(session, comment_id)
    recording = access.get_recording(session, row.recording_id, lock="share")
    if not _done_before(session, user, row, request):
        service.require_comment(session, user, recording)
        answer = CommentReply(
            comment_id=row.id,
            body=request.body,
            mentions=people.known(session, request.mentions),
            operation_id=request.operation_id,
            author=user,
        )
        try:
            with session.begin_nested():
                session.add(answer)
                session.flush()
        except IntegrityError:
            raise Conflict("This operation id was already used for another answer.") from None
        announce(session, "frame", {"id": row.frame_id, "recording_id": row.recording_id})
    return people.shown(session, [row])[0]


def _done_before(session: Session, user: User, row: Comment, request: ReplyIn) -> bool:
    """Whether the same answer was sent before; the comment is held, so nobody writes meanwhile."""
    if request.operation_id is None:
        return False
    done = session.scalar(
        select(CommentReply).where(CommentReply.operation_id == request.operation_id)
    )
    if done is None:
        return False
    if (done.comment_id, done.author_id) != (row.id, user.id):
        raise Conflict("This operation id was already used for another answer.")
    return True


def mentions_of(session: Session, user: User) -> list[MentionOut]:
    """Open threads in which a person is mentioned, newest first.

    Once the frame, or all of its recording, was approved after the thread began, nothing waits for
    them any more: the thread stays open where it stands, and is no work.
    """
    me = literal(user.id, BigInteger)
    answered = exists().where(
        CommentReply.comment_id == Comment.id, me == func.any(CommentReply.mentions)
    )
    approved_since = exists().where(
        ReviewRound.recording_id == Comment.recording_id,
        ReviewRound.decision == ReviewDecision.APPROVED.value,
        ReviewRound.decided_at >= Comment.created_at,
    )
    rows = session.execute(
        select(Comment, Recording.name, Frame.position)
        .join(Recording, Recording.id == Comment.recording_id)
        .join(Frame, Frame.id == Comment.frame_id)
        .join(Annotation, Annotation.frame_id == Comment.frame_id)
        .where(
            Comment.resolved_at.is_(None),
            or_(me == func.any(Comment.mentions), answered),
            func.coalesce(Annotation.approved_round < Comment.round, True),
            ~approved_since,
        )
        .options(joinedload(Comment.author, innerjoin=True))
        .order_by(Comment.id.desc())
        .limit(LISTED)
    ).all()
    threads = people.shown(session, [row[0] for row in rows])
    return [
        MentionOut(
            comment=thread,
            recording_id=row[0].recording_id,
            recording_name=row[1],
            position=row[2],
        )
        for thread, row in zip(threads, rows, strict=True)
    ]
