"""Files of a withdrawn release leave the store; its row, its frames and its files' hashes stay.

A published release never changes, and that its files left is no change of it: it stands in a table
of its own. Removing twice is harmless, so a worker that died in it is followed by the next.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.tables import Job, Release, ReleaseRemoval, User
from backend.core.database.tables.jobs import ACTIVE
from backend.core.jobs import service as jobs
from backend.domain.errors import Conflict
from backend.domain.releases.lifecycle import ReleaseState
from backend.publishing.releases import repository, service
from backend.publishing.releases.payloads import RemoveReleasePayload


def request_removal(session: Session, user: User, release_id: int) -> Job:
    """Ask for the files of a withdrawn release to be removed; a worker does it.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such release.
        Conflict: it is not withdrawn, its files have left, or a job is about to remove them.
    """
    service.require_maintainer(user, "remove files of releases")
    release = repository.get(session, release_id, lock=True)
    require_withdrawn(release)
    removal = session.get(ReleaseRemoval, release.id)
    if removal is not None and removal.removed_at is not None:
        raise Conflict("The files of this release have been removed already.")
    state = session.scalar(select(Job.state).where(Job.id == release.job_id))
    if removal is not None and state in ACTIVE:
        raise Conflict("The files of this release are being removed.")
    if removal is None:
        session.add(ReleaseRemoval(release_id=release.id, asked_by_id=user.id))
    dataset = repository.get_dataset(session, release.dataset_id)
    title = f"Remove files of {dataset.name} {release.version}"
    job = jobs.enqueue(
        session, RemoveReleasePayload(release_id=release.id), None, user.id, title=title
    )
    release.job_id = job.id
    session.flush()
    audit.record(session, user.id, "release_files_removal_asked", "release", release.id)
    service.tell(session, release)
    return job


def require_withdrawn(release: Release) -> None:
    """Refuse to touch files that are still given out.

    Raises:
        Conflict: the release is not withdrawn.
    """
    if release.state != ReleaseState.WITHDRAWN.value:
        raise Conflict("Only the files of a withdrawn release are removed: withdraw it first.")


def note_removed(session: Session, release_id: int) -> dict[str, Any]:
    """Write down that the last file has left, in the transaction that ends the job."""
    release = repository.get(session, release_id, lock=True)
    removal = session.get_one(ReleaseRemoval, release_id)
    removal.removed_at = datetime.now(UTC)
    session.flush()
    audit.record(
        session,
        removal.asked_by_id,
        "release_files_removed",
        "release",
        release_id,
        {"files": release.files, "content_sha256": release.content_sha256},
    )
    service.tell(session, release)
    return {"release_id": release_id, "files": release.files, "bytes": release.bytes}


def removed_at(session: Session, release_ids: list[int]) -> dict[int, datetime | None]:
    """When files had left, by release; None where that was only asked for."""
    rows = session.execute(
        select(ReleaseRemoval.release_id, ReleaseRemoval.removed_at).where(
            ReleaseRemoval.release_id.in_(release_ids)
        )
    )
    return {row.release_id: row.removed_at for row in rows}
