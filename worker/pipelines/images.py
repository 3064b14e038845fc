"""Stored images as models read them."""

from __future__ import annotations

import cv2
import numpy as np

from backend.core.storage import BlobStore
from backend.domain.errors import InvalidInput
from backend.domain.estimates import RgbImage


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
