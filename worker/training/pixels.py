"""Reads images for training."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from backend.domain.errors import InvalidInput
from backend.domain.estimates import RgbImage


def load_rgb(file: Path) -> RgbImage:
    """An image, uint8 (height, width, 3) RGB.

    Raises:
        InvalidInput: it is missing or damaged.
    """
    # Releases are written upright; a rotation that a file tells of was applied to its labels, too.
    return _load(file, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


def load_upright(file: Path) -> RgbImage:
    """An image without labels, turned as its file says; see :func:`load_rgb`."""
    return _load(file, cv2.IMREAD_COLOR)


def _load(file: Path, flags: int) -> RgbImage:
    image = cv2.imread(str(file), flags)
    if image is None:
        raise InvalidInput(f"{file.name} cannot be read.", file=str(file), fault="unreadable")
    return np.ascontiguousarray(image[:, :, ::-1])
