"""Rows of datasets and releases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Row, delete, func, or_, select
from sqlalchemy.orm import Session, defer

from backend.core.database.tables import (
    Camera,
    CameraFile,
    Dataset,
    Infant,
    Release,
    ReleaseComparison,
    ReleaseFile,
    ReleaseFrame,
    ReleaseRecording,
    ReleaseSplit,
)
from backend.domain.errors import NotFound
from backend.domain.releases.lifecycle import FINAL, ReleaseState
from backend.domain.splits.order import reading_order


def datasets(session: Session) -> Sequence[Dataset]:
    """All datasets, by name."""
    return session.scalars(select(Dataset).order_by(Dataset.name)).all()


def get_dataset(session: Session, dataset_id: int, *, lock: bool = False) -> Dataset:
    """A dataset by id; ``lock`` lets its versions be published one after the other only.

    Raises:
        NotFound: there is none.
    """
    held = {"key_share": True} if lock else None
    dataset = session.get(Dataset, dataset_id, with_for_update=held)
    if dataset is None:
        raise NotFound(f"There is no dataset {dataset_id}.")
    return dataset


def releases(session: Session, dataset_id: int | None = None) -> Sequence[tuple[Release, Dataset]]:
    """Releases with their datasets, newest first.

    What a list does not show is not read: statistics and gate grow with the dataset.
    """
    query = (
        select(Release, Dataset)
        .options(
            defer(Release.statistics),
            defer(Release.gate),
            defer(Release.settings),
            defer(Release.split_counts),
        )
        .join(Dataset, Dataset.id == Release.dataset_id)
        .order_by(Release.id.desc())
    )
    if dataset_id is not None:
        query = query.where(Release.dataset_id == dataset_id)
    return [(row[0], row[1]) for row in session.execute(query)]


def get(session: Session, release_id: int, *, lock: bool = False) -> Release:
    """A release by id; ``lock`` holds it for this transaction.

    Raises:
        NotFound: there is none.
    """
    query = select(Release).where(Release.id == release_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    release = session.scalar(query)
    if release is None:
        raise NotFound(f"There is no release {release_id}.")
    return release


def versions(session: Session, dataset_id: int) -> Sequence[Release]:
    """A dataset's releases, oldest first."""
    return session.scalars(
        select(Release).where(Release.dataset_id == dataset_id).order_by(Release.id)
    ).all()


def splits(session: Session, release_id: int) -> dict[int, ReleaseSplit]:
    """Which infant is on which side, by infant."""
    rows = session.scalars(select(ReleaseSplit).where(ReleaseSplit.release_id == release_id))
    return {row.infant_id: row for row in rows}


def inherited_splits(session: Session, release: Release) -> dict[int, tuple[str, str]]:
    """Where the published versions of a release's dataset put each infant: the split, the version.

    Withdrawn versions count too: somebody has their files.
    """
    rows = session.execute(
        select(ReleaseSplit.infant_id, ReleaseSplit.split, Release.version)
        .join(Release, Release.id == ReleaseSplit.release_id)
        .where(
            Release.dataset_id == release.dataset_id,
            Release.id != release.id,
            Release.state.in_([state.value for state in FINAL]),
        )
        .order_by(Release.id)
    )
    return {row.infant_id: (row.split, row.version) for row in rows}


def hold_infants(session: Session, infant_ids: Collection[int]) -> Sequence[Infant]:
    """Infants, whose consents nobody changes until the transaction ends.

    Before any release is locked: whoever notes a consent locks the infant, then releases.
    """
    return session.scalars(
        select(Infant)
        .where(Infant.id.in_(infant_ids))
        .order_by(Infant.id)
        .with_for_update(read=True)
    ).all()


def frozen_infants(session: Session, release_id: int) -> list[int]:
    """The infants of a release's frozen frames."""
    rows = select(ReleaseFrame.infant_id).where(ReleaseFrame.release_id == release_id).distinct()
    return sorted(session.scalars(rows))


def put_splits(session: Session, release_id: int, rows: Mapping[int, tuple[str, bool]]) -> None:
    """Replace a draft's splits: by infant the split, and whether it is inherited."""
    session.execute(delete(ReleaseSplit).where(ReleaseSplit.release_id == release_id))
    session.add_all(
        ReleaseSplit(release_id=release_id, infant_id=infant, split=split, inherited=inherited)
        for infant, (split, inherited) in sorted(rows.items())
    )
    session.flush()


def delete_frames(session: Session, release_id: int) -> None:
    """Forget what a draft had frozen."""
    session.execute(delete(ReleaseFrame).where(ReleaseFrame.release_id == release_id))
    session.execute(delete(ReleaseRecording).where(ReleaseRecording.release_id == release_id))
    compared = ReleaseComparison
    session.execute(
        delete(compared).where(
            or_(compared.release_id == release_id, compared.base_id == release_id)
        )
    )


def split_counts(release: Release) -> dict[str, tuple[int, int]]:
    """Frames and infants of each split of a frozen release."""
    counts = release.split_counts or {}
    return {split: tuple(counts[split]) for split in sorted(counts, key=reading_order)}


def count_splits(session: Session, release_id: int) -> dict[str, tuple[int, int]]:
    """Frames and infants of each split, from the frozen frames."""
    rows = session.execute(
        select(ReleaseFrame.split, func.count(), func.count(func.distinct(ReleaseFrame.infant_id)))
        .where(ReleaseFrame.release_id == release_id)
        .group_by(ReleaseFrame.split)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def files(session: Session, release_id: int) -> Sequence[ReleaseFile]:
    """Files of a published release, by path in the order of bytes."""
    return session.scalars(
        select(ReleaseFile)
        .where(ReleaseFile.release_id == release_id)
        .order_by(ReleaseFile.path.collate("C"))
    ).all()


def file_columns(session: Session, release_id: int) -> Sequence[Row[str, int, str, int | None]]:
    """Path, size, SHA-256 and CRC-32 of the same, without making objects of 100,000 rows."""
    of = ReleaseFile
    return session.execute(
        select(of.path, of.bytes, of.sha256, of.crc32)
        .where(of.release_id == release_id)
        .order_by(of.path.collate("C"))
    ).all()


def get_file(session: Session, release_id: int, path: str) -> ReleaseFile:
    """One file.

    Raises:
        NotFound: there is none of that name.
    """
    found = session.get(ReleaseFile, (release_id, path))
    if found is None:
        raise NotFound(f"Release {release_id} has no file {path}.")
    return found


def checked_with_infant(session: Session, infant_id: int) -> Sequence[Release]:
    """Checked releases that hold an infant, locked by id."""
    holds = select(ReleaseFrame.release_id).where(ReleaseFrame.infant_id == infant_id)
    return session.scalars(
        select(Release)
        .where(Release.state == ReleaseState.CHECKED.value, Release.id.in_(holds))
        .order_by(Release.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def pseudonyms(session: Session, infant_ids: Collection[int]) -> dict[int, str]:
    """Pseudonyms of infants that still exist."""
    rows = session.execute(select(Infant.id, Infant.pseudonym).where(Infant.id.in_(infant_ids)))
    return {row.id: row.pseudonym for row in rows}


def video_hashes(session: Session, recording_ids: Collection[int]) -> dict[int, set[str]]:
    """SHA-256 of the videos of each recording."""
    rows = session.execute(
        select(Camera.recording_id, CameraFile.sha256)
        .join(CameraFile, CameraFile.camera_id == Camera.id)
        .where(Camera.recording_id.in_(recording_ids))
    )
    found: dict[int, set[str]] = {}
    for row in rows:
        found.setdefault(row.recording_id, set()).add(row.sha256)
    return found
