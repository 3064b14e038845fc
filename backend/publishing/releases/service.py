"""Releases: checked, published, withdrawn, given out; ``drafts`` makes and edits them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Job, Release, User
from backend.core.database.tables.jobs import JobKind, JobState
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.releases.lifecycle import FINAL, ReleaseEvent, ReleaseState, after
from backend.publishing.releases import repository
from backend.publishing.releases.payloads import CheckReleasePayload, WriteReleasePayload
from backend.publishing.releases.settings import ReleaseSettings


def require_reader(user: User, doing: str = "see releases") -> None:
    """Releases are seen and fetched by those who may export, with any token of theirs.

    Raises:
        Forbidden: the person may not.
    """
    policies.require(policies.may_read_releases(user), doing)


def require_maintainer(user: User, doing: str) -> None:
    """Releases are made by those who may export.

    Raises:
        Forbidden: the person may not.
    """
    policies.require(policies.may_export(user), doing)


def settings_of(release: Release) -> ReleaseSettings:
    """What a release was asked to be."""
    return ReleaseSettings.model_validate(release.settings)


def request_check(session: Session, user: User, release_id: int) -> Job:
    """Ask what blocks a release; a worker looks, and freezes the selection where nothing does.

    Raises:
        Forbidden: the person may not.
        Conflict: it is published, or a job works on it.
    """
    require_maintainer(user, "check releases")
    release = editable(session, release_id)
    thaw(session, release)
    payload = CheckReleasePayload(release_id=release.id)
    return _begin(session, user, release, payload, "Check")


def request_publication(session: Session, user: User, release_id: int) -> Job:
    """Ask for a checked release to be written and published; a worker does it.

    Raises:
        Forbidden: the person may not.
        Conflict: it is not checked, a job works on it, or licence or contact are missing.
    """
    require_maintainer(user, "publish releases")
    release = editable(session, release_id)
    after(ReleaseState(release.state), ReleaseEvent.PUBLISH)
    if missing := [name for name in ("licence", "contact") if not getattr(release, name).strip()]:
        raise Conflict(f"Before publication a release needs its {' and '.join(missing)}.")
    payload = WriteReleasePayload(release_id=release.id, by_id=user.id)
    return _begin(session, user, release, payload, "Publish")


def _begin(session: Session, user: User, release: Release, payload: Any, doing: str) -> Job:
    dataset = repository.get_dataset(session, release.dataset_id)
    title = f"{doing} {dataset.name} {release.version}"
    job = jobs.enqueue(session, payload, None, user.id, title=title)
    release.job_id = job.id
    session.flush()
    tell(session, release)
    return job


def withdraw(session: Session, user: User, release_id: int, why: str) -> Release:
    """Take a published release back: it is no longer given out, its record stays.

    Raises:
        Forbidden: the person may not.
        Conflict: it is not published.
        InvalidInput: no reason is given.
    """
    require_maintainer(user, "withdraw releases")
    if not why.strip():
        raise InvalidInput("Say why: those who have the files will read it.")
    release = repository.get(session, release_id, lock=True)
    release.state = after(ReleaseState(release.state), ReleaseEvent.WITHDRAW).value
    release.withdrawn_at = datetime.now(UTC)
    release.withdrawn_by_id = user.id
    release.withdrawn_why = why.strip()
    session.flush()
    audit.record(session, user.id, "release_withdrawn", "release", release.id, {"why": why.strip()})
    tell(session, release)
    return release


def set_doi(session: Session, user: User, release_id: int, doi: str) -> Release:
    """Note the DOI that a published release was given; once.

    Raises:
        Conflict: it is not published, or has one.
        InvalidInput: it is no DOI.
    """
    require_maintainer(user, "publish releases")
    name = doi.strip().removeprefix("https://doi.org/").removeprefix("doi:")
    if not (name.startswith("10.") and "/" in name and " " not in name):
        raise InvalidInput(f"{doi!r} is not a DOI such as 10.5281/zenodo.1234567.")
    release = repository.get(session, release_id, lock=True)
    if ReleaseState(release.state) not in FINAL:
        raise Conflict("A DOI is given to published releases.")
    if release.doi is not None:
        raise Conflict(f"This release has the DOI {release.doi}.")
    release.doi = name
    session.flush()
    tell(session, release)
    return release


def thaw(session: Session, release: Release) -> None:
    """Make a release a draft again: its frozen frames are forgotten.

    What blocked it at its last check stays to be read, marked as of before this change.
    """
    release.state = after(ReleaseState(release.state), ReleaseEvent.EDIT).value
    release.gate = [entry | {"outdated": True} for entry in release.gate or []] or None
    release.statistics = None
    release.split_counts = None
    release.frames = None
    release.frozen_at = None
    repository.delete_frames(session, release.id)


def forget_in_gates(session: Session, recording_id: int) -> None:
    """Forget what blocked drafts that name a recording: the words hold what it was called."""
    for release in session.scalars(select(Release).where(Release.gate.is_not(None))):
        items = (item for entry in release.gate or [] for item in entry["items"])
        if any(item["recording_id"] == recording_id for item in items):
            release.gate = None


def editable(session: Session, release_id: int) -> Release:
    """A release that may still change, held for this transaction.

    Raises:
        Conflict: it is published, or a job works on it.
    """
    release = repository.get(session, release_id, lock=True)
    after(ReleaseState(release.state), ReleaseEvent.EDIT)
    if release.job_id is not None:
        state = session.scalar(select(Job.state).where(Job.id == release.job_id))
        if state in (JobState.QUEUED.value, JobState.RUNNING.value):
            raise Conflict("A job works on this release; wait for its end, or cancel it.")
    return release


def tell(session: Session, release: Release) -> None:
    """Let open browsers look again."""
    announce(session, "release", {"id": release.id, "state": release.state})


@jobs.on_retry(JobKind.CHECK_RELEASE)
@jobs.on_retry(JobKind.WRITE_RELEASE)
def _again(session: Session, job: Job) -> None:
    """A retried job must still be the release's last one."""
    release_id = job.payload["release_id"]
    release = repository.get(session, release_id, lock=True)
    if release.job_id != job.id:
        raise Conflict("This release has been checked or published anew since.")
    tell(session, release)


def given_out(session: Session, release_id: int) -> tuple[Release, str]:
    """A published release and where its files lie.

    Raises:
        NotFound: there is no such release.
        Conflict: it is not published, or was withdrawn.
    """
    release = repository.get(session, release_id)
    if release.state == ReleaseState.WITHDRAWN.value:
        raise Conflict(f"This release was withdrawn: {release.withdrawn_why}")
    if release.prefix is None:
        raise Conflict("This release is not published yet: it has no files.")
    return release, release.prefix
