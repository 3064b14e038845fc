"""Entries of consent, and what a withdrawal sets in motion."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import (
    Infant,
    InfantConsent,
    Job,
    Recording,
    User,
)
from backend.core.database.tables.jobs import ACTIVE
from backend.core.jobs.schemas import Named
from backend.core.storage import BlobStore
from backend.domain.consents import ConsentScope, allows
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.labelling.workflow import service as workflow
from backend.publishing.consents.schemas import (
    ConsentIn,
    ConsentOut,
    ConsentsOut,
    Erased,
    HeldBy,
    InfantItem,
)
from backend.publishing.releases import repository as release_rows
from backend.publishing.releases import service as releases


def list_infants(session: Session, user: User) -> list[InfantItem]:
    """All infants by pseudonym.

    Raises:
        Forbidden: the person may not see consents.
    """
    policies.require(policies.may_export(user), "see consents")
    return _items(session)


def _items(session: Session, infant_id: int | None = None) -> list[InfantItem]:
    latest = (
        select(InfantConsent.infant_id, InfantConsent.scope)
        .ext(distinct_on(InfantConsent.infant_id))
        .order_by(InfantConsent.infant_id, InfantConsent.id.desc())
        .subquery()
    )
    visits = (
        select(Recording.infant_id, func.count().label("recordings"))
        .group_by(Recording.infant_id)
        .subquery()
    )
    query = (
        select(
            Infant.id,
            Infant.pseudonym,
            Infant.sex,
            func.coalesce(visits.c.recordings, 0).label("recordings"),
            latest.c.scope,
        )
        .outerjoin(visits, visits.c.infant_id == Infant.id)
        .outerjoin(latest, latest.c.infant_id == Infant.id)
        .order_by(Infant.pseudonym)
    )
    if infant_id is not None:
        query = query.where(Infant.id == infant_id)
    return [InfantItem.model_validate(dict(row)) for row in session.execute(query).mappings()]


def consents_of(session: Session, user: User, infant_id: int) -> ConsentsOut:
    """All entries of an infant.

    Raises:
        Forbidden: the person may not see consents.
        NotFound: there is no such infant.
    """
    policies.require(policies.may_export(user), "see consents")
    found = _items(session, infant_id)
    if not found:
        raise NotFound(f"There is no infant {infant_id}.")
    rows = session.execute(
        select(InfantConsent, User)
        .outerjoin(User, User.id == InfantConsent.noted_by_id)
        .where(InfantConsent.infant_id == infant_id)
        .order_by(InfantConsent.id.desc())
    )
    entries = [
        ConsentOut(
            id=row.id,
            scope=ConsentScope(row.scope),
            given_on=row.given_on,
            document=row.document,
            note=row.note,
            noted_by=Named(id=person.id, name=person.name) if person else None,
            created_at=row.created_at,
        )
        for row, person in rows
    ]
    return ConsentsOut(infant=found[0], entries=entries, published=held_by(session, infant_id))


def held_by(session: Session, infant_id: int) -> list[HeldBy]:
    """Published releases that hold an infant: what is out cannot be taken back by us alone."""
    return [
        HeldBy(release_id=release.id, dataset=dataset.name, version=release.version)
        for release, dataset in release_rows.published_with_infant(session, infant_id)
    ]


def note(session: Session, user: User, infant_id: int, entry: ConsentIn) -> ConsentsOut:
    """Add an entry; checked releases that it no longer allows are drafts again.

    The infant is locked: a release that is being published meanwhile is published before, and then
    listed, or finds this entry and stops.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such infant.
    """
    policies.require(policies.may_export(user), "note consents")
    infant = session.scalar(select(Infant).where(Infant.id == infant_id).with_for_update())
    if infant is None:
        raise NotFound(f"There is no infant {infant_id}.")
    session.add(
        InfantConsent(
            infant_id=infant_id,
            scope=entry.scope.value,
            given_on=entry.given_on,
            document=entry.document,
            note=entry.note,
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
    return consents_of(session, user, infant_id)


def erase(
    session: Session, user: User, infant_id: int, pseudonym: str, storage: BlobStore
) -> Erased:
    """Remove everything of an infant from database and store.

    The infant itself stays as a pseudonym with its consents, so that nobody imports it anew by
    mistake. Files go before rows: after a crash between the two the rows are still there to be
    erased again, and never a file that nobody knows of. What published releases hold is listed;
    they are withdrawn one by one.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such infant.
        InvalidInput: another pseudonym was typed.
        Conflict: the family has not taken its consent back, or a job works on a recording.
    """
    policies.require(policies.may_export(user), "erase recordings")
    found = consents_of(session, user, infant_id)
    if pseudonym != found.infant.pseudonym:
        raise InvalidInput(f"Type {found.infant.pseudonym} to erase this infant's recordings.")
    if found.infant.scope is not ConsentScope.NONE:
        raise Conflict("Only infants whose consent was taken back are erased: note that first.")
    recordings = _lock_recordings(session, infant_id)
    busy = session.scalar(
        select(Job.id)
        .where(Job.recording_id.in_([r.id for r in recordings]), Job.state.in_(ACTIVE))
        .limit(1)
    )
    if busy is not None:
        raise Conflict("A job works on a recording of this infant: cancel it first.", job=busy)
    for release in release_rows.checked_with_infant(session, infant_id):
        releases.thaw(session, release)
        releases.tell(session, release)
    files = 0
    for recording in recordings:
        files += storage.delete_prefix(f"recordings/{recording.id}/")
        audit.record(session, user.id, "erased", "recording", recording.id, {"infant": infant_id})
        workflow.discard_rows(session, recording.id)
    return Erased(recordings=len(recordings), files=files, published=found.published)


def _lock_recordings(session: Session, infant_id: int) -> Sequence[Recording]:
    return session.scalars(
        select(Recording)
        .where(Recording.infant_id == infant_id)
        .order_by(Recording.id)
        .with_for_update()
    ).all()
