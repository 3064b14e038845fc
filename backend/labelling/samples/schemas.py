"""Samples and looks as the HTTP interface takes and shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from backend.core.jobs.schemas import Named
from backend.domain.vouching import MAX_SEED

MAX_LOOKS = 2000


class SamplingRuleIn(BaseModel):
    """How large samples are, and how good they have to be, for all recordings."""

    model_config = ConfigDict(from_attributes=True)
    min_frames: Annotated[int, Field(ge=1, le=100_000)]
    """At least so many frames, or all where there are fewer."""
    share: Annotated[FiniteFloat, Field(ge=0, le=1)]
    """At least this share of the frames that are vouched for."""
    max_errors_per_1000: Annotated[FiniteFloat, Field(gt=0, le=1000)]
    """The upper end of the interval may not lie above this many wrong joints in 1,000."""


class SamplingRuleOut(SamplingRuleIn):
    """The rule that holds, and who set it; nobody did where it is the product's own."""

    updated_by: Named | None
    updated_at: datetime | None


class LookIn(BaseModel):
    """How long a frame has been before the inspector in this round, all in all, in this tab."""

    frame_id: Annotated[int, Field(ge=1, lt=2**63)]
    seconds: Annotated[FiniteFloat, Field(ge=0, le=86_400)]


class LooksIn(BaseModel):
    """What was looked at; said again, the longest time counts."""

    round: Annotated[int, Field(ge=1, lt=2**31)]
    looks: Annotated[list[LookIn], Field(min_length=1, max_length=MAX_LOOKS)]


class LooksOut(BaseModel):
    """How many looks were noted."""

    noted: int


class SampleIn(BaseModel):
    """Draw a sample; the same operation id draws it once."""

    operation_id: uuid.UUID
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    """Left out, the server draws one."""
    size: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """More frames than the rule asks for; fewer are refused."""


class SampleFrame(BaseModel):
    """A frame of a sample, and how far the inspector is with it."""

    frame_id: int
    position: int
    seen: bool
    marked: bool


class SampleOut(BaseModel):
    """A random sample, with what it showed once it is finished."""

    id: int
    round: int
    inspector: Named
    created_at: datetime
    seed: int
    population: int
    """From how many frames it was drawn."""
    size: int
    max_errors_per_1000: float
    frames: list[SampleFrame]
    left: int
    """How many of its frames are not yet looked at and marked."""
    finished_at: datetime | None
    joints: int | None
    """How many joints were looked at; before the end, so far."""
    wrong: int | None
    wrong_frames: int | None
    rate: float | None
    """Wrong joints per 1,000."""
    low: float | None
    high: float | None
    vouched: int | None
    """For how many unopened frames it vouched."""
    refusal: str | None
    """Why it would not vouch as it stands; none if it would."""


class VouchingOut(BaseModel):
    """How a recording's inspection stands."""

    round: int
    frames: int
    vouched: int
    """Frames that somebody's mark or sample vouches for."""
    unvouched: int
    open: int
    """Of those without a word, how many have no mark in this round."""
    seen: int
    """How many of the open ones the asking person has looked at."""
    glanced: list[int]
    """Frames that were marked good in this round without having been looked at, in their order."""
    asked: int
    """How many frames a sample would have now."""
    rule: SamplingRuleOut
    samples: list[SampleOut]
