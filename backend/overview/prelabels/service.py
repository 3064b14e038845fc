"""What pre-labels are worth where nobody looked yet, by what they were worth elsewhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.database.tables import User
from backend.core.jobs.schemas import Named
from backend.domain.comparing import compare
from backend.domain.keypoints import Skeleton
from backend.domain.prelabel_outlook import MIN_KNOWN, Forecaster, Known, coverage, forecaster
from backend.domain.workflow import Stage
from backend.overview.prelabels import repository
from backend.overview.prelabels.repository import Proposed
from backend.overview.prelabels.schemas import (
    KnownRecording,
    ModelOutlook,
    PrelabelReport,
    RecordingOutlook,
    Worth,
)


@dataclass
class _Recording:
    """The frames that were looked at in one recording."""

    named: Named
    stage: str
    frames: list[Proposed] = field(default_factory=list)

    @property
    def made_by(self) -> tuple[str, bool] | None:
        """The model that proposed most, and whether it was simulated."""
        models = Counter((f.model, f.simulated) for f in self.frames if f.model is not None)
        found = models.most_common(1)
        return (str(found[0][0][0]), found[0][0][1]) if found else None

    @property
    def scores(self) -> np.ndarray:
        """(n,) of the proposed people; 0 where nobody was found."""
        return np.array([frame.score for frame in self.frames])


def report(session: Session, user: User) -> PrelabelReport:
    """Forecasts for all recordings that wait for people or are being annotated.

    Raises:
        Forbidden: the person may not see everybody's work.
    """
    policies.require(policies.may_see_everybodys_work(user), "see what pre-labels are worth")
    known = _read(session, known=True)
    waiting = _read(session, known=False)
    models = sorted({*known, *waiting})
    return PrelabelReport(
        min_known=MIN_KNOWN,
        models=[
            _of_model(model, simulated, known[model, simulated], waiting[model, simulated])
            for model, simulated in models
        ],
    )


def _read(session: Session, *, known: bool) -> defaultdict[tuple[str, bool], list[_Recording]]:
    stages, most = (
        (repository.KNOWN_STAGES, repository.KNOWN_AT_MOST)
        if known
        else (repository.WAITING_STAGES, repository.WAITING_AT_MOST)
    )
    found = {
        row.id: _Recording(Named(id=row.id, name=row.name), row.stage)
        for row in repository.latest(session, stages, most)
    }
    for frame in repository.proposals(session, list(found), known=known):
        found[frame.recording_id].frames.append(frame)
    by_model: defaultdict[tuple[str, bool], list[_Recording]] = defaultdict(list)
    for recording in found.values():
        if (made_by := recording.made_by) is not None:
            by_model[made_by].append(recording)
    return by_model


def _of_model(
    model: str, simulated: bool, known: list[_Recording], waiting: list[_Recording]
) -> ModelOutlook:
    worth = [Known(one.scores, _similarities(one.frames)) for one in known]
    told = forecaster(worth) if worth else None
    return ModelOutlook(
        model=model,
        simulated=simulated,
        coverage=coverage(len(worth)) if told is not None and len(told.errors) else None,
        curve=_corners(told),
        known=[
            KnownRecording(
                recording=one.named,
                frames=len(one.frames),
                oks=float(of.oks.mean()),
                score=float(of.scores.mean()),
            )
            for one, of in zip(known, worth, strict=True)
        ],
        waiting=sorted(
            (_outlook(told, one) for one in waiting) if told else (), key=lambda one: one.expected
        ),
        unknown=[] if told else [one.named for one in waiting],
    )


def _outlook(told: Forecaster, one: _Recording) -> RecordingOutlook:
    found = told.outlook(one.scores)
    return RecordingOutlook(
        recording=one.named,
        stage=Stage(one.stage),
        frames=len(one.frames),
        nobody=sum(frame.model is None for frame in one.frames),
        expected=found.expected,
        low=found.low,
        high=found.high,
        distance=found.distance,
        usual=found.usual,
        unlike=found.unlike,
    )


def _corners(told: Forecaster | None) -> list[Worth]:
    if told is None:
        return []
    corners = zip(told.curve.scores, told.curve.oks, strict=True)
    return [Worth(score=float(score), oks=float(oks)) for score, oks in corners]


def _similarities(frames: Iterable[Proposed]) -> np.ndarray:
    return np.array([_similarity(frame) for frame in frames])


def _similarity(frame: Proposed) -> float:
    if frame.proposal is None or frame.kept is None:
        return 0.0
    found = compare(Skeleton.from_flat(frame.kept), Skeleton.from_flat(frame.proposal))
    return found.oks or 0.0
