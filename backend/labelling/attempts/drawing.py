"""Which frames come to whom, drawn by chance and drawn the same again by whoever asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Attempt,
    GoldFrame,
    Recording,
    RecordingAnnotator,
    RecordingPart,
)
from backend.domain.attempts import GoldUse, Purpose
from backend.domain.verdicts import FrameState

_OUT_OF = 1 << 64


def _digest(seed: str, frame_id: Any) -> ColumnElement[Any]:
    """The hash by which ``domain.reliability.is_drawn`` draws, in SQL."""
    words = literal(f"{seed}:").concat(cast(frame_id, Text))
    return func.sha256(func.convert_to(words, "UTF8"))


def is_drawn(seed: str, share: float, frame_id: Any) -> ColumnElement[bool]:
    """``domain.reliability.is_drawn`` as a condition: bytes compare as the numbers they are."""
    bound = int(share * _OUT_OF)
    if bound >= _OUT_OF:
        return literal(True)
    first = func.substr(_digest(seed, frame_id), 1, 8)
    return first < bound.to_bytes(8)


def decided_since(session: Session, user_id: int, since: datetime) -> int:
    """How many frames a person wrote to since then."""
    count = select(func.count(AnnotationRevision.frame_id.distinct())).where(
        AnnotationRevision.author_id == user_id, AnnotationRevision.created_at >= since
    )
    return session.scalar(count) or 0


def given_since(session: Session, user_id: int, purpose: Purpose, since: datetime) -> int:
    """How many attempts of a kind a person was given since then."""
    count = select(func.count()).where(
        Attempt.user_id == user_id,
        Attempt.purpose == purpose.value,
        Attempt.created_at >= since,
    )
    return session.scalar(count) or 0


def _outsider(user_id: int, recording_id: Any) -> ColumnElement[bool]:
    """Who has no part in a recording: only they can answer without having seen it."""
    return and_(
        not_(
            exists().where(
                RecordingAnnotator.recording_id == recording_id,
                RecordingAnnotator.user_id == user_id,
            )
        ),
        not_(
            exists().where(
                RecordingPart.recording_id == recording_id, RecordingPart.user_id == user_id
            )
        ),
        not_(
            exists().where(
                Recording.id == recording_id,
                or_(Recording.annotator_id == user_id, Recording.inspector_id == user_id),
            )
        ),
    )


def gold_for_checks(session: Session, user_id: int, seed: str, count: int) -> list[tuple[int, int]]:
    """Gold frames that a person never had: (frame, recording), in an order of their own."""
    had = exists().where(
        Attempt.frame_id == GoldFrame.frame_id,
        Attempt.user_id == user_id,
        Attempt.purpose == Purpose.CHECK.value,
    )
    query = (
        select(GoldFrame.frame_id, GoldFrame.recording_id)
        .where(
            GoldFrame.use == GoldUse.CHECK.value,
            not_(had),
            _outsider(user_id, GoldFrame.recording_id),
        )
        .order_by(_digest(f"{seed}:{user_id}", GoldFrame.frame_id))
        .limit(count)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def seconds_for(
    session: Session, user_id: int, seed: str, share: float, since: datetime, count: int
) -> list[tuple[int, int]]:
    """Drawn frames that somebody else decided and nobody annotated twice: (frame, recording)."""
    taken = exists().where(
        Attempt.frame_id == Annotation.frame_id, Attempt.purpose == Purpose.SECOND.value
    )
    gold = exists().where(GoldFrame.frame_id == Annotation.frame_id)
    query = (
        select(Annotation.frame_id, Annotation.recording_id)
        .where(
            Annotation.updated_by_id.is_not(None),
            Annotation.updated_by_id != user_id,
            Annotation.state != FrameState.UNDECIDED.value,
            Annotation.updated_at >= since,
            not_(taken),
            not_(gold),
            _outsider(user_id, Annotation.recording_id),
            is_drawn(seed, share, Annotation.frame_id),
        )
        .order_by(_digest(seed, Annotation.frame_id))
        .limit(count)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def gold_for_training(session: Session, user_id: int, seed: str) -> tuple[int, int, int] | None:
    """The training frame that a person had least often: (frame, recording, how often)."""
    times = (
        select(func.count())
        .where(
            Attempt.frame_id == GoldFrame.frame_id,
            Attempt.user_id == user_id,
            Attempt.purpose == Purpose.TRAINING.value,
        )
        .correlate(GoldFrame)
        .scalar_subquery()
    )
    row = session.execute(
        select(GoldFrame.frame_id, GoldFrame.recording_id, times)
        .where(
            GoldFrame.use == GoldUse.TRAINING.value,
            _outsider(user_id, GoldFrame.recording_id),
        )
        .order_by(times, _digest(f"{seed}:{user_id}", GoldFrame.frame_id))
        .limit(1)
    ).one_or_none()
    return (row[0], row[1], row[2]) if row is not None else None
