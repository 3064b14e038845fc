"""Proposed postures of a recording."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.multiview.posture_proposals import service
from backend.multiview.posture_proposals.schemas import PostureProposalsOut

router = Router(tags=["postures"])


@router.get("/recordings/{recording_id}/postures/proposals")
def list_posture_proposals(
    recording_id: Annotated[int, Path(ge=1, lt=2**63)], user: CurrentUser, session: SessionDep
) -> PostureProposalsOut:
    """Which postures the joints show, in order of time; they count only once a person takes them.

    Read from body fits, else from joints in images. What joints cannot tell apart is proposed as
    its group.
    """
    return service.proposals_of(session, recording_id)
