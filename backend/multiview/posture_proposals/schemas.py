"""Proposed postures as the HTTP interface shows them."""

from __future__ import annotations

from pydantic import BaseModel

from backend.labelling.postures.schemas import Group, Posture


class PostureProposalOut(BaseModel):
    """Moments that joints show in one posture, both ends included; nobody decided it."""

    first: int
    last: int
    group: Group
    posture: Posture | None
    """Null where joints tell the group only."""
    likely: float
    """Mean likelihood by the evidence, from 0 to 1."""


class PostureProposalsOut(BaseModel):
    """What joints show."""

    proposals: list[PostureProposalOut]
    from_fits: int
    """Moments of which a body fit was looked at."""
    from_images: int
    """Moments of which only joints in images were."""
    remarks: list[str]
    """What there is to say about it, in words."""
