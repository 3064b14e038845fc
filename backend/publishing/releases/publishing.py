"""The end of writing a release: its list of files, its hash, and the step that makes it visible."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.tables import (
    Dataset,
    InfantConsent,
    Recording,
    Release,
    ReleaseFile,
    ReleaseFrame,
)
from backend.core.events import announce
from backend.domain.consents import Consent, ConsentScope, allows, effective_scope
from backend.domain.errors import Conflict
from backend.domain.releases.lifecycle import ReleaseEvent, ReleaseState, after
from backend.domain.releases.versions import Version
from backend.publishing.releases import drafts, repository, service

SUMS: Final = "SHA256SUMS"
"""The list of all files with their hashes, as ``sha256sum --check`` reads it."""

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file of a release.

    Attributes:
        path: Relative to the release's folder, with forward slashes.
        bytes: Its size.
        sha256: Hex digits.
        crc32: What a zip archive says of it; None where it was written before that was counted.
    """

    path: str
    bytes: int
    sha256: str
    crc32: int | None = None


def written(path: str, data: bytes) -> WrittenFile:
    """A file with these bytes."""
    return WrittenFile(path, len(data), sha256_of(data), zlib.crc32(data))


def written_from(path: str, file: Path) -> WrittenFile:
    """A file with what a local file holds, which is read once and never held whole."""
    sha256, crc32, size = hashlib.sha256(), 0, 0
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            sha256.update(chunk)
            crc32 = zlib.crc32(chunk, crc32)
            size += len(chunk)
    return WrittenFile(path, size, sha256.hexdigest(), crc32)


def sums(files: Iterable[WrittenFile]) -> bytes:
    """The list of files: a line each, by path in the order of bytes."""
    ordered = sorted(files, key=lambda file: file.path.encode())
    return "".join(f"{file.sha256}  {file.path}\n" for file in ordered).encode()


def folder_name(dataset: Dataset, release: Release) -> str:
    """What the release's folder is called when it is unpacked."""
    return f"{dataset.name}-{release.version}"


def folder_of_attempts(release_id: int) -> str:
    """Under which all attempts to write a release lay their files in the store."""
    return f"releases/{release_id}/"


def prefix_of(release_id: int, job_id: int, claim: int) -> str:
    """Where one attempt to write a release lays its files in the store, and no other ever does."""
    return f"{folder_of_attempts(release_id)}{job_id}-{claim}/"


def publish(
    session: Session,
    release_id: int,
    by_id: int,
    *,
    prefix: str,
    files: Sequence[WrittenFile],
) -> Release:
    """Make a written release public, as one step.

    Args:
        session: The transaction; before it nothing of the release can be seen, after it all.
        release_id: The release.
        by_id: Who asked for it.
        prefix: Where its files lie in the store.
        files: All of them, :data:`SUMS` among them.

    Raises:
        Conflict: it is not checked any more, a family took its consent back meanwhile, or another
            version was published with which it does not go together.
    """
    release = hold(session, release_id)
    require_checked(release)
    state = after(ReleaseState(release.state), ReleaseEvent.PUBLISH)
    require_consents(session, release)
    require_place(session, release)
    session.execute(
        insert(ReleaseFile),
        [{"release_id": release.id, **asdict(file)} for file in files],
    )
    listed = next(file for file in files if file.path == SUMS)
    release.content_sha256 = listed.sha256
    release.files = len(files)
    release.bytes = sum(file.bytes for file in files)
    release.prefix = prefix
    release.published_at = datetime.now(UTC)
    release.published_by_id = by_id
    release.state = state.value
    session.flush()
    audit.record(
        session,
        by_id,
        "release_published",
        "release",
        release.id,
        {"version": release.version, "content_sha256": release.content_sha256},
    )
    announce(session, "release", {"id": release.id, "state": release.state})
    return release


def hold(session: Session, release_id: int) -> Release:
    """A release for this transaction alone, its infants held before it.

    The order is that of whoever notes a consent: otherwise each could wait for the other.
    """
    repository.hold_infants(session, repository.frozen_infants(session, release_id))
    return repository.get(session, release_id, lock=True)


def require_place(session: Session, release: Release) -> None:
    """Refuse where a version that was published meanwhile leaves no place for this one.

    Two drafts of a dataset do not know of each other. Versions of one dataset are published one
    after the other: the second sees the first.

    Raises:
        Conflict: its version is not after theirs, or an infant is on another side there.
    """
    repository.get_dataset(session, release.dataset_id, lock=True)
    last = drafts.latest(repository.versions(session, release.dataset_id))
    if last is not None and Version.parse(release.version) <= Version.parse(last.version):
        raise Conflict(
            f"Version {last.version} was published meanwhile: give this one a later number, then"
            " check it again."
        )
    now = repository.splits(session, release.id)
    frozen = repository.frozen_infants(session, release.id)
    names = repository.pseudonyms(session, frozen)
    then = repository.inherited_splits(session, release)
    moved = [key for key in frozen if key in then and key in now and now[key].split != then[key][0]]
    if moved:
        said = ", ".join(f"{names[key]} is in {then[key][0]} since {then[key][1]}" for key in moved)
        raise Conflict(
            f"Another version was published meanwhile, and infants never change sides: {said}."
            " Check this one again, and put them there.",
            infants=[names[key] for key in moved],
        )


def require_checked(release: Release) -> None:
    """Refuse to write or publish what is not frozen.

    Raises:
        Conflict: it is published, withdrawn, or a draft again.
    """
    if release.prefix is not None:
        raise Conflict("This release is published already.")
    if ReleaseState(release.state) is not ReleaseState.CHECKED:
        raise Conflict(
            "This release is a draft again: it was edited, or a family took its consent back."
            " Check it, then publish it."
        )


def require_consents(session: Session, release: Release) -> None:
    """Refuse where a family of a frozen infant no longer agrees; holds their infants meanwhile.

    A withdrawal locks the infant's row: it comes before this, and is seen, or after the
    publication, and finds the release among the published ones.

    Raises:
        Conflict: names the infants; the release has to be checked again.
    """
    infants = repository.hold_infants(session, repository.frozen_infants(session, release.id))
    latest = {
        row.infant_id: ConsentScope(row.scope)
        for row in session.execute(
            select(InfantConsent.infant_id, InfantConsent.scope)
            .where(InfantConsent.infant_id.in_([infant.id for infant in infants]))
            .order_by(InfantConsent.id)
        )
    }
    audience = ConsentScope(release.audience)
    consents = session.execute(
        select(Recording.infant_id, Recording.consent)
        .where(
            Recording.id.in_(
                select(func.distinct(ReleaseFrame.recording_id)).where(
                    ReleaseFrame.release_id == release.id
                )
            )
        )
        .order_by(Recording.id)
    )
    names = {infant.id: infant.pseudonym for infant in infants}
    refused = sorted(
        {
            names[infant_id]
            for infant_id, consent in consents
            if not allows(effective_scope(latest.get(infant_id), Consent(consent)), audience)
        }
    )
    if refused:
        raise Conflict(
            f"The families of {', '.join(refused)} do not agree to this release any more."
            " Check it again: they are left out.",
            infants=refused,
        )


def give_up(session: Session, release_id: int) -> None:
    """Make a release a draft again whose writing showed that it cannot stay as it was frozen."""
    release = repository.get(session, release_id, lock=True)
    if ReleaseState(release.state) is ReleaseState.CHECKED:
        service.thaw(session, release)
        session.flush()
        announce(session, "release", {"id": release.id, "state": release.state})


def created_at(release: Release) -> datetime:
    """The time that a release's files give as their making: when its frames were frozen, in UTC.

    Raises:
        Conflict: nothing is frozen.
    """
    if release.frozen_at is None:
        raise Conflict("This release is a draft: nothing of it is frozen.")
    return release.frozen_at.astimezone(UTC)


def sha256_of(data: bytes) -> str:
    """Hex digits of the hash of a small file."""
    return hashlib.sha256(data).hexdigest()
