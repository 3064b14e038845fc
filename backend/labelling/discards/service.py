"""Proposing ranges to leave out, and keeping what people say of the proposals."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from backend.core.database.tables import DiscardProposal, Job, Recording, User
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.domain.discards.evidence import evidence_of
from backend.domain.discards.proposals import ProposalState, propose_ranges, still_open
from backend.domain.errors import Conflict
from backend.domain.verdicts import DiscardReason
from backend.labelling.discards import repository
from backend.labelling.discards.payloads import ProposeDiscardsPayload
from backend.labelling.discards.schemas import DiscardProposalOut, DiscardProposals
from backend.recordings import access, parts


def compute(session: Session, recording_id: int) -> int:
    """Propose ranges anew from what is measured and found now; returns how many are open.

    What people took or refused stays, and does not come again.
    """
    decided: dict[int, dict[tuple[int, int], DiscardReason]] = {}
    for row, _ in repository.proposals_of(session, recording_id):
        if row.state != ProposalState.OPEN.value:
            spans = decided.setdefault(row.camera_id, {})
            spans[(row.first, row.last)] = DiscardReason(row.reason)
    fresh: list[DiscardProposal] = []
    for camera, positions, measures in repository.measures_of(session, recording_id):
        place = {position: i for i, position in enumerate(positions)}
        known = {
            (place[first], place[last]): reason
            for (first, last), reason in decided.get(camera, {}).items()
            if first in place and last in place
        }
        fresh += [
            DiscardProposal(
                recording_id=recording_id,
                camera_id=camera,
                reason=found.reason.value,
                first=positions[found.first],
                last=positions[found.last],
                score=found.score,
                words=found.words,
            )
            for found in still_open(propose_ranges(evidence_of(measures)), known)
        ]
    repository.replace_open(session, recording_id, fresh)
    _tell(session, recording_id)
    return len(fresh)


def listed(session: Session, recording_id: int) -> DiscardProposals:
    """All proposals of a recording.

    Raises:
        NotFound: there is no such recording.
    """
    access.get_recording(session, recording_id)
    return DiscardProposals(
        proposals=[_out(row, name) for row, name in repository.proposals_of(session, recording_id)]
    )


def ask(session: Session, user: User, recording: Recording) -> Job:
    """Ask for proposals to be computed anew.

    Raises:
        Conflict: not in this stage, or it is being done already.
        Forbidden: not by this person.
    """
    access.require_edit(session, user, recording)
    title = f"Ranges to discard in {recording.name}"
    return jobs.enqueue(session, ProposeDiscardsPayload(), recording.id, user.id, title=title)


def say(
    session: Session, user: User, recording_id: int, proposal_id: int, state: ProposalState
) -> DiscardProposalOut:
    """Refuse a proposal, or take the refusal back; said twice it is said once.

    In a recording that is cut into parts, whoever has a part that it reaches into may say so: it
    changes no frame.

    Raises:
        NotFound: there is no such recording or proposal.
        Conflict: not in this stage, or the range was taken.
        Forbidden: not by this person.
    """
    recording = access.get_recording(session, recording_id, lock="share")
    row = repository.lock_proposal(session, proposal_id)
    about = repository.frames_of(session, row) if recording.in_parts else []
    own = parts.own_among(session, user.id, recording_id, about) if about else []
    access.require_edit(session, user, recording, own or about)
    if row.state == ProposalState.TAKEN.value and state is ProposalState.REFUSED:
        raise Conflict("This range was discarded meanwhile: take that back first.")
    decide(session, user, recording_id, row, state)
    return _out(row, user.name if row.decided_by_id else None)


def decide(
    session: Session, user: User, recording_id: int, row: DiscardProposal, state: ProposalState
) -> None:
    """Note what somebody said of a proposal that is held.

    Raises:
        Conflict: it belongs to another recording.
    """
    if row.recording_id != recording_id:
        raise Conflict("This proposal belongs to another recording.")
    row.state = state.value
    still = state is ProposalState.OPEN
    row.decided_by_id = None if still else user.id
    row.decided_at = None if still else datetime.now(UTC)
    session.flush()
    _tell(session, recording_id)


def _tell(session: Session, recording_id: int) -> None:
    announce(session, "range", {"recording_id": recording_id, "act": None})


def _out(row: DiscardProposal, name: str | None) -> DiscardProposalOut:
    return DiscardProposalOut(
        id=row.id,
        camera_id=row.camera_id,
        first=row.first,
        last=row.last,
        reason=DiscardReason(row.reason),
        score=row.score,
        words=row.words,
        state=ProposalState(row.state),
        decided_by=name,
    )
