"""Boxes as the HTTP interface takes and shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, FiniteFloat, PositiveFloat

from backend.domain.boxes import BoxOrigin, BoxStatus
from backend.labelling.annotations.schemas import Joints


class _Box(BaseModel):
    """The infant's box in one frame, in image pixels, with what is known of its mask."""

    version: int
    x: float
    y: float
    width: float
    height: float
    has_mask: bool
    mask_url: str | None
    mask_area: int | None
    mask_score: float | None
    consistency: float | None
    flagged: bool
    stale: bool
    status: BoxStatus
    origin: BoxOrigin
    model: str | None
    simulated: bool
    attempts: list[str]
    updated_at: datetime


class BoxOut(_Box):
    """The infant's box in one frame, in image pixels, with what is known of its mask."""

    made_from: Joints
    """The joints that it was drawn around; it is stale where the frame's are others."""


class BoxOfFrame(_Box):
    """A box in the list of a recording session."""

    frame_id: int
    position: int


class BoxIn(BaseModel):
    """A box that a person drew, in image pixels."""

    x: FiniteFloat
    y: FiniteFloat
    width: PositiveFloat
    height: PositiveFloat


class BoxStatusIn(BaseModel):
    """The inspector's judgement of a box."""

    status: BoxStatus


class ApproveRemainingIn(BaseModel):
    """Which boxes to approve beside those that nobody doubts."""

    include_flagged: bool = False


class Approved(BaseModel):
    """How many boxes were approved."""

    approved: int
