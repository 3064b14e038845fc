"""Pairs of answers: what was handed in, with what it was compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import any_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    Adjudication,
    Annotation,
    AnnotationRevision,
    Attempt,
    Frame,
    Recording,
    TrainingPass,
    User,
)
from backend.domain.attempts import Purpose
from backend.domain.pairs import Pair
from backend.domain.skeleton import N_JOINTS
from backend.domain.workflow import Role
from backend.labelling.attempts import adjudicating

_COMPARED_WITH = (AnnotationRevision.frame_id == Attempt.frame_id) & (
    AnnotationRevision.version == Attempt.known_version
)
"""The revision with which an attempt was compared."""

First = aliased(User, name="first")
Second = aliased(User, name="second")


@dataclass(frozen=True, slots=True)
class Compared:
    """A pair of answers with whose they are; the first is nobody's where it is a known answer."""

    first: tuple[int, str] | None
    second: tuple[int, str]
    recording: tuple[int, str]
    pair: Pair


def compared(
    session: Session, purpose: Purpose, since: datetime, until: datetime, person_id: int | None
) -> Iterator[Compared]:
    """Answers that were handed in within a span of time; of one person, or of all."""
    query = (
        select(
            AnnotationRevision.author_id.label("first_id"),
            First.name.label("first"),
            Attempt.user_id.label("second_id"),
            Second.name.label("second"),
            Recording.id.label("recording_id"),
            Recording.name.label("recording"),
            Attempt.verdict_agrees,
            Attempt.oks,
            Attempt.px,
            AnnotationRevision.keypoints.label("one"),
            Attempt.keypoints.label("other"),
        )
        .join(AnnotationRevision, _COMPARED_WITH)
        .join(Recording, Recording.id == Attempt.recording_id)
        .join(Second, Second.id == Attempt.user_id)
        .outerjoin(First, First.id == AnnotationRevision.author_id)
        .where(
            Attempt.purpose == purpose.value,
            Attempt.closed_at >= since,
            Attempt.closed_at < until,
        )
    )
    if person_id is not None:
        theirs = Attempt.user_id == person_id
        if purpose is Purpose.SECOND:
            theirs = or_(theirs, AnnotationRevision.author_id == person_id)
        query = query.where(theirs)
    people = purpose is Purpose.SECOND
    for row in session.execute(query):
        visibility = _visibility(row.one, row.other, row.px)
        yield Compared(
            first=(row.first_id, row.first) if people and row.first_id is not None else None,
            second=(row.second_id, row.second),
            recording=(row.recording_id, row.recording),
            pair=Pair(bool(row.verdict_agrees), row.oks, _px(row.px), visibility),
        )


def _px(px: Any) -> Any:
    if not px:
        return np.full(N_JOINTS, np.nan)
    return np.array([np.nan if value is None else value for value in px])


def _visibility(one: Any, other: Any, px: Any) -> Any:
    if not px or one is None or other is None:
        return np.full((2, N_JOINTS), np.nan)
    return np.array([one[2::3], other[2::3]], dtype=np.float64)


def pairs(*, only_open: bool) -> Any:
    """Second answers that were handed in, with the first; those that agree least first.

    Args:
        only_open: Those alone between which somebody can still decide.
    """
    decided = exists().where(Adjudication.attempt_id == Attempt.id)
    query = (
        select(Attempt, AnnotationRevision, First, Second, Recording, Frame, Annotation, decided)
        .join(AnnotationRevision, _COMPARED_WITH)
        .join(Recording, Recording.id == Attempt.recording_id)
        .join(Frame, Frame.id == Attempt.frame_id)
        .join(Annotation, Annotation.frame_id == Attempt.frame_id)
        .join(Second, Second.id == Attempt.user_id)
        .join(First, First.id == AnnotationRevision.author_id)
        .where(Attempt.purpose == Purpose.SECOND.value, Attempt.closed_at.is_not(None))
        .order_by(
            Attempt.verdict_agrees, func.coalesce(Attempt.oks, 1.0), Attempt.closed_at, Attempt.id
        )
    )
    return query.where(~decided, adjudicating.is_open()) if only_open else query


def open_pairs(session: Session) -> int:
    """Between how many pairs somebody has still to decide."""
    query = pairs(only_open=True).order_by(None).with_only_columns(func.count())
    return int(session.scalar(query) or 0)


def work_by_person(session: Session) -> dict[int, Any]:
    """What everybody was given beside their training: checks, seconds, what is open."""
    check = Attempt.purpose == Purpose.CHECK.value
    done = Attempt.closed_at.is_not(None)
    rows = session.execute(
        select(
            Attempt.user_id,
            func.count().filter(check, done).label("checks"),
            func.avg(Attempt.oks).filter(check).label("check_oks"),
            func.count().filter(Attempt.purpose == Purpose.SECOND.value, done).label("seconds"),
            func.count().filter(Attempt.purpose != Purpose.TRAINING.value, ~done).label("open"),
        ).group_by(Attempt.user_id)
    )
    return {row.user_id: row for row in rows}


def annotators(session: Session) -> Sequence[User]:
    """Everybody who annotates, by name."""
    return session.scalars(
        select(User)
        .where(User.is_active, literal(Role.ANNOTATOR.value) == any_(User.roles))
        .order_by(func.lower(User.name), User.id)
    ).all()


def passes(session: Session) -> dict[int, tuple[TrainingPass, User | None]]:
    """By person: that they passed the training, and the maintainer who said so, if one did."""
    rows = session.execute(
        select(TrainingPass, User).outerjoin(User, User.id == TrainingPass.by_id)
    )
    return {row[0].user_id: (row[0], row[1]) for row in rows}


def adjudication_of(session: Session, attempt_id: int) -> tuple[Adjudication, User] | None:
    """What became of a pair, and who decided it."""
    found = session.execute(
        select(Adjudication, User)
        .join(User, User.id == Adjudication.adjudicator_id)
        .where(Adjudication.attempt_id == attempt_id)
    ).one_or_none()
    return (found[0], found[1]) if found is not None else None
