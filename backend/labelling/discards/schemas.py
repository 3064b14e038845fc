"""Proposed ranges as the HTTP interface shows them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from backend.domain.discards.proposals import ProposalState
from backend.domain.verdicts import DiscardReason


class DiscardProposalOut(BaseModel):
    """Frames of one camera, from a position to a position, both included."""

    id: int
    camera_id: int
    first: int
    last: int
    reason: DiscardReason
    score: float
    words: str
    """What was measured."""
    state: ProposalState
    decided_by: str | None


class DiscardProposals(BaseModel):
    """All proposals of a recording in the order of their frames."""

    proposals: list[DiscardProposalOut]


class ProposalIn(BaseModel):
    """Refuse a proposal, or take the refusal back."""

    state: Literal[ProposalState.REFUSED, ProposalState.OPEN]
