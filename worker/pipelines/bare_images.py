"""Photographs that were stored before imports took their metadata out, cleaned where they lie.

Each is looked at once: its row then says the hash of its stored file, also where nothing had to be
taken out. A cleaned picture is stored under its new hash before its row names it, and the old file
goes after that: whatever dies in between, every row names a file that is there. An old file that
was left behind then goes the next time that the whole store is looked through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Release, ReleaseFrame
from backend.core.storage import BlobStore
from backend.domain.errors import InvalidInput, NotFound, TooLarge
from backend.domain.releases.lifecycle import ReleaseState
from backend.publishing.releases.publishing import sha256_of
from backend.publishing.releases.selecting import among
from worker.media.images import decode_image
from worker.media.parallel import in_order, usable_cores
from worker.media.stripping import stripped

_AT_A_TIME: Final = 200
_SUFFIXES: Final = {"image/jpeg": ".jpg", "image/png": ".png"}

Transaction = Callable[[], AbstractContextManager[Session]]
NOT_LOOKED_AT: Final[tuple[ColumnElement[bool], ...]] = (
    Frame.stored_sha256.is_(None),
    Frame.source_name.is_not(None),
)
"""Photographs of which nobody knows yet whether their file holds metadata."""


@dataclass(slots=True)
class Cleaned:
    """What was done.

    Attributes:
        looked: Photographs that were read.
        cleaned: Files out of which metadata was taken.
        left: Photographs that are as they were, since their file is missing, is not the one that
            was imported, or cannot be read.
        late: Files with metadata that were cleaned before, and that whoever did it left behind.
    """

    looked: int = 0
    cleaned: int = 0
    left: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class _Bare:
    """A photograph without metadata, as it lies in the store."""

    frame_id: int
    key: str
    sha256: str


def clean(
    transaction: Transaction,
    storage: BlobStore,
    frame_ids: Sequence[int] | None = None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Cleaned:
    """Take the metadata out of stored photographs that were not looked at yet.

    Args:
        transaction: Opens a transaction; a few hundred photographs are one.
        storage: Where they lie.
        frame_ids: Which frames; by default all.
        report: Told how many are done, of how many; may raise ``Cancelled``.
    """
    found = Cleaned()
    chosen = () if frame_ids is None else (among(frame_ids),)
    with transaction() as session:
        rows = session.execute(
            select(
                Frame.id, Frame.recording_id, Frame.image_key, Frame.sha256,
                Frame.width, Frame.height,
            )
            .where(*NOT_LOOKED_AT, *chosen)
            .order_by(Frame.id)
        ).all()  # fmt: skip
    for first in range(0, len(rows), _AT_A_TIME):
        some = rows[first : first + _AT_A_TIME]
        report(first, len(rows))
        looked = list(in_order((partial(_look, storage, row) for row in some), usable_cores()))
        bare = [one for one in looked if one is not None]
        with transaction() as session:
            old = [key for one in bare if (key := _note(session, one)) is not None]
        with transaction() as session:
            _drop(session, storage, old)
        found.looked += len(some)
        found.cleaned += len(old)
        found.left += len(some) - len(bare)
    if frame_ids is None:
        found.late = _remove_left(transaction, storage)
    return found


def _remove_left(transaction: Transaction, storage: BlobStore) -> int:
    """Remove old files of cleaned photographs whose cleaner died before it removed them."""
    with transaction() as session:
        rows = session.execute(
            select(Frame.recording_id, Frame.sha256).where(
                Frame.source_name.is_not(None), Frame.stored_sha256 != Frame.sha256
            )
        ).all()
    keys = {_key(*row, suffix) for row in rows for suffix in _SUFFIXES.values()}
    left = sorted(key for key in keys if storage.exists(key))
    for first in range(0, len(left), _AT_A_TIME):
        with transaction() as session:
            _drop(session, storage, left[first : first + _AT_A_TIME])
    return sum(not storage.exists(key) for key in left)


def _key(recording_id: int, sha256: str, suffix: str) -> str:
    return f"recordings/{recording_id}/frames/{sha256[:2]}/{sha256}{suffix}"


def _look(storage: BlobStore, row: Any) -> _Bare | None:
    """A photograph as it should lie in the store, put there; None where it has to be left."""
    try:
        data = storage.read(row.image_key)
    except NotFound:
        return None
    if sha256_of(data) != row.sha256:
        return None
    try:
        if stripped(data, row.image_key).data == data:
            return _Bare(row.id, row.image_key, row.sha256)
    except InvalidInput:
        pass  # It may still be decoded, as in an import.
    try:
        made = decode_image(data, row.image_key)
    except (InvalidInput, TooLarge):
        return None
    height, width = made.pixels.shape[:2]
    if (width, height) != (row.width, row.height):
        return None  # Its labels are of another picture.
    sha256 = sha256_of(made.data)
    key = _key(row.recording_id, sha256, _SUFFIXES[made.media_type])
    storage.put(key, made.data)
    return _Bare(row.id, key, sha256)


def _note(session: Session, bare: _Bare) -> str | None:
    """Name the stored file in the frame's row, and in drafts that froze it; tell the old key."""
    frame = session.scalar(
        select(Frame).where(Frame.id == bare.frame_id, *NOT_LOOKED_AT).with_for_update()
    )
    if frame is None:
        return None
    old, frame.image_key, frame.stored_sha256 = frame.image_key, bare.key, bare.sha256
    unpublished = select(Release.id).where(Release.state == ReleaseState.CHECKED.value)
    session.execute(
        update(ReleaseFrame)
        .where(ReleaseFrame.frame_id == frame.id, ReleaseFrame.release_id.in_(unpublished))
        .values(stored_sha256=bare.sha256)
    )
    return old if old != bare.key else None


def _drop(session: Session, storage: BlobStore, keys: Sequence[str]) -> None:
    """Remove files that no frame names any more."""
    named = set(session.scalars(select(Frame.image_key).where(Frame.image_key.in_(keys))))
    for key in keys:
        if key not in named:
            storage.delete(key)
