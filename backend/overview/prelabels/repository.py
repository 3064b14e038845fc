"""Proposals of models, and what people made of them: some frames of each recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Integer, and_, cast, func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Candidate, Frame, Recording
from backend.domain.verdicts import Verdict
from backend.domain.workflow import Stage

FRAMES_EACH: Final = 120
"""Of a recording, evenly over it: a mean over so many is within a few hundredths."""
KNOWN_AT_MOST: Final = 60
WAITING_AT_MOST: Final = 200

KNOWN_STAGES: Final = (
    Stage.KEYPOINTS_APPROVED, Stage.BOXING, Stage.BOXED, Stage.INSPECTING_BOXES,
    Stage.BOXES_RETURNED, Stage.APPROVED,
)  # fmt: skip
WAITING_STAGES: Final = (Stage.PRELABELLED, Stage.ANNOTATING)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A frame with the person that a model proposed in it, if it found one.

    Attributes:
        proposal: 17 × (x, y, v), or None.
        kept: 17 × (x, y, v) that people kept, or None.
    """

    recording_id: int
    model: str | None
    simulated: bool
    score: float
    proposal: Sequence[float] | None
    kept: Sequence[float] | None


def latest(session: Session, stages: Sequence[Stage], most: int) -> list[Any]:
    """Id, name and stage of the newest recordings in some stages."""
    query = (
        select(Recording.id, Recording.name, Recording.stage)
        .where(Recording.stage.in_([stage.value for stage in stages]))
        .order_by(Recording.id.desc())
        .limit(most)
    )
    return list(session.execute(query))


def proposals(session: Session, recording_ids: Sequence[int], *, known: bool) -> Iterator[Proposed]:
    """Some frames of each recording; with ``known`` those that people kept, with their joints."""
    last = func.max(Frame.position).over(partition_by=Frame.recording_id)
    frames = (
        select(Frame.id, Frame.recording_id, Frame.position, last.label("last"))
        .join(Annotation, Annotation.frame_id == Frame.id)
        .where(Frame.recording_id.in_(recording_ids))
    )
    if known:
        frames = frames.where(Annotation.verdict == Verdict.KEEP.value)
    some = frames.subquery()
    step = func.greatest(1, cast((some.c.last + 1) / FRAMES_EACH, Integer))
    query = (
        select(
            some.c.recording_id,
            Candidate.model,
            Candidate.simulated,
            Candidate.score,
            Candidate.skeleton,
            Annotation.keypoints,
        )
        .join(Annotation, Annotation.frame_id == some.c.id)
        .outerjoin(
            Candidate,
            and_(
                Candidate.frame_id == some.c.id,
                Candidate.rank == 0,
                Candidate.retired.is_(False),
                Candidate.apart.is_(None),
            ),
        )
        .where(some.c.position % step == 0)
        .order_by(some.c.recording_id, some.c.position)
    )
    if not known:
        query = query.with_only_columns(
            some.c.recording_id, Candidate.model, Candidate.simulated, Candidate.score
        )
    for row in session.execute(query):
        score = 0.0 if row.score is None else float(row.score)
        both = (row.skeleton, row.keypoints) if known else (None, None)
        yield Proposed(row.recording_id, row.model, bool(row.simulated), score, *both)
