"""Rules, gold frames and attempts as the HTTP interface shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from backend.core.jobs.schemas import Named
from backend.domain.attempts import (
    MAX_SEED_LENGTH,
    MAX_TRAINING_FRAMES,
    GoldUse,
    Take,
)
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import DiscardReason, FrameState, Verdict
from backend.labelling.annotations.schemas import JointIndex, Joints, VisibilityFlag

Id = Annotated[int, Field(ge=1, lt=2**63)]
Share = Annotated[float, Field(ge=0, le=1)]
MAX_MARKED = 2000


class QualityRulesBody(BaseModel):
    """How much is checked, and what a newcomer has to reach."""

    model_config = ConfigDict(from_attributes=True)
    gold_share: Share
    """Gold frames for each frame that somebody decided."""
    double_share: Share
    """Share of all frames that a second person annotates."""
    seed: Annotated[str, Field(min_length=1, max_length=MAX_SEED_LENGTH)]
    training_required: bool
    training_frames: Annotated[int, Field(ge=1, le=MAX_TRAINING_FRAMES)]
    training_min_oks: Share
    training_min_visibility: Share


class MarkGoldIn(BaseModel):
    """Which approved frames of a recording become gold: those named, or some drawn by chance."""

    recording_id: Id
    frame_ids: Annotated[list[Id], Field(max_length=MAX_MARKED)] = []
    draw: Annotated[int, Field(ge=1, le=MAX_MARKED)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    use: GoldUse


class GoldMarked(BaseModel):
    """What became gold."""

    frame_ids: list[int]


class GoldOut(BaseModel):
    """Gold frames of a recording."""

    recording: Named
    check: int
    """Mixed in unseen."""
    training: int
    changed: int
    """Annotations that are no longer as they were when they became gold; the gold answer stays."""
    available: int
    """Approved frames that are no gold frames."""


class StandingOut(BaseModel):
    """Where somebody stands in their training."""

    model_config = ConfigDict(from_attributes=True)
    frames: int
    of: int
    oks: float | None
    visibility: float | None
    reached: bool


class SingleFrame(BaseModel):
    """A frame that its person annotates alone; its number is not that of a frame."""

    id: int
    state: FrameState
    version: int


class StackOut(BaseModel):
    """The single frames that lie before a person."""

    frames: list[SingleFrame]


class WaitingOut(BaseModel):
    """What waits for a person beside their recordings."""

    single_frames: int
    training_required: bool
    """They train before they take work by themselves."""


class TrainingOut(BaseModel):
    """The training of the asking person: the frame that lies before them, and where they stand."""

    required: bool
    min_oks: float
    min_visibility: float
    passed_at: datetime | None
    standing: StandingOut
    frame: SingleFrame | None
    """None where no training frame is left for them."""
    lap: int
    """How often it lies before them, this time included."""


class FeedbackOut(BaseModel):
    """How far a training frame was from the known answer."""

    verdict_agrees: bool
    oks: float | None
    px: list[float | None]
    same_visibility: list[bool]
    known_verdict: Verdict
    known_reason: DiscardReason | None
    known_joints: Joints | None
    standing: StandingOut
    passed: bool


class ClosedOut(BaseModel):
    """A single frame was handed in; what it was compared with is told in training only."""

    id: int
    feedback: FeedbackOut | None


class ChoiceIn(BaseModel):
    """Whose joint is taken; x, y and v only where it is placed anew."""

    joint: JointIndex
    take: Take
    x: FiniteFloat | None = None
    y: FiniteFloat | None = None
    v: VisibilityFlag | None = None


class AdjudicationIn(BaseModel):
    """What becomes of two answers to a frame."""

    operation_id: uuid.UUID
    version: Annotated[int, Field(ge=0, lt=2**31)]
    """Of the annotation that was looked at."""
    verdict: Take
    """Whose verdict holds; of two that keep the frame, either."""
    choices: Annotated[list[ChoiceIn], Field(max_length=N_JOINTS)] = []


class AdjudicatedOut(BaseModel):
    """The annotation that came of both."""

    frame_id: int
    version: int


class TrainingWaiver(BaseModel):
    """A maintainer's word on somebody's training: it counts as done, or begins anew."""

    passed: bool


class PersonTraining(BaseModel):
    """How somebody's training stands."""

    person: Named
    standing: StandingOut
    passed_at: datetime | None
    passed_by: Named | None
    checks: int
    """Gold frames that they handed in unseen."""
    check_oks: float | None
    seconds: int
    open: int
    """Single frames that lie before them."""
