"""Pairs of answers: what was handed in, with what it was compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    Adjudication,
    AnnotationRevision,
    Attempt,
    Frame,
    Recording,
    User,
)
from backend.domain.attempts import Purpose
from backend.domain.pairs import Pair
from backend.domain.skeleton import N_JOINTS

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
            AnnotationRevision.author_id,
            First.name,
            Attempt.user_id,
            Second.name,
            Recording.id,
            Recording.name,
            Attempt.verdict_agrees,
            Attempt.oks,
            Attempt.px,
            AnnotationRevision.keypoints,
            Attempt.keypoints,
        )
        .join(
            AnnotationRevision,
            (AnnotationRevision.frame_id == Attempt.frame_id)
            & (AnnotationRevision.version == Attempt.known_version),
        )
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
    for (
        first,
        first_name,
        second,
        name,
        key,
        title,
        same,
        oks,
        px,
        one,
        other,
    ) in session.execute(query):
        yield Compared(
            first=(first, first_name) if people and first is not None else None,
            second=(second, name),
            recording=(key, title),
            pair=Pair(bool(same), oks, _px(px), _visibility(one, other, px)),
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
    """Second answers that were handed in, with the first; those that agree least first."""
    decided = exists().where(Adjudication.attempt_id == Attempt.id)
    query = (
        select(Attempt, AnnotationRevision, First, Second, Recording, Frame, decided)
        .join(
            AnnotationRevision,
            (AnnotationRevision.frame_id == Attempt.frame_id)
            & (AnnotationRevision.version == Attempt.known_version),
        )
        .join(Recording, Recording.id == Attempt.recording_id)
        .join(Frame, Frame.id == Attempt.frame_id)
        .join(Second, Second.id == Attempt.user_id)
        .join(First, First.id == AnnotationRevision.author_id)
        .where(Attempt.purpose == Purpose.SECOND.value, Attempt.closed_at.is_not(None))
        .order_by(
            Attempt.verdict_agrees, func.coalesce(Attempt.oks, 1.0), Attempt.closed_at, Attempt.id
        )
    )
    return query.where(~decided) if only_open else query


def open_pairs(session: Session) -> int:
    """How many pairs nobody decided yet."""
    query = pairs(only_open=True).order_by(None).with_only_columns(func.count())
    return int(session.scalar(query) or 0)


def adjudication_of(session: Session, attempt_id: int) -> tuple[Adjudication, User] | None:
    """What became of a pair, and who decided it."""
    found = session.execute(
        select(Adjudication, User)
        .join(User, User.id == Adjudication.adjudicator_id)
        .where(Adjudication.attempt_id == attempt_id)
    ).one_or_none()
    return (found[0], found[1]) if found is not None else None
