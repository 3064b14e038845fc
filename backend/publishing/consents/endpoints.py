"""HTTP: infants and what their families agreed to."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, status

from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.jobs.schemas import JobOut
from backend.publishing.consents import erasing, service
from backend.publishing.consents.schemas import ConsentIn, ConsentsOut, ErasureAsked, InfantItem
from backend.publishing.releases.reports import job_out

router = Router(tags=["consents"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/infants")
def list_infants(user: CurrentUser, session: SessionDep) -> list[InfantItem]:
    """All infants by pseudonym, with the consent that counts."""
    return service.list_infants(session, user)


@router.get("/infants/{infant_id}/consents")
def list_consents(infant_id: Id, user: CurrentUser, session: SessionDep) -> ConsentsOut:
    """All entries of an infant, newest first, and what is stored of it; the newest counts."""
    return service.consents_of(session, user, infant_id)


@router.post("/infants/{infant_id}/consents", status_code=status.HTTP_201_CREATED)
def note_consent(
    infant_id: Id, body: ConsentIn, user: CurrentUser, session: SessionDep
) -> ConsentsOut:
    """Add an entry; the scope ``none`` takes the consent back."""
    return service.note(session, user, infant_id, body)


@router.post("/infants/{infant_id}/erasure", status_code=status.HTTP_202_ACCEPTED)
def erase_infant(
    infant_id: Id, body: ErasureAsked, user: CurrentUser, session: SessionDep
) -> JobOut:
    """Remove everything of an infant whose consent was taken back; a job does it."""
    return job_out(session, erasing.request_erasure(session, user, infant_id, body.pseudonym))
