"""HTTP: how work is handed out, the queue, many assignments at once, and parts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.accounts import policies
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.jobs.schemas import Named
from backend.labelling.handouts import cutting, repository, service
from backend.labelling.handouts.schemas import (
    BulkAssigned,
    BulkAssignIn,
    CutIn,
    QueueOut,
    ReassignPartIn,
    RecordingPartOut,
    TeamRulesBody,
)
from backend.recordings import handing_out
from backend.recordings.access import get_recording

router = Router(tags=["team"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/team/rules")
def team_rules(session: SessionDep, user: CurrentUser) -> TeamRulesBody:
    """How recordings find their annotators, and what counts as stuck."""
    return TeamRulesBody.model_validate(handing_out.row(session))


@router.put("/team/rules")
def change_team_rules(body: TeamRulesBody, session: SessionDep, user: CurrentUser) -> TeamRulesBody:
    """Change the rules for handing out work; what is assigned stays assigned."""
    return service.change_rules(session, user, body)


@router.get("/work/queue")
def show_queue(session: SessionDep, user: CurrentUser) -> QueueOut:
    """What waits in the queue for the asking person, and what they hold."""
    return service.queue(session, user)


@router.post("/work/next")
def take_next(session: SessionDep, user: CurrentUser) -> Named:
    """Take the next recording of the queue; gives the one that is held already, if any."""
    recording = service.take_next(session, user)
    return Named(id=recording.id, name=recording.name)


@router.post("/team/assign")
def assign_many(body: BulkAssignIn, session: SessionDep, user: CurrentUser) -> BulkAssigned:
    """Assign many recordings at once; those that cannot be are named with the reason."""
    return service.assign_many(session, user, body)


@router.get("/recordings/{recording_id}/parts")
def list_parts(recording_id: Id, session: SessionDep, user: CurrentUser) -> list[RecordingPartOut]:
    """The parts that a recording is cut into, with how far they are; none for one piece."""
    policies.require(policies.may_see_recording(user), "see recordings")
    get_recording(session, recording_id)
    return repository.parts_with_progress(session, recording_id)


@router.put("/recordings/{recording_id}/parts")
def cut_into_parts(
    recording_id: Id, body: CutIn, session: SessionDep, user: CurrentUser
) -> list[RecordingPartOut]:
    """Cut a recording into parts for several people, or cut it anew; what was saved stays."""
    cutting.cut(session, user, recording_id, body)
    return repository.parts_with_progress(session, recording_id)


@router.delete("/recordings/{recording_id}/parts", status_code=204)
def join_parts(recording_id: Id, session: SessionDep, user: CurrentUser) -> None:
    """Make a recording one piece again, its annotator's."""
    cutting.join(session, user, recording_id)


@router.post("/parts/{part_id}/assign", status_code=204)
def reassign_part(
    part_id: Id, body: ReassignPartIn, session: SessionDep, user: CurrentUser
) -> None:
    """Give one part to somebody else; what was saved in it stays."""
    cutting.reassign(session, user, part_id, body.user_id)


@router.post("/parts/{part_id}/submit", status_code=204)
def submit_part(part_id: Id, session: SessionDep, user: CurrentUser) -> None:
    """Be done with a part; with the last one the recording goes to inspection."""
    cutting.submit(session, user, part_id)
