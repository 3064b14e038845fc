"""Stored images as models read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import cv2
import numpy as np

from backend.core.storage import BlobStore
from backend.domain.errors import InvalidInput
from backend.domain.estimates import RgbImage


def images_ahead(storage: BlobStore, keys: Sequence[str]) -> Iterator[RgbImage]:
    """The images in order, each read and decoded on another thread while the one before is in use.

    Raises:
        InvalidInput: the stored bytes of the next one are no image any more.
    """
    with ThreadPoolExecutor(1) as pool:
        following: Future[RgbImage] | None = None
        for key, then in zip(keys, [*keys[1:], None], strict=False):
            now = following or pool.submit(load_image, storage, key)
            following = None if then is None else pool.submit(load_image, storage, then)
            yield now.result()


def load_image(storage: BlobStore, key: str) -> RgbImage:
    """Read and decode a stored image: uint8 (height, width, 3) RGB.

    Raises:
        InvalidInput: the stored bytes are no image any more.
    """
    data = np.frombuffer(storage.read(key), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None:
        raise InvalidInput(f"{key}: the stored image is damaged.", file=key, fault="damaged")
    return np.asarray(image, dtype=np.uint8)
