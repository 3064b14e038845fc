"""Stored images as models read them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from obstore.store import LocalStore

from backend.core.storage import BlobStore, ObjectBlobStore
from backend.domain.errors import InvalidInput
from worker.pipelines.images import images_ahead


@pytest.fixture
def storage(tmp_path: Path) -> BlobStore:
    store = ObjectBlobStore(LocalStore(prefix=tmp_path), tmp_path)
    for number in range(4):
        picture = np.full((6, 8, 3), 60 * number, np.uint8)
        store.put(f"{number}.png", cv2.imencode(".png", picture)[1].tobytes())
    store.put("broken.png", b"no picture")
    return store


def test_images_come_in_order_though_the_next_is_read_ahead(storage: BlobStore) -> None:
    found = images_ahead(storage, [f"{number}.png" for number in (2, 0, 3)])
    assert [int(image[0, 0, 0]) for image in found] == [120, 0, 180]
    assert list(images_ahead(storage, [])) == []


def test_a_damaged_image_is_an_error_only_when_it_is_its_turn(storage: BlobStore) -> None:
    found = images_ahead(storage, ["1.png", "broken.png", "2.png"])
    assert int(next(found)[0, 0, 0]) == 60
    with pytest.raises(InvalidInput, match="the stored image is damaged"):
        next(found)
