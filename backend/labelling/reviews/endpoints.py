"""Comments on frames and joints."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.labelling.reviews import service, threads
from backend.labelling.reviews.schemas import (
    CommentIn,
    CommentOut,
    CommentPatch,
    MentionOut,
    ReplyIn,
)

router = Router(tags=["reviews"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recordings/{recording_id}/comments")
def list_comments(recording_id: Id, user: CurrentUser, session: SessionDep) -> list[CommentOut]:
    """All comments in a recording, oldest first."""
    return service.comments_of_recording(session, recording_id)


@router.post("/frames/{frame_id}/comments", status_code=201)
def create_comment(
    frame_id: Id, body: CommentIn, user: CurrentUser, session: SessionDep
) -> CommentOut:
    """Comment on a frame, or on one of its joints."""
    return service.comment(session, user, frame_id, body)


@router.get("/comments/mentions")
def list_mentions(user: CurrentUser, session: SessionDep) -> list[MentionOut]:
    """Open threads in which one is mentioned, newest first."""
    return threads.mentions_of(session, user)


@router.post("/comments/{comment_id}/replies", status_code=201)
def reply_to_comment(
    comment_id: Id, body: ReplyIn, user: CurrentUser, session: SessionDep
) -> CommentOut:
    """Answer a comment; the answer is the whole thread."""
    return threads.reply(session, user, comment_id, body)


@router.patch("/comments/{comment_id}")
def change_comment(
    comment_id: Id, body: CommentPatch, user: CurrentUser, session: SessionDep
) -> CommentOut:
    """Resolve a comment, open it again, or reword one's own."""
    return service.change_comment(session, user, comment_id, body)


@router.delete("/comments/{comment_id}", status_code=204)
def delete_comment(comment_id: Id, user: CurrentUser, session: SessionDep) -> None:
    """Take one's own comment back before the review is decided."""
    service.delete_comment(session, user, comment_id)
