"""Pixels in memory: orientation, JPEG, thumbnails. Images are (height, width, 3) uint8, BGR."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.orientation import Orientation

BgrImage = NDArray[np.uint8]
"""An image of shape (height, width, 3), BGR, uint8: the order that OpenCV's codecs want."""

DEFAULT_JPEG_QUALITY: Final = 92
THUMBNAIL_HEIGHT: Final = 160
_THUMBNAIL_QUALITY: Final = 80


def upright(image: BgrImage, orientation: Orientation) -> BgrImage:
    """Turn stored pixels upright. Works on (height, width) and (height, width, channels)."""
    result: NDArray[np.generic]
    match orientation:
        case Orientation.FLIP_HORIZONTALLY:
            result = cv2.flip(image, 1)
        case Orientation.ROTATE_180:
            result = cv2.rotate(image, cv2.ROTATE_180)
        case Orientation.FLIP_VERTICALLY:
            result = cv2.flip(image, 0)
        case Orientation.TRANSPOSE:
            result = cv2.transpose(image)
        case Orientation.ROTATE_90_CLOCKWISE:
            result = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)
        case Orientation.TRANSVERSE:
            result = cv2.flip(cv2.transpose(image), -1)
        case Orientation.ROTATE_90_COUNTERCLOCKWISE:
            result = cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE)
        case _:
            result = image
    return np.asarray(result, dtype=image.dtype)


def encode_jpeg(image: BgrImage, quality: int = DEFAULT_JPEG_QUALITY) -> bytes:
    """Encode as JPEG with 4:2:0 chroma.

    Args:
        image: The image.
        quality: libjpeg's scale, 1 to 100.
    """
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError("OpenCV could not encode an image as JPEG")
    return data.tobytes()


def shrink(image: BgrImage, longest_side: int) -> BgrImage:
    """Reduce by area averaging so that the longest side is at most the given number of pixels."""
    height, width = image.shape[:2]
    if max(height, width) <= longest_side:
        return image
    scale = longest_side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def make_thumbnail(
    image: BgrImage, height: int = THUMBNAIL_HEIGHT, *, reduced: BgrImage | None = None
) -> bytes:
    """A small JPEG of the given height in pixels, never larger than the image.

    Args:
        image: The image.
        height: Pixels.
        reduced: The image already reduced, if there is one; used where it is large enough, since
            the large image costs more to reduce than all the rest.
    """
    if reduced is not None and reduced.shape[0] >= height:
        image = reduced
    rows, columns = image.shape[:2]
    if rows > height:
        size = (max(1, round(columns * height / rows)), height)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return encode_jpeg(image, _THUMBNAIL_QUALITY)
