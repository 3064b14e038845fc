"""Rows from which suspicions are made, and those that hold them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, delete, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Camera,
    CameraUsual,
    Candidate,
    Frame,
    FrameBox,
    FrameSuspicion,
    Moment,
    Recording,
    SuspicionNote,
    User,
    Waiver,
)
from backend.domain.boxes import BoxStatus
from backend.domain.verdicts import FrameState, Verdict

MASKS_AT_ONCE = 500
"""Masks held in memory together; each has some kilobytes."""

LOCK_SPACE = 7265
"""With a recording's id, the advisory lock of whoever looks at it."""


def only_one(session: Session, recording_id: int) -> bool:
    """Whether nobody else looks at this recording now; holds until the transaction ends."""
    lock = func.pg_try_advisory_xact_lock((LOCK_SPACE << 40) + recording_id)
    return bool(session.scalar(select(lock)))


def notes(session: Session, recording_id: int) -> list[SuspicionNote]:
    """What was noted of a recording so far."""
    query = select(SuspicionNote).where(SuspicionNote.recording_id == recording_id)
    return list(session.scalars(query))


def forget_notes(session: Session, ids: Collection[int]) -> None:
    """These were looked at."""
    session.execute(delete(SuspicionNote).where(SuspicionNote.id.in_(ids)))


def moments_of_frames(session: Session, frame_ids: Collection[int]) -> list[tuple[int, int]]:
    """Camera and number of the moment of each of these frames."""
    rows = session.execute(
        select(Frame.camera_id, Moment.index)
        .join(Moment, Moment.id == Frame.moment_id)
        .where(Frame.id.in_(frame_ids))
    )
    return [(row[0], row[1]) for row in rows]


def moments_of(session: Session, recording_id: int) -> tuple[int, int]:
    """The first and the last moment's number; (0, -1) where there is none."""
    row = session.execute(
        select(func.min(Moment.index), func.max(Moment.index)).where(
            Moment.recording_id == recording_id
        )
    ).one()
    return (0, -1) if row[0] is None else (row[0], row[1])


def frames(
    session: Session, recording_id: int, low: int | None = None, high: int | None = None
) -> Sequence[Any]:
    """Frames with joints and what the model said of them, by camera and time.

    Args:
        session: A transaction.
        recording_id: The recording session.
        low: The first moment; None for all.
        high: The last moment.
    """
    query = (
        select(
            Frame.id,
            Frame.camera_id,
            Moment.index.label("moment"),
            Moment.time_s.label("moment_s"),
            Frame.time_s,
            Frame.width,
            Frame.height,
            Frame.sha256,
            Frame.dhash,
            Frame.sharpness,
            Frame.mean_luma,
            Annotation.version,
            Annotation.verdict,
            Annotation.keypoints,
            Candidate.keypoints.label("found"),
            Candidate.skeleton,
        )
        .join(Moment, Moment.id == Frame.moment_id)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .outerjoin(Candidate, Candidate.id == Annotation.candidate_id)
        .where(Frame.recording_id == recording_id)
        .order_by(Frame.camera_id, Frame.time_s, Frame.position)
    )
    if low is not None and high is not None:
        query = query.where(Moment.index.between(low, high))
    return session.execute(query).all()


def people(session: Session, frame_ids: Sequence[int], most: int) -> Sequence[Any]:
    """Everybody whom the latest run found in these frames: frame, rank, score, keypoints."""
    low, high = (min(frame_ids), max(frame_ids)) if frame_ids else (0, -1)
    return session.execute(
        select(Candidate.frame_id, Candidate.rank, Candidate.score, Candidate.keypoints)
        .where(
            Candidate.frame_id.between(low, high),
            ~Candidate.retired,
            Candidate.apart.is_(None),
            Candidate.rank < most,
        )
        .order_by(Candidate.frame_id, Candidate.rank)
    ).all()


def masks(session: Session, frame_ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Frames with the compressed runs of the infant's mask, some at a time.

    A mask that disagrees with its joints, or that an inspector sent back, says nothing of them.
    """
    for begin in range(0, len(frame_ids), MASKS_AT_ONCE):
        rows = session.execute(
            select(FrameBox.frame_id, FrameBox.mask_counts).where(
                FrameBox.frame_id.in_(frame_ids[begin : begin + MASKS_AT_ONCE]),
                FrameBox.mask_counts.is_not(None),
                ~FrameBox.flagged,
                FrameBox.status != BoxStatus.SENT_BACK.value,
            )
        )
        yield from ((row.frame_id, row.mask_counts) for row in rows.all())


def usuals(session: Session, recording_id: int) -> dict[int, dict[str, Any]]:
    """What is usual in each camera, as far as it was measured."""
    rows = session.execute(
        select(CameraUsual.camera_id, CameraUsual.usual)
        .join(Camera, Camera.id == CameraUsual.camera_id)
        .where(Camera.recording_id == recording_id)
    )
    return {row.camera_id: row.usual for row in rows}


def put_usuals(session: Session, found: Mapping[int, dict[str, Any]]) -> None:
    """Keep what is usual in each camera."""
    if not found:
        return
    new = insert(CameraUsual).values(
        [{"camera_id": camera, "usual": usual} for camera, usual in sorted(found.items())]
    )
    session.execute(
        new.on_conflict_do_update(index_elements=["camera_id"], set_={"usual": new.excluded.usual})
    )


_PUT = insert(FrameSuspicion)
_PUT_ALL = _PUT.on_conflict_do_update(
    index_elements=["frame_id"],
    set_={name: _PUT.excluded[name] for name in ("version", "score", "joints", "doubts")},
)


def put(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep suspicions, over what was said of the same frames before."""
    if rows:
        session.execute(_PUT_ALL, list(rows))


def suspicions(session: Session, recording_id: int, at_least: float) -> Sequence[Any]:
    """Frames of at least this score, with the joints that they have now."""
    return session.execute(
        select(
            FrameSuspicion.frame_id,
            FrameSuspicion.score,
            FrameSuspicion.joints,
            FrameSuspicion.doubts,
            Annotation.keypoints,
            (Annotation.version == FrameSuspicion.version).label("current"),
        )
        .join(Annotation, Annotation.frame_id == FrameSuspicion.frame_id)
        .where(
            FrameSuspicion.recording_id == recording_id,
            FrameSuspicion.score >= at_least,
            Annotation.verdict != Verdict.DISCARD.value,
        )
        .order_by(FrameSuspicion.score.desc(), FrameSuspicion.frame_id)
    ).all()


def waivers(session: Session, recording_id: int) -> Sequence[Any]:
    """The latest word on each joint of which there is one, with whose it is."""
    return session.execute(
        select(
            Waiver.frame_id,
            Waiver.joint,
            Waiver.doubt,
            Waiver.x,
            Waiver.y,
            Waiver.holds,
            Waiver.note,
            User.name,
        )
        .join(User, User.id == Waiver.author_id)
        .where(Waiver.recording_id == recording_id)
        .ext(distinct_on(Waiver.frame_id, Waiver.joint))
        .order_by(Waiver.frame_id, Waiver.joint, Waiver.id.desc())
    ).all()


def waiver_of(session: Session, operation_id: Any) -> Waiver | None:
    """The word that was written with this operation id, if it was."""
    return session.scalar(select(Waiver).where(Waiver.operation_id == operation_id))


def seconds_shown(session: Session, recording: Recording) -> Sequence[Any]:
    """Frames accepted as they were proposed, with the seconds for which they were looked at.

    Those of all writes in this round count together; null where no client measured any.
    """
    looked = AnnotationRevision.seconds_shown
    return session.execute(
        select(Annotation.frame_id, func.sum(looked).label("seconds"))
        .join(
            AnnotationRevision,
            and_(
                AnnotationRevision.frame_id == Annotation.frame_id,
                AnnotationRevision.round == recording.round,
                AnnotationRevision.author_id.is_not(None),
            ),
        )
        .where(
            Annotation.recording_id == recording.id,
            Annotation.state == FrameState.ACCEPTED.value,
        )
        .group_by(Annotation.frame_id)
        .having(func.count(looked) > 0)
    ).all()
