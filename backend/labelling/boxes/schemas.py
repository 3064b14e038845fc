"""Boxes as the HTTP interface takes and shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, FiniteFloat, PositiveFloat

from backend.core.database.tables.boxes import BoxOrigin, BoxStatus


class BoxOut(BaseModel):
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


class BoxOfFrame(BoxOut):
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
