"""Frames that were accepted in playback, looked at by themselves: which joints are wrong."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.database.tables import Annotation, AnnotationRevision, PlaybackCheck, User
from backend.domain.errors import Conflict, Forbidden
from backend.domain.keypoints import Skeleton
from backend.labelling.annotations.repository import lock_annotation
from backend.labelling.ranges.schemas import PlaybackCheckOut
from backend.recordings import access


def check(
    session: Session, user: User, frame_id: int, version: int, wrong: Sequence[int]
) -> PlaybackCheckOut:
    """Say which joints of a frame are wrong; said anew, the last word counts.

    Raises:
        NotFound: there is no such frame.
        Conflict: it was not accepted in playback, or has changed since it was read.
        Forbidden: by whoever accepted it, or by somebody who neither inspects nor maintains.
    """
    annotation = lock_annotation(session, frame_id)
    if annotation.playback_fps is None:
        raise Conflict("This frame was not accepted in playback: there is nothing to check in it.")
    if annotation.version != version:
        raise Conflict("This frame has changed since you looked at it.")
    if why := _why_not(session, user, annotation):
        raise Forbidden(why)
    skeleton = Skeleton.from_flat(annotation.keypoints or [])
    values = {
        "recording_id": annotation.recording_id,
        "joints": skeleton.num_keypoints,
        "wrong": sorted(set(wrong)),
        "checked_by_id": user.id,
    }
    session.execute(
        insert(PlaybackCheck)
        .values(frame_id=frame_id, annotation_version=version, **values)
        .on_conflict_do_update(index_elements=["frame_id", "annotation_version"], set_=values)
    )
    return shown(session, user, frame_id)


def shown(session: Session, user: User, frame_id: int) -> PlaybackCheckOut:
    """What was said of a frame as it is now, and whether this person may say it.

    Raises:
        NotFound: there is no such frame.
    """
    access.frame_of(session, frame_id)
    annotation = session.get_one(Annotation, frame_id)
    row = session.execute(
        select(PlaybackCheck, User.name)
        .join(User, User.id == PlaybackCheck.checked_by_id)
        .where(
            PlaybackCheck.frame_id == frame_id,
            PlaybackCheck.annotation_version == annotation.version,
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    return PlaybackCheckOut(
        version=annotation.version,
        fps=annotation.playback_fps,
        may_check=annotation.playback_fps is not None
        and _why_not(session, user, annotation) is None,
        wrong=list(row[0].wrong) if row else None,
        checked_by=row[1] if row else None,
    )


def _why_not(session: Session, user: User, annotation: Annotation) -> str | None:
    """Why a person may not vouch for a frame; None if they may."""
    if not (policies.is_inspector(user) or policies.is_maintainer(user)):
        return "Only an inspector or a maintainer may check the sample."
    accepted_by = session.scalar(
        select(AnnotationRevision.author_id).where(
            AnnotationRevision.frame_id == annotation.frame_id,
            AnnotationRevision.version == annotation.version,
        )
    )
    if accepted_by == user.id:
        return "You accepted this frame yourself: somebody else checks it."
    return None
