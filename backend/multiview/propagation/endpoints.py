"""HTTP: how far corrections travel, what was inferred, and where to look next."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import Depends, Path, Query, Request, Response

from backend.core.accounts import policies
from backend.core.database.session import after_commit
from backend.core.http.blind import require_open
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.core.jobs.repository import to_out
from backend.core.jobs.schemas import JobOut
from backend.labelling.estimates.repository import Inferred
from backend.multiview.propagation import answers, service
from backend.multiview.propagation.background import Travelling
from backend.multiview.propagation.schemas import (
    EstimatesOut,
    NearIn,
    PropagationIn,
    PropagationOut,
    QuestionOut,
)
from backend.recordings import access

router = Router(tags=["propagation"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


async def get_travelling(request: Request) -> Travelling:
    """What this process keeps for corrections that travel."""
    travelling: Travelling = request.app.state.travelling
    return travelling


TravellingDep = Annotated[Travelling, Depends(get_travelling)]


@router.get("/recordings/{recording_id}/propagation")
def read_propagation(
    recording_id: Id, user: CurrentUser, session: SessionDep, travelling: TravellingDep
) -> PropagationOut:
    """How far the corrections of a recording travel, and the expected error as it fell."""
    found = service.status(session, user, recording_id)
    if found.enabled:
        # Also warms what is kept at hand, so that the first correction is answered at once.
        travelling.wake(recording_id)
    return found


@router.patch("/recordings/{recording_id}/propagation")
def change_propagation(
    recording_id: Id,
    body: PropagationIn,
    user: CurrentUser,
    session: SessionDep,
    travelling: TravellingDep,
) -> PropagationOut:
    """Switch it on or off, or set the target; off takes back what travelled."""
    service.change(session, user, recording_id, body)
    after_commit(session, lambda: travelling.wake(recording_id))
    return service.status(session, user, recording_id)


@router.get("/recordings/{recording_id}/propagation/frames", response_model=EstimatesOut)
def read_estimates(
    recording_id: Id,
    user: CurrentUser,
    session: SessionDep,
    around: Annotated[int, Query(ge=1, lt=2**63)],
    window: Annotated[int, Query(ge=0, le=200)] = 40,
) -> Response:
    """Stored estimates of undecided frames near a frame, in all cameras."""
    policies.require(policies.may_see_recording(user), "see recordings")
    number, found = service.stored(session, recording_id, around, window)
    return _columns(number, found)


@router.post("/recordings/{recording_id}/propagation/near", response_model=EstimatesOut)
def solve_near(
    recording_id: Id,
    body: NearIn,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
    travelling: TravellingDep,
) -> Response:
    """What follows at once near a frame in which something was just saved; writes nothing."""
    policies.require(policies.may_see_recording(user), "see recordings")
    require_open(session, user, {"recording_id": recording_id})  # it reads, though it is a POST
    found = service.near(
        session, storage, travelling.sessions, recording_id, body.frame_id, body.window
    )
    travelling.wake(recording_id)
    if found is None:
        nothing = EstimatesOut(
            ready=False, solve=1, frames=[], joints=[], sigma=[], visibility=[], sources=[]
        )
        return Response(nothing.model_dump_json(), media_type="application/json")
    return _columns(*found)


@router.get(
    "/recordings/{recording_id}/propagation/next",
    responses={409: {"description": "Corrections do not travel here"}},
)
def next_question(
    recording_id: Id,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
    travelling: TravellingDep,
) -> QuestionOut:
    """The frame whose correction would lower the expected error of the recording most.

    Where the recording is cut into parts, a frame of the asking person's own.
    """
    policies.require(policies.may_see_recording(user), "see recordings")
    found = service.question(session, storage, travelling.sessions, recording_id, user)
    if not found.ready:
        travelling.wake(recording_id)
    return found


@router.post("/recordings/{recording_id}/motion", status_code=202)
def request_motion(recording_id: Id, user: CurrentUser, session: SessionDep) -> JobOut:
    """Measure how the pictures move, again or for the first time; a job does it."""
    job = service.request_motion(session, user, recording_id)
    session.refresh(job)
    return to_out(job, access.get_recording(session, recording_id), user)


def _columns(number: int, found: list[Inferred]) -> Response:
    return Response(orjson.dumps(answers.columns(number, found)), media_type="application/json")
