"""Datasets and their next versions: begun, edited, infants put into splits, thrown away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.tables import Dataset, Release, User
from backend.core.events import announce
from backend.core.storage import BlobStore
from backend.domain.consents import AUDIENCES, ConsentScope
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.releases.lifecycle import FINAL, ReleaseState
from backend.domain.releases.versions import FIRST, Change, Version
from backend.publishing.releases import repository
from backend.publishing.releases.service import (
    editable,
    require_maintainer,
    settings_of,
    tell,
    thaw,
)
from backend.publishing.releases.settings import ReleaseSettings


@dataclass(frozen=True, slots=True)
class About:
    """What a release says of itself; None leaves as it is."""

    version: str | None = None
    audience: ConsentScope | None = None
    notes: str | None = None
    licence: str | None = None
    contact: str | None = None
    citation: str | None = None


def create_dataset(
    session: Session, user: User, *, name: str, title: str, description: str = ""
) -> Dataset:
    """Make a dataset, under which releases follow each other.

    Raises:
        Forbidden: the person may not.
        Conflict: the name is taken.
    """
    require_maintainer(user, "make datasets")
    dataset = Dataset(name=name, title=title, description=description, created_by_id=user.id)
    try:
        with session.begin_nested():
            session.add(dataset)
            session.flush()
    except IntegrityError as error:
        raise Conflict(f"There is a dataset {name} already.") from error
    audit.record(session, user.id, "dataset_made", "dataset", dataset.id, {"name": name})
    return dataset


def create_release(
    session: Session, user: User, dataset_id: int, *, version: str | None, change: Change
) -> Release:
    """Begin the next version of a dataset, with the settings and words of the last one.

    Args:
        session: The transaction.
        user: Who asks.
        dataset_id: The dataset.
        version: Its version; by default the next one after the last.
        change: How much it changes, where no version is named.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such dataset.
        InvalidInput: it is not a version, or not after the last one.
        Conflict: the dataset has this version already.
    """
    require_maintainer(user, "make releases")
    dataset = repository.get_dataset(session, dataset_id)
    known = repository.versions(session, dataset.id)
    base = latest(known)
    if version is not None:
        wanted = Version.parse(version)
    else:
        last = max((Version.parse(r.version) for r in known), default=None)
        wanted = last.next(change) if last else FIRST
    _require_after(wanted, base)
    like = known[-1] if known else None
    release = Release(
        dataset_id=dataset.id,
        version=str(wanted),
        base_id=base.id if base else None,
        state=ReleaseState.DRAFT.value,
        audience=like.audience if like else ConsentScope.INTERNAL.value,
        settings=like.settings if like else ReleaseSettings().model_dump(mode="json"),
        licence=like.licence if like else "",
        contact=like.contact if like else "",
        citation=like.citation if like else "",
        notes="",
        created_by_id=user.id,
    )
    _insert(session, release)
    inherited = repository.inherited_splits(session, release)
    repository.put_splits(session, release.id, {k: (v, True) for k, (v, _) in inherited.items()})
    tell(session, release)
    audit.record(session, user.id, "release_begun", "release", release.id, {"version": str(wanted)})
    return release


def latest(versions: Iterable[Release]) -> Release | None:
    """The highest of the versions that are published, or were."""
    final = [release for release in versions if ReleaseState(release.state) in FINAL]
    return max(final, key=lambda release: Version.parse(release.version), default=None)


def follow(session: Session, release: Release, selected: Collection[int]) -> dict[int, str]:
    """Let a draft begin after the versions that were published since it was begun.

    It is compared with the latest of them, and their infants stay on their sides.

    Args:
        session: The transaction.
        release: The draft, held.
        selected: Infants of its selection: those on another side than before are not moved.

    Returns:
        By infant of the selection why it cannot be where it is.

    Raises:
        InvalidInput: its version is not after the latest of them.
    """
    base = latest(repository.versions(session, release.dataset_id))
    _require_after(Version.parse(release.version), base)
    release.base_id = base.id if base else None
    now = repository.splits(session, release.id)
    rows = {key: (row.split, row.inherited) for key, row in now.items()}
    wrong: dict[int, str] = {}
    for infant, (split, version) in repository.inherited_splits(session, release).items():
        held = now.get(infant)
        if held is not None and held.split != split and infant in selected:
            wrong[infant] = f"This infant is in {split} since {version}, and never changes sides."
        else:
            rows[infant] = (split, True)
    repository.put_splits(session, release.id, rows)
    return wrong


def _require_after(wanted: Version, base: Release | None) -> None:
    if base is not None and wanted <= Version.parse(base.version):
        raise InvalidInput(f"Version {wanted} is not after {base.version}, which is published.")


def _insert(session: Session, release: Release) -> None:
    try:
        with session.begin_nested():
            session.add(release)
            session.flush()
    except IntegrityError as error:
        raise Conflict(f"This dataset has a version {release.version} already.") from error


def edit(
    session: Session,
    user: User,
    release_id: int,
    about: About,
    settings: ReleaseSettings | None = None,
) -> Release:
    """Change a draft; what was checked is a draft again.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such release.
        Conflict: it is published, or a job works on it.
        InvalidInput: the version does not fit.
    """
    require_maintainer(user, "edit releases")
    release = editable(session, release_id)
    if about.version is not None and about.version != release.version:
        wanted = Version.parse(about.version)
        _require_after(wanted, latest(repository.versions(session, release.dataset_id)))
        release.version = str(wanted)
    if about.audience is not None:
        if about.audience not in AUDIENCES:
            raise InvalidInput(f"Nobody is the audience of {about.audience.value!r}.")
        release.audience = about.audience.value
    for name in ("notes", "licence", "contact", "citation"):
        if (value := getattr(about, name)) is not None:
            setattr(release, name, value)
    if settings is not None:
        release.settings = settings.model_dump(mode="json")
        _drop_unknown_splits(session, release, settings)
    thaw(session, release)
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise Conflict(f"This dataset has a version {about.version} already.") from error
    tell(session, release)
    return release


def _drop_unknown_splits(session: Session, release: Release, settings: ReleaseSettings) -> None:
    names = {target.name for target in settings.splitting.targets}
    now = repository.splits(session, release.id)
    inherited = {row.split for row in now.values() if row.inherited}
    if lost := sorted(inherited - names):
        raise Conflict(
            f"Earlier versions put infants into {', '.join(lost)}: these splits have to stay."
        )
    kept = {k: (row.split, row.inherited) for k, row in now.items() if row.split in names}
    if len(kept) < len(now):
        repository.put_splits(session, release.id, kept)


def assign(
    session: Session, user: User, release_id: int, splits: Mapping[int, str | None]
) -> Release:
    """Put infants into splits by hand.

    Args:
        session: The transaction.
        user: Who asks.
        release_id: A draft or checked release.
        splits: By infant the name of a split, or None to take the infant out.

    Raises:
        Forbidden: the person may not.
        Conflict: an infant was on another side in an earlier version; nothing is changed.
        InvalidInput: there is no such split or infant.
    """
    require_maintainer(user, "edit releases")
    release = editable(session, release_id)
    names = {target.name for target in settings_of(release).splitting.targets}
    now = repository.splits(session, release.id)
    pseudonyms = repository.pseudonyms(session, list(splits))
    if unknown := sorted(set(splits) - set(pseudonyms)):
        raise InvalidInput(f"There is no infant {unknown[0]}.")
    rows = {key: (row.split, row.inherited) for key, row in now.items()}
    for infant, split in splits.items():
        held = now.get(infant)
        if held is not None and held.inherited and held.split != split:
            raise Conflict(
                f"{pseudonyms[infant]} was in {held.split} in an earlier version of this dataset,"
                " and never changes sides.",
                infant_id=infant,
            )
        if split is not None and split not in names:
            raise InvalidInput(f"There is no split {split}; there are {', '.join(sorted(names))}.")
        if split is None:
            rows.pop(infant, None)
        else:
            rows[infant] = (split, held.inherited if held else False)
    repository.put_splits(session, release.id, rows)
    thaw(session, release)
    tell(session, release)
    return release


def delete_draft(session: Session, user: User, release_id: int, storage: BlobStore) -> None:
    """Throw a release away that was never published, with what attempts to write it left.

    Raises:
        Conflict: it was, or a job works on it.
    """
    require_maintainer(user, "delete releases")
    release = editable(session, release_id)
    storage.delete_prefix(f"releases/{release_id}/")
    audit.record(
        session, user.id, "release_deleted", "release", release.id, {"version": release.version}
    )
    session.delete(release)
    session.flush()
    announce(session, "release", {"id": release_id})
