"""Erasing an infant: a job that removes one recording after the other, and can be begun again.

Files go before rows: after a crash between the two the rows are still there to be erased again, and
never a file that nobody knows of. The infant itself stays as a pseudonym with its consents, so that
nobody imports it anew by mistake. What published releases hold is listed; they are withdrawn one by
one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.tables import AuditEntry, Export, Infant, Job, Recording, Release, User
from backend.core.database.tables.jobs import ACTIVE, JobKind
from backend.core.jobs import service as jobs
from backend.core.storage import BlobStore
from backend.core.uploads import service as uploads
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.labelling.workflow import service as workflow
from backend.publishing.consents import repository, service
from backend.publishing.consents.payloads import EraseInfantPayload
from backend.publishing.exports import service as exports_service
from backend.publishing.releases import repository as release_rows
from backend.publishing.releases import service as releases
from backend.recordings import stored


class Busy(Conflict):
    """A job works on what would go."""


def request_erasure(session: Session, user: User, infant_id: int, pseudonym: str) -> Job:
    """Ask for everything of an infant to be removed from database and store.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such infant.
        InvalidInput: another pseudonym was typed.
        Conflict: the family has not taken its consent back, or is being erased already.
        Busy: a job works on a recording.
    """
    service.require_maintainer(user, "erase recordings")
    infant = repository.lock_infant(session, infant_id)
    if infant is None:
        raise NotFound(f"There is no infant {infant_id}.")
    if pseudonym.strip() != infant.pseudonym:
        raise InvalidInput(f"Type {infant.pseudonym} to erase this infant's recordings.")
    _require_withdrawn(session, infant_id)
    if infant_id in repository.being_erased(session):
        raise Conflict("This infant is being erased already.")
    _require_idle(session, repository.recording_ids(session, infant_id))
    _thaw(session, infant_id)
    payload = EraseInfantPayload(infant_id=infant_id, by_id=user.id)
    job = jobs.enqueue(session, payload, None, user.id, title=f"Erase {infant.pseudonym}")
    audit.record(session, user.id, "erasure_asked", "infant", infant_id, {"job": job.id})
    service.tell(session, infant_id)
    return job


def begin(session: Session, infant_id: int) -> list[int]:
    """What the job has to erase; the infant is looked at anew, because somebody may have agreed.

    Raises:
        Conflict: the family agreed again.
    """
    _require_withdrawn(session, infant_id)
    _thaw(session, infant_id)
    return repository.recording_ids(session, infant_id)


def stop_others(session: Session, infant_id: int) -> list[Job]:
    """Ask jobs to stop that could write anew what is erased; which of them still work.

    These are jobs on the infant's recordings, which began after the erasure was asked for, and
    writings of releases that are drafts again: they would come to nothing anyway. To be called
    again until none is left. One whose worker is lost is ended here, because the worker that could
    take it over may be the one that waits.
    """
    recordings = repository.recording_ids(session, infant_id)
    writing = (
        select(Release.job_id)
        .join(Job, Job.id == Release.job_id)
        .where(Release.state == "draft", Job.kind == JobKind.WRITE_RELEASE.value)
    )
    found = session.scalars(
        select(Job.id)
        .where(Job.state.in_(ACTIVE), Job.recording_id.in_(recordings) | Job.id.in_(writing))
        .order_by(Job.id)
    ).all()
    stopping = []
    for job_id in found:
        try:
            stopping.append(jobs.request_cancel(session, job_id))
        except Conflict:
            continue  # It came to its end meanwhile.
    return [job for job in stopping if job.state in ACTIVE]


def erase_recording(
    session: Session, recording_id: int, asked: EraseInfantPayload, job_id: int, storage: BlobStore
) -> None:
    """Remove one recording: files, exports that hold it, then its rows.

    Raises:
        Busy: a job works on it.
    """
    found = session.scalar(select(Recording).where(Recording.id == recording_id).with_for_update())
    if found is None or found.infant_id != asked.infant_id:
        return
    _require_idle(session, [recording_id])
    exports = repository.exports_with(session, [recording_id])
    for export in exports:
        _erase_export(session, export, storage)
    files = stored.remove_files(storage, recording_id)
    told = {
        "infant": asked.infant_id,
        "files": files,
        "exports": len(exports),
        "job": job_id,
    }
    audit.record(session, asked.by_id, "erased", "recording", recording_id, told)
    releases.forget_in_gates(session, recording_id)
    workflow.discard_rows(session, recording_id)
    session.flush()


def _erase_export(session: Session, export: Export, storage: BlobStore) -> None:
    storage.delete_prefix(exports_service.folder_of(export))
    session.delete(export)


def erase_uploads(session: Session, infant_id: int, folder: Path) -> int:
    """Remove what failed imports of an infant keep for another try."""
    infant = session.get_one(Infant, infant_id)
    waiting = repository.waiting_uploads(session, infant.pseudonym)
    uploads.remove_files(folder, [upload.id for upload in waiting])
    for upload in waiting:
        session.delete(upload)
    session.flush()
    return len(waiting)


def clear_attempts(session: Session, release_id: int, storage: BlobStore) -> None:
    """Remove what attempts to write a release left that came to nothing.

    The release is held: nobody can ask for it to be written meanwhile. One that is being written
    removes such files by itself, and holds none of an infant whose family withdrew.
    """
    release = session.scalar(select(Release).where(Release.id == release_id).with_for_update())
    if release is None or release.prefix is not None:
        return
    state = session.scalar(select(Job.state).where(Job.id == release.job_id))
    if state not in ACTIVE:
        storage.delete_prefix(f"releases/{release_id}/")


def finish(
    session: Session, asked: EraseInfantPayload, job_id: int, erased_uploads: int
) -> dict[str, Any]:
    """Write down that nothing is left, in the transaction that ends the job.

    Raises:
        Conflict: a recording was imported meanwhile.
    """
    if repository.recording_ids(session, asked.infant_id):
        raise Conflict("A recording of this infant was imported meanwhile: retry to erase it too.")
    details = AuditEntry.details
    recordings, files, exports = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(cast(details["files"].astext, Integer)), 0),
            func.coalesce(func.sum(cast(details["exports"].astext, Integer)), 0),
        ).where(
            AuditEntry.action == "erased",
            AuditEntry.subject == "recording",
            details.contains({"job": job_id}),
        )
    ).one()
    result = {
        "infant_id": asked.infant_id,
        "recordings": recordings,
        "files": files,
        "exports": exports,
        "uploads": erased_uploads,
    }
    audit.record(session, asked.by_id, "infant_erased", "infant", asked.infant_id, result)
    service.tell(session, asked.infant_id)
    return result


def _require_withdrawn(session: Session, infant_id: int) -> None:
    if repository.latest_scope(session, infant_id) is not ConsentScope.NONE:
        raise Conflict("Only infants whose consent was taken back are erased: note that first.")


def _require_idle(session: Session, recording_ids: list[int]) -> None:
    busy = session.scalar(
        select(Job.id).where(Job.recording_id.in_(recording_ids), Job.state.in_(ACTIVE)).limit(1)
    )
    if busy is not None:
        raise Busy("A job works on a recording of this infant: cancel it first.", job=busy)


def _thaw(session: Session, infant_id: int) -> None:
    for release in release_rows.checked_with_infant(session, infant_id):
        releases.thaw(session, release)
        releases.tell(session, release)
    session.flush()
