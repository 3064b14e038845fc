"""Reading what inspectors compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Subquery, distinct, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    AuditEntry,
    Camera,
    Candidate,
    Frame,
    FrameLook,
    FrameMark,
    InspectionSample,
    JointMark,
    ReviewRound,
    User,
)
from backend.domain.reviews import JointMark as Word
from backend.domain.reviews import ReviewKind
from backend.domain.verdicts import FrameState
from backend.domain.vouching import MIN_LOOK_S
from backend.domain.workflow import Stage
from backend.labelling.reviews import repository as reviews

LISTED: Final = 2000
"""At most so many frames are listed of what changed between two rounds."""


def frames(session: Session, recording_id: int) -> Sequence[Any]:
    """By frame in working order: id, state, who wrote last, whether joints were inferred."""
    propagated = Annotation.propagated.is_not(None).label("propagated")
    return session.execute(
        select(Annotation.frame_id, Annotation.state, Annotation.updated_by_id, propagated)
        .join(Frame, Frame.id == Annotation.frame_id)
        .where(Annotation.recording_id == recording_id)
        .order_by(Frame.position)
    ).all()


def corrected(session: Session, recording_id: int) -> Sequence[Any]:
    """Frames whose joints differ from those of a model, with both: id, joints, the model's."""
    likeliest = (
        select(Candidate.skeleton)
        .where(
            Candidate.frame_id == Annotation.frame_id,
            Candidate.apart.is_(None),
            or_(~Candidate.retired, Candidate.id == Annotation.candidate_id),
        )
        .order_by((Candidate.id == Annotation.candidate_id).desc().nulls_last(), Candidate.rank)
        .limit(1)
        .correlate(Annotation)
        .scalar_subquery()
    )
    return session.execute(
        select(Annotation.frame_id, Annotation.keypoints, likeliest.label("model")).where(
            Annotation.recording_id == recording_id,
            Annotation.state == FrameState.CORRECTED.value,
            Annotation.keypoints.is_not(None),
        )
    ).all()


def wrong_joints(session: Session, recording_id: int, round_number: int) -> dict[int, int]:
    """How many joints were marked wrong in this round or the one before, by frame."""
    rows = session.execute(
        select(JointMark.frame_id, func.count(distinct(JointMark.joint)))
        .where(
            JointMark.recording_id == recording_id,
            JointMark.round >= round_number - 1,
            JointMark.mark == Word.WRONG.value,
        )
        .group_by(JointMark.frame_id)
    )
    return {row[0]: row[1] for row in rows}


def seen(session: Session, recording_id: int, round_number: int, user_id: int) -> set[int]:
    """Frames that a person looked at in a round."""
    return set(
        session.scalars(
            select(Frame.id).where(
                Frame.recording_id == recording_id, reviews.seen(user_id, round_number)
            )
        )
    )


def sampled(session: Session, recording_id: int, round_number: int) -> set[int]:
    """Frames of the random samples of a round."""
    rows = session.scalars(
        select(InspectionSample.frame_ids).where(
            InspectionSample.recording_id == recording_id,
            InspectionSample.round == round_number,
        )
    )
    return {frame_id for ids in rows for frame_id in ids}


def _state_after(recording_id: int, round_number: int, name: str) -> Subquery:
    """Each frame's last revision in a round or before; 0 for the last that a model made."""
    condition = (
        AnnotationRevision.author_id.is_(None)
        if round_number == 0
        else AnnotationRevision.round <= round_number
    )
    return (
        select(
            AnnotationRevision.frame_id,
            AnnotationRevision.version,
            AnnotationRevision.verdict,
            AnnotationRevision.reason,
            AnnotationRevision.keypoints,
        )
        .join(Frame, Frame.id == AnnotationRevision.frame_id)
        .where(Frame.recording_id == recording_id, condition)
        .ext(distinct_on(AnnotationRevision.frame_id))
        .order_by(AnnotationRevision.frame_id, AnnotationRevision.version.desc())
        .subquery(name)
    )


def changes(session: Session, recording_id: int, since: int, until: int) -> Sequence[Any]:
    """Frames that differ between the ends of two rounds, in working order.

    A frame that nobody had written to by then is undecided and has no joints.
    """
    before = _state_after(recording_id, since, "before")
    after = _state_after(recording_id, until, "after")
    undecided = func.coalesce(before.c.verdict, "undecided")
    decided = func.coalesce(after.c.verdict, "undecided")
    return session.execute(
        select(
            Frame.id,
            Frame.position,
            Camera.name.label("camera"),
            undecided.label("verdict_before"),
            decided.label("verdict_after"),
            before.c.reason.label("reason_before"),
            after.c.reason.label("reason_after"),
            before.c.keypoints.label("joints_before"),
            after.c.keypoints.label("joints_after"),
        )
        .join(Camera, Camera.id == Frame.camera_id)
        .outerjoin(before, before.c.frame_id == Frame.id)
        .outerjoin(after, after.c.frame_id == Frame.id)
        .where(
            Frame.recording_id == recording_id,
            or_(
                undecided != decided,
                before.c.reason.is_distinct_from(after.c.reason),
                before.c.keypoints.is_distinct_from(after.c.keypoints),
            ),
        )
        .order_by(Frame.position)
    ).all()


def written(
    session: Session, frame_ids: Sequence[int], since: int, until: int
) -> dict[int, tuple[list[int], datetime, int]]:
    """Who wrote to frames after one round and up to another, when last, and how often."""
    rows = session.execute(
        select(
            AnnotationRevision.frame_id,
            func.array_agg(distinct(AnnotationRevision.author_id)),
            func.max(AnnotationRevision.created_at),
            func.count(),
        )
        .where(
            AnnotationRevision.frame_id.in_(frame_ids),
            AnnotationRevision.author_id.is_not(None),
            AnnotationRevision.round > since,
            AnnotationRevision.round <= until,
        )
        .group_by(AnnotationRevision.frame_id)
    )
    return {row[0]: ([p for p in row[1] if p], row[2], row[3]) for row in rows}


def rounds(session: Session, recording_id: int) -> Sequence[Any]:
    """Passages through review, oldest first, with who submitted and who inspected."""
    submitter, inspector = aliased(User), aliased(User)
    return session.execute(
        select(
            ReviewRound,
            submitter.id.label("by_id"),
            submitter.name.label("by_name"),
            inspector.id.label("inspector_id"),
            inspector.name.label("inspector_name"),
        )
        .outerjoin(submitter, submitter.id == ReviewRound.submitted_by_id)
        .outerjoin(inspector, inspector.id == ReviewRound.inspector_id)
        .where(ReviewRound.recording_id == recording_id)
        .order_by(ReviewRound.id)
    ).all()


def begun(session: Session, recording_id: int) -> list[datetime]:
    """When the annotator got the recording, each time, oldest first."""
    to = AuditEntry.details["to"].astext
    stages = (Stage.ANNOTATING, Stage.RETURNED, Stage.BOXES_RETURNED, Stage.BOXED)
    return list(
        session.scalars(
            select(AuditEntry.created_at)
            .where(
                AuditEntry.subject == "recording",
                AuditEntry.subject_id == recording_id,
                AuditEntry.action == "stage_changed",
                to.in_([stage.value for stage in stages]),
            )
            .order_by(AuditEntry.id)
        )
    )


def writes_by_round(session: Session, recording_id: int) -> dict[int, tuple[int, int]]:
    """By round: how many frames people wrote to, and how often."""
    rows = session.execute(
        select(
            AnnotationRevision.round,
            func.count(distinct(AnnotationRevision.frame_id)),
            func.count(),
        )
        .join(Frame, Frame.id == AnnotationRevision.frame_id)
        .where(
            Frame.recording_id == recording_id,
            AnnotationRevision.author_id.is_not(None),
        )
        .group_by(AnnotationRevision.round)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def marks_by_round(session: Session, recording_id: int) -> dict[tuple[int, str, str], int]:
    """Frames by round, kind and mark; those a sample vouched for also under ``sample``."""
    rows = session.execute(
        select(
            FrameMark.round,
            FrameMark.kind,
            FrameMark.mark,
            func.count(),
            func.count(FrameMark.sample_id),
        )
        .where(FrameMark.recording_id == recording_id)
        .group_by(FrameMark.round, FrameMark.kind, FrameMark.mark)
    )
    found: dict[tuple[int, str, str], int] = {}
    for round_number, kind, mark, n, by_sample in rows:
        found[round_number, kind, mark] = n
        if by_sample:
            found[round_number, kind, "sample"] = by_sample
    return found


def wrong_by_round(session: Session, recording_id: int) -> dict[int, int]:
    """Joints that were marked wrong, by round."""
    rows = session.execute(
        select(JointMark.round, func.count())
        .where(
            JointMark.recording_id == recording_id,
            JointMark.mark == Word.WRONG.value,
            exists().where(
                FrameMark.frame_id == JointMark.frame_id,
                FrameMark.round == JointMark.round,
                FrameMark.kind == ReviewKind.KEYPOINTS.value,
            ),
        )
        .group_by(JointMark.round)
    )
    return {row[0]: row[1] for row in rows}


def looks_by_round(session: Session, recording_id: int) -> dict[int, tuple[int, float]]:
    """By round: how many frames inspectors looked at, and for how many seconds."""
    rows = session.execute(
        select(
            FrameLook.round,
            func.count(distinct(FrameLook.frame_id)).filter(FrameLook.seconds >= MIN_LOOK_S),
            func.sum(FrameLook.seconds),
        )
        .where(FrameLook.recording_id == recording_id)
        .group_by(FrameLook.round)
    )
    return {row[0]: (row[1], float(row[2])) for row in rows}


def glanced_by_round(session: Session, recording_id: int) -> dict[int, list[int]]:
    """By round: positions of the frames that were marked good without having been looked at."""
    found = reviews.glanced(recording_id).subquery()
    rows = session.execute(
        select(found.c.round, Frame.position)
        .join(Frame, Frame.id == found.c.frame_id)
        .order_by(found.c.round, Frame.position)
    )
    by_round: dict[int, list[int]] = {}
    for number, position in rows:
        by_round.setdefault(number, []).append(position)
    return by_round
