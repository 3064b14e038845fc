"""Proposed ranges: listing them, asking for them anew, refusing one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.jobs import repository as jobs
from backend.core.jobs.schemas import JobOut
from backend.labelling.discards import service
from backend.labelling.discards.schemas import DiscardProposalOut, DiscardProposals, ProposalIn
from backend.recordings import access

router = Router(tags=["ranges"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/recordings/{recording_id}/discard-proposals")
def list_discard_proposals(
    recording_id: Id, user: CurrentUser, session: SessionDep
) -> DiscardProposals:
    """Ranges that measures and models propose to leave out, and what was said of them."""
    return service.listed(session, recording_id)


@router.post("/recordings/{recording_id}/discard-proposals", status_code=202)
def propose_discards(recording_id: Id, user: CurrentUser, session: SessionDep) -> JobOut:
    """Look for ranges anew; the work runs as a job. What was decided stays."""
    recording = access.get_recording(session, recording_id, lock="share")
    job = service.ask(session, user, recording)
    return jobs.list_jobs(session, job_ids=[job.id])[0]


@router.put("/recordings/{recording_id}/discard-proposals/{proposal_id}")
def say_of_proposal(
    recording_id: Id, proposal_id: Id, body: ProposalIn, user: CurrentUser, session: SessionDep
) -> DiscardProposalOut:
    """Refuse a proposed range, or take the refusal back. A range is taken by discarding it."""
    return service.say(session, user, recording_id, proposal_id, body.state)
