"""Forecasts of pre-labels, as the HTTP interface shows them."""

from __future__ import annotations

from pydantic import BaseModel

from backend.core.jobs.schemas import Named
from backend.domain.workflow import Stage


class RecordingOutlook(BaseModel):
    """What is expected of the pre-labels of a recording that waits for people, or works on it."""

    recording: Named
    stage: Stage
    frames: int
    """Looked at: all, or so many, evenly over the recording."""
    nobody: int
    """Of these, in how many nobody was found."""
    expected: float
    """Mean similarity (OKS) of pre-labels to what people will approve, 0 … 1."""
    low: float | None
    high: float | None
    distance: float
    usual: float | None
    unlike: bool | None
    """Whether its scores are unlike those of all approved recordings; null with too few."""


class KnownRecording(BaseModel):
    """An approved recording: what the pre-labels were worth there."""

    recording: Named
    frames: int
    oks: float
    score: float
    """Mean score of the proposed person, 0 where nobody was found."""


class Worth(BaseModel):
    """A score, and the similarity that it is worth."""

    score: float
    oks: float


class ModelOutlook(BaseModel):
    """The recordings that one model pre-labelled."""

    model: str
    simulated: bool
    coverage: float | None
    """Share of cases in which the range holds; null with too few approved recordings."""
    curve: list[Worth]
    """Corners of the curve; empty without an approved recording."""
    known: list[KnownRecording]
    waiting: list[RecordingOutlook]
    """Least expected first: there a person's work gains most."""
    unknown: list[Named]
    """Recordings that wait, where no approved one tells what scores are worth."""


class PrelabelReport(BaseModel):
    """All models that pre-labelled something."""

    min_known: int
    """Approved recordings that a range needs."""
    models: list[ModelOutlook]
