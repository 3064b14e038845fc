"""Reading and locking rules, gold frames and attempts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Attempt,
    Frame,
    GoldFrame,
    QualityRule,
    Recording,
    TrainingPass,
)
from backend.domain.attempts import GoldUse, Purpose, QualityRules, share_of
from backend.domain.document import Document
from backend.domain.errors import NotFound
from backend.domain.verdicts import FrameState, Verdict
from backend.domain.workflow import Stage
from backend.labelling.annotations import repository as joints

APPROVED = (
    Stage.KEYPOINTS_APPROVED, Stage.BOXING, Stage.BOXED, Stage.INSPECTING_BOXES,
    Stage.BOXES_RETURNED, Stage.APPROVED,
)  # fmt: skip
"""Stages in which the joints of a recording are approved."""


def rule_row(session: Session, *, lock: bool = False) -> QualityRule:
    """The one row of rules."""
    return session.get_one(QualityRule, 1, with_for_update=lock, populate_existing=lock)


def rules_of(row: QualityRule) -> QualityRules:
    """The rules as the domain knows them."""
    return QualityRules(
        gold_share=row.gold_share,
        double_share=row.double_share,
        seed=row.seed,
        training_required=row.training_required,
        training_frames=row.training_frames,
        training_min_oks=row.training_min_oks,
        training_min_visibility=row.training_min_visibility,
    )


def approved() -> ColumnElement[bool]:
    """A decided frame whose joints are approved: of ``Annotation`` and its ``Recording``."""
    return and_(
        Annotation.state != FrameState.UNDECIDED.value,
        or_(
            Recording.stage.in_([stage.value for stage in APPROVED]),
            Annotation.approved_round.is_not(None),
        ),
    )


def approved_frames(
    session: Session, recording_id: int, among: Collection[int] | None = None
) -> list[tuple[int, int]]:
    """Approved frames of a recording that are no gold frames yet: (frame, version)."""
    query = (
        select(Annotation.frame_id, Annotation.version)
        .join(Recording, Recording.id == Annotation.recording_id)
        .where(
            Annotation.recording_id == recording_id,
            approved(),
            Annotation.frame_id.not_in(select(GoldFrame.frame_id)),
        )
        .order_by(Annotation.frame_id)
    )
    if among is not None:
        query = query.where(Annotation.frame_id.in_(among))
    return [(row[0], row[1]) for row in session.execute(query)]


def gold_by_recording(session: Session) -> Sequence[Any]:
    """Recordings with gold frames or approved ones that could become gold, by name.

    Each with how many there are of either use, were changed since, and could become gold.
    """
    usable = and_(GoldFrame.frame_id.is_(None), approved())
    return session.execute(
        select(
            Recording.id,
            Recording.name,
            func.count().filter(GoldFrame.use == GoldUse.CHECK.value).label("check"),
            func.count().filter(GoldFrame.use == GoldUse.TRAINING.value).label("training"),
            func.count().filter(Annotation.version != GoldFrame.version).label("changed"),
            func.count().filter(usable).label("available"),
        )
        .join(Annotation, Annotation.recording_id == Recording.id)
        .outerjoin(GoldFrame, GoldFrame.frame_id == Annotation.frame_id)
        .group_by(Recording.id, Recording.name)
        .having(func.count().filter(usable) + func.count(GoldFrame.frame_id) > 0)
        .order_by(func.lower(Recording.name), Recording.id)
    ).all()


def open_attempts(
    session: Session, user_id: int, purposes: Collection[Purpose]
) -> Sequence[Attempt]:
    """What a person has not handed in yet, in the order in which they were given it."""
    return session.scalars(
        select(Attempt)
        .where(
            Attempt.user_id == user_id,
            Attempt.closed_at.is_(None),
            Attempt.purpose.in_([purpose.value for purpose in purposes]),
        )
        .order_by(Attempt.id)
    ).all()


def own_attempt(
    session: Session, user_id: int, attempt_id: int, *, lock: bool = False
) -> tuple[Attempt, Frame]:
    """A person's attempt with its frame; locked where it is to be changed.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    query = (
        select(Attempt, Frame)
        .join(Frame, Frame.id == Attempt.frame_id)
        .where(Attempt.id == attempt_id, Attempt.user_id == user_id)
    )
    if lock:
        query = query.with_for_update(of=Attempt).execution_options(populate_existing=True)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no single frame {attempt_id} of yours.")
    return found[0], found[1]


def prelabel_of(session: Session, frame_id: int) -> tuple[int | None, list[float] | None]:
    """Whom a model proposed before anybody wrote to a frame: candidate and joints."""
    first = (
        select(func.min(AnnotationRevision.version))
        .where(AnnotationRevision.frame_id == frame_id, AnnotationRevision.author_id.is_not(None))
        .scalar_subquery()
    )
    row = session.execute(
        select(AnnotationRevision.candidate_id, AnnotationRevision.keypoints)
        .where(
            AnnotationRevision.frame_id == frame_id,
            AnnotationRevision.author_id.is_(None),
            or_(first.is_(None), AnnotationRevision.version < first),
        )
        .order_by(AnnotationRevision.version.desc())
        .limit(1)
    ).one_or_none()
    return (row.candidate_id, row.keypoints) if row is not None else (None, None)


def document_at(session: Session, frame_id: int, version: int) -> Document | None:
    """Joints and verdict of a frame at a version."""
    revision = joints.revision_at(session, frame_id, version)
    return joints.to_document(revision) if revision is not None else None


def training_scores(session: Session, user_id: int) -> list[tuple[float | None, float | None]]:
    """OKS and share of visibility of each training frame that was handed in, the latest last."""
    rows = session.execute(
        select(Attempt.oks, Attempt.same_visibility)
        .where(
            Attempt.user_id == user_id,
            Attempt.purpose == Purpose.TRAINING.value,
            Attempt.closed_at.is_not(None),
            Attempt.verdict_agrees.is_not(None),
        )
        .order_by(Attempt.closed_at, Attempt.id)
    )
    return [(oks, share_of(same or ())) for oks, same in rows]


def has_passed(session: Session, user_id: int) -> bool:
    """Whether a person reached the standard of the training at some time."""
    return session.get(TrainingPass, user_id) is not None


def known_version(session: Session, attempt: Attempt) -> int | None:
    """Which version of the annotation an attempt is compared with; None where there is none.

    Of a gold frame the one that was marked; else the last one that a person made.
    """
    if attempt.purpose != Purpose.SECOND.value:
        return session.scalar(
            select(GoldFrame.version).where(GoldFrame.frame_id == attempt.frame_id)
        )
    return session.scalar(
        select(func.max(AnnotationRevision.version)).where(
            AnnotationRevision.frame_id == attempt.frame_id,
            AnnotationRevision.author_id.is_not(None),
            AnnotationRevision.author_id != attempt.user_id,
            AnnotationRevision.verdict != Verdict.UNDECIDED.value,
        )
    )
