"""Threads with the names of everybody in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from backend.core.database.tables import Comment, CommentReply, User
from backend.core.jobs.schemas import Named
from backend.core.names import names_of
from backend.domain.errors import InvalidInput
from backend.domain.reviews import QuickReason
from backend.labelling.reviews.schemas import CommentOut, ReplyOut


def known(session: Session, ids: Collection[int] | None) -> list[int]:
    """People who are mentioned, each once.

    Raises:
        InvalidInput: one of them is not there, or not active.
    """
    wanted = sorted(set(ids or ()))
    if not wanted:
        return []
    there = set(session.scalars(select(User.id).where(User.id.in_(wanted), User.is_active)))
    if missing := [person for person in wanted if person not in there]:
        raise InvalidInput(f"There is no active person {missing[0]} to mention.")
    return wanted


def shown(session: Session, rows: Sequence[Comment]) -> list[CommentOut]:
    """Remarks with their answers, in the order of the rows."""
    if not rows:
        return []
    replies: dict[int, list[CommentReply]] = {row.id: [] for row in rows}
    for reply in session.scalars(
        select(CommentReply)
        .where(CommentReply.comment_id.in_(replies))
        .options(joinedload(CommentReply.author, innerjoin=True))
        .order_by(CommentReply.id)
    ):
        replies[reply.comment_id].append(reply)
    mentioned = [person for row in rows for person in row.mentions]
    mentioned += [
        person for some in replies.values() for reply in some for person in reply.mentions
    ]
    names = names_of(session, [*mentioned, *(row.resolved_by_id for row in rows)])
    return [_thread(row, replies[row.id], names) for row in rows]


def _thread(
    row: Comment, replies: Sequence[CommentReply], names: Mapping[int | None, Named]
) -> CommentOut:
    return CommentOut(
        id=row.id,
        frame_id=row.frame_id,
        joint=row.joint,
        until_frame_id=row.until_frame_id,
        reason=QuickReason(row.reason) if row.reason else None,
        mentions=_mentioned(row.mentions, names),
        replies=[
            ReplyOut(
                id=reply.id,
                body=reply.body,
                mentions=_mentioned(reply.mentions, names),
                author=Named(id=reply.author.id, name=reply.author.name),
                created_at=reply.created_at,
            )
            for reply in replies
        ],
        round=row.round,
        body=row.body,
        author=Named(id=row.author.id, name=row.author.name),
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        resolved_by=names.get(row.resolved_by_id),
    )


def _mentioned(ids: Sequence[int], names: Mapping[int | None, Named]) -> list[Named]:
    return [names[person] for person in ids if person in names]
