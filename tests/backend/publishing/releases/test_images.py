"""Images are compared with the hash of their import before a release freezes them."""

from __future__ import annotations

import hashlib

import pytest

from backend.core.settings import Settings
from backend.core.storage import BlobStore, open_store
from backend.publishing.releases.images import CHANGED, MISSING, StoredImages

PICTURE = b"a picture"
SHA256 = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture
def storage(settings: Settings) -> BlobStore:
    storage = open_store(settings)
    storage.put("right.png", PICTURE)
    storage.put("changed.png", b"another picture")
    return storage


def test_an_image_is_what_was_imported_or_changed_or_missing(storage: BlobStore) -> None:
    images = StoredImages(storage)
    assert images.fault("right.png", SHA256) is None
    assert images.fault("changed.png", SHA256) == CHANGED
    assert images.fault("missing.png", SHA256) == MISSING


def test_an_image_that_was_read_is_not_read_again(storage: BlobStore) -> None:
    images = StoredImages(storage)
    wanted = [("right.png", SHA256), ("missing.png", SHA256)]
    assert list(images.read(wanted)) == [2]
    storage.delete("right.png")
    assert list(images.read(wanted)) == []
    assert images.fault("right.png", SHA256) is None
    assert images.fault("missing.png", SHA256) == MISSING
