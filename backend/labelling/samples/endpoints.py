"""Vouching for a recording: looks, samples, and the rule for them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.labelling.samples import service
from backend.labelling.samples.schemas import (
    LooksIn,
    LooksOut,
    SampleIn,
    SampleOut,
    SamplingRuleIn,
    SamplingRuleOut,
    VouchingOut,
)

router = Router(tags=["reviews"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/inspection/rule")
def read_inspection_rule(user: CurrentUser, session: SessionDep) -> SamplingRuleOut:
    """How large samples are, and how good they have to be, for all recordings."""
    return service.rule(session)


@router.put("/inspection/rule")
def set_inspection_rule(
    body: SamplingRuleIn, user: CurrentUser, session: SessionDep
) -> SamplingRuleOut:
    """Set the rule for all recordings; samples that were drawn keep theirs."""
    return service.set_rule(session, user, body)


@router.get("/recordings/{recording_id}/vouching")
def read_vouching(recording_id: Id, user: CurrentUser, session: SessionDep) -> VouchingOut:
    """For how many frames somebody vouches, and every sample that was drawn."""
    return service.standing(session, user, recording_id)


@router.post("/recordings/{recording_id}/looks")
def note_looks(recording_id: Id, body: LooksIn, user: CurrentUser, session: SessionDep) -> LooksOut:
    """Note how long frames were before the inspector."""
    looks: dict[int, float] = {}
    for look in body.looks:
        looks[look.frame_id] = max(look.seconds, looks.get(look.frame_id, 0.0))
    return LooksOut(noted=service.note_looks(session, user, recording_id, body.round, looks))


@router.post("/recordings/{recording_id}/samples", status_code=201)
def draw_sample(
    recording_id: Id, body: SampleIn, user: CurrentUser, session: SessionDep
) -> SampleOut:
    """Draw a random sample of the frames for which nobody vouches yet."""
    return service.draw(session, user, recording_id, body)


@router.post("/recordings/{recording_id}/samples/{sample_id}/vouch")
def vouch_by_sample(
    recording_id: Id, sample_id: Id, user: CurrentUser, session: SessionDep
) -> SampleOut:
    """Finish a sample; where it is good enough, it vouches for the frames not opened."""
    return service.vouch(session, user, recording_id, sample_id)
