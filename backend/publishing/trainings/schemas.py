"""Bodies of the endpoint that asks for a training."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from backend.core.jobs.schemas import JobOut
from backend.models.runs.schemas import RunOut


class TrainIn(BaseModel):
    """What is to be trained on a release."""

    recipe: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    scale: Literal["paper", "small"] = "small"
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    """Of the run and of the model that it makes; by default the recipe's with a number."""
    start: Annotated[str | None, StringConstraints(max_length=80)] = None
    """Checkpoint to begin from; by default the recipe's own."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    settings: dict[str, Any] = {}
    """Settings that differ from the scale's."""
    renders: Annotated[int, Field(ge=0, le=20_000)] = 0
    """Rendered infants beside the release, for recipes that learn from two sets."""


class TrainStarted(BaseModel):
    """What was asked for."""

    run: RunOut
    job: JobOut
