"""Entries of consent, and what a withdrawal sets in motion."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import InfantConsent, User
from backend.core.events import announce
from backend.core.jobs import repository as job_rows
from backend.core.jobs.schemas import JobOut, Named
from backend.domain.consents import SCOPE_OF_RECORDING, SCOPES, Consent, ConsentScope, allows
from backend.domain.errors import InvalidInput, NotFound
from backend.domain.releases.lifecycle import ReleaseState
from backend.publishing.consents import repository
from backend.publishing.consents.schemas import (
    ConsentIn,
    ConsentOut,
    ConsentsOut,
    HeldBy,
    InfantItem,
    InfantState,
    RecordingHeld,
    StoredOut,
)
from backend.publishing.releases import repository as release_rows
from backend.publishing.releases import service as releases

A_DAY: Final = timedelta(days=1)
"""It may be tomorrow already where somebody signs."""


def require_maintainer(user: User, doing: str) -> None:
    """Consents are for those who may export.

    Raises:
        Forbidden: the person may not.
    """
    policies.require(policies.may_export(user), doing)


def list_infants(session: Session, user: User) -> list[InfantItem]:
    """All infants by pseudonym.

    Raises:
        Forbidden: the person may not see consents.
    """
    require_maintainer(user, "see consents")
    rows = repository.infants(session)
    withdrawn = [row.id for row in rows if row.scope == ConsentScope.NONE.value]
    published = repository.published_counts(session, withdrawn) if withdrawn else {}
    erasing = repository.being_erased(session)
    return [_item(row, erasing, published.get(row.id, 0)) for row in rows]


def _item(row: Row[Any], erasing: Collection[int], published: int) -> InfantItem:
    scopes = {SCOPE_OF_RECORDING[Consent(consent)] for consent in row.consents or ()}
    return InfantItem(
        id=row.id,
        pseudonym=row.pseudonym,
        sex=row.sex,
        recordings=row.recordings,
        frames=row.frames,
        scope=None if row.scope is None else ConsentScope(row.scope),
        by_recordings=sorted(scopes, key=SCOPES.index),
        given_on=row.given_on,
        document=row.document,
        state=_state(row, erasing),
        published=published,
    )


def _state(row: Row[Any], erasing: Collection[int]) -> InfantState:
    if row.id in erasing:
        return InfantState.ERASING
    if row.scope != ConsentScope.NONE.value:
        return InfantState.AGREED
    return InfantState.WITHDRAWN if row.recordings else InfantState.ERASED


def consents_of(session: Session, user: User, infant_id: int) -> ConsentsOut:
    """All entries of an infant, what is stored of it, and which releases hold it.

    Raises:
        Forbidden: the person may not see consents.
        NotFound: there is no such infant.
    """
    require_maintainer(user, "see consents")
    found = repository.infants(session, infant_id)
    if not found:
        raise NotFound(f"There is no infant {infant_id}.")
    held = [
        HeldBy.model_validate(row, from_attributes=True)
        for row in repository.holding_releases(session, infant_id)
    ]
    published = [one for one in held if _out(one)]
    out = sum(one.state is ReleaseState.PUBLISHED for one in published)
    recordings = repository.recordings(session, infant_id)
    exports = repository.exports_with(session, [row.id for row in recordings])
    return ConsentsOut(
        infant=_item(found[0], repository.being_erased(session), out),
        entries=[_entry(*row) for row in repository.entries(session, infant_id)],
        recordings=[RecordingHeld.model_validate(row, from_attributes=True) for row in recordings],
        stored=StoredOut(
            exports=len(exports),
            uploads=len(repository.waiting_uploads(session, found[0].pseudonym)),
        ),
        checked=[one for one in held if one.state is ReleaseState.CHECKED],
        published=published,
        erasure=_job(session, repository.last_erasure(session, infant_id)),
    )


def _out(held: HeldBy) -> bool:
    """Whether a release's files are given out, or still in the store."""
    if held.state is ReleaseState.WITHDRAWN:
        return held.files_removed_at is None
    return held.state is ReleaseState.PUBLISHED


def _entry(row: InfantConsent, person: User | None) -> ConsentOut:
    return ConsentOut(
        id=row.id,
        scope=ConsentScope(row.scope),
        given_on=row.given_on,
        document=row.document,
        note=row.note,
        noted_by=Named(id=person.id, name=person.name) if person else None,
        created_at=row.created_at,
    )


def _job(session: Session, job_id: int | None) -> JobOut | None:
    return None if job_id is None else job_rows.list_jobs(session, job_ids=[job_id], limit=1)[0]


def note(session: Session, user: User, infant_id: int, entry: ConsentIn) -> ConsentsOut:
    """Add an entry; checked releases that it no longer allows are drafts again.

    The infant is locked: a release that is being published meanwhile is published before, and then
    listed, or finds this entry and stops.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such infant.
        InvalidInput: no document is named, or it is signed in the future.
    """
    require_maintainer(user, "note consents")
    if repository.lock_infant(session, infant_id) is None:
        raise NotFound(f"There is no infant {infant_id}.")
    document = entry.document.strip()
    if not document:
        raise InvalidInput("Name the document by its number in your archive.", field="document")
    if entry.given_on > datetime.now(UTC).date() + A_DAY:
        raise InvalidInput("Nobody signs in the future: look at the date.", field="given_on")
    session.add(
        InfantConsent(
            infant_id=infant_id,
            scope=entry.scope.value,
            given_on=entry.given_on,
            document=document,
            note=(entry.note or "").strip() or None,
            noted_by_id=user.id,
        )
    )
    session.flush()
    audit.record(
        session, user.id, "consent_noted", "infant", infant_id, {"scope": entry.scope.value}
    )
    for release in release_rows.checked_with_infant(session, infant_id):
        if not allows(entry.scope, ConsentScope(release.audience)):
            releases.thaw(session, release)
            releases.tell(session, release)
    session.flush()
    tell(session, infant_id)
    return consents_of(session, user, infant_id)


def tell(session: Session, infant_id: int) -> None:
    """Let open browsers look again."""
    announce(session, "infant", {"id": infant_id})
