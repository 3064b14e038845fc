"""Whether images in the store are those that were imported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame
from backend.core.storage import BlobStore
from backend.domain.errors import NotFound
from backend.publishing.releases.selecting import among

THREADS: Final = 4
"""Reading waits for the disk, and hashing lets other threads go on."""
_AT_A_TIME: Final = 256

STORED_SHA256: Final = func.coalesce(Frame.stored_sha256, Frame.sha256).label("stored")
"""Hash of a frame's file in the store."""

MISSING: Final = "Its image is not in the store."
CHANGED: Final = "Its image in the store is not the one that was imported: its content has changed."


class StoredImages:
    """Images that were read and compared with the hash of their import; each is read once.

    Reading all images of a dataset takes minutes. It is done before the transaction that freezes a
    release; in there, only what joined the selection meanwhile is still to be read.

    Args:
        storage: Where images lie.
    """

    def __init__(self, storage: BlobStore) -> None:
        self._storage = storage
        self._faults: dict[tuple[str, str], str | None] = {}

    def read(self, images: Iterable[tuple[str, str]]) -> Iterator[int]:
        """Read images that were not read yet.

        Args:
            images: Key in the store and SHA-256 of each.

        Yields:
            After each few, how many are done.
        """
        new = (image for image in images if image not in self._faults)
        done = 0
        with ThreadPoolExecutor(THREADS) as pool:
            while batch := list(islice(new, _AT_A_TIME)):
                self._faults.update(zip(batch, pool.map(self._look, batch), strict=True))
                done += len(batch)
                yield done

    def fault(self, key: str, sha256: str) -> str | None:
        """What is wrong with an image, in words, or None."""
        image = (key, sha256)
        if image not in self._faults:
            self._faults[image] = self._look(image)
        return self._faults[image]

    def _look(self, image: tuple[str, str]) -> str | None:
        key, sha256 = image
        try:
            data = self._storage.read(key)
        except NotFound:
            return MISSING
        return None if hashlib.sha256(data).hexdigest() == sha256 else CHANGED


def stored_images(session: Session, frame_ids: Sequence[int]) -> list[tuple[str, str]]:
    """Key in the store and SHA-256 of frames' images."""
    rows = session.execute(
        select(Frame.image_key, STORED_SHA256).where(among(frame_ids)).order_by(Frame.id)
    )
    return [(row.image_key, row.stored) for row in rows]
