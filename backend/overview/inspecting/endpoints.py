"""What inspectors compare."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.overview.inspecting import service
from backend.overview.inspecting.schemas import (
    ComparisonOut,
    FactsOut,
    RoundChanges,
    RoundTimes,
)

router = Router(tags=["reviews"])

Id = Annotated[int, Path(ge=1, lt=2**63)]
RoundNumber = Annotated[int, Query(ge=0, lt=2**31)]


@router.get("/frames/{frame_id}/comparison")
def compare_frame(frame_id: Id, user: CurrentUser, session: SessionDep) -> ComparisonOut:
    """A frame as the annotator has it, against the model and the round before, joint by joint."""
    return service.comparison(session, frame_id)


@router.get("/recordings/{recording_id}/inspection")
def read_inspection_facts(recording_id: Id, user: CurrentUser, session: SessionDep) -> FactsOut:
    """What the inspector's filters ask of all frames of a recording."""
    return service.facts(session, user, recording_id)


@router.get("/recordings/{recording_id}/rounds")
def list_rounds(recording_id: Id, user: CurrentUser, session: SessionDep) -> list[RoundTimes]:
    """Each passage through review: who, when, how long, and what came of it."""
    return service.rounds(session, recording_id)


@router.get("/recordings/{recording_id}/changes")
def list_round_changes(
    recording_id: Id,
    user: CurrentUser,
    session: SessionDep,
    since: RoundNumber,
    until: RoundNumber,
) -> RoundChanges:
    """What changed between the ends of two rounds; round 0 is what models proposed."""
    return service.changes(session, recording_id, since, until)
