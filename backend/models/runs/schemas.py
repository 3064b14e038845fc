"""Bodies of the endpoints of training runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from backend.core.jobs.schemas import JobOut, Named


class RecipeOut(BaseModel):
    """A model that can be trained."""

    name: str
    title: str
    about: str
    task: str
    paper: str
    table: str
    address: str
    differs: str
    licence: str
    needs: list[str]
    starts: list[str]
    """Checkpoints that it can begin from, the default first."""
    architecture: str | None
    """What it can be registered as to pre-label recordings; null if it cannot."""
    settings: dict[str, dict[str, Any]]
    """By scale: ``paper``, ``small``."""


class RunComparison(BaseModel):
    """The new model beside the pre-labeller of today, on the release's test split."""

    with_model: str
    measure: str
    difference: float
    """Positive: the new one is better."""
    interval: list[float] | None
    """95 %, by drawing infants; null where there are too few."""
    infants: int
    frames: int
    better: bool
    """Whether the whole interval is above 0: then it is proposed."""
    words: str


class RunItem(BaseModel):
    """One run of training."""

    id: int
    name: str
    recipe: str
    title: str
    scale: Literal["paper", "small"]
    release_id: int | None
    release_title: str
    release_sha256: str
    seed: int
    start: str | None
    renders: int
    epoch: int
    """The last whole epoch; -1 before the first state was kept."""
    epochs: int
    key_metric: str | None
    best_epoch: int | None
    scores: dict[str, float] | None
    before: dict[str, float] | None
    test: dict[str, float] | None
    test_before: dict[str, float] | None
    checkpoint: str | None
    comparison: RunComparison | None
    decision: Literal["chosen", "declined"] | None
    decided_by: Named | None
    decided_at: datetime | None
    created_at: datetime
    created_by: Named | None
    finished_at: datetime | None
    job: JobOut | None


class RunPicture(BaseModel):
    """Predictions on a validation image after an epoch."""

    epoch: int
    file: str


class RunOut(RunItem):
    """All that is known of a run."""

    settings: dict[str, Any]
    start_sha256: str | None
    best_sha256: str | None
    code: str | None
    device: str | None
    samples: dict[str, int]
    pictures: list[RunPicture]
    notes: list[str]


class CurvesOut(BaseModel):
    """Rows of a run: ``epoch``, ``step``, and either ``losses`` and ``rate``, or ``scores``."""

    rows: list[dict[str, Any]]


class RunDecision(BaseModel):
    """What a maintainer says of a proposed model."""

    decision: Literal["chosen", "declined"]
