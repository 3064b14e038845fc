"""Images of any size into the square that the pose model takes, and coordinates back.

The image is scaled to fit and centred, the rest filled with grey 114, as mmpose does where it
measures RTMO's published precision (transform ``BottomupResize``). Other ports put the image into
the top-left corner; the model tolerates both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.estimates import RgbImage

GREY: Final = (114, 114, 114)


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where an image lies in the square: ``input = scale · image + shift``, per pixel index.

    Attributes:
        width, height: Of the image, in pixels.
        scale: Input pixels per image pixel.
        shift: (x, y) in input pixels.
    """

    width: int
    height: int
    scale: float
    shift: tuple[float, float]

    def to_image(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Input coordinates (…, 2) as image coordinates."""
        result: NDArray[np.float64] = (points - self.shift) / self.scale
        return result


def letterbox(image: RgbImage, side: int, into: NDArray[np.uint8]) -> Letterbox:
    """Fit an image into a square.

    Args:
        image: uint8 (height, width, 3) RGB.
        side: Of the square, pixels.
        into: uint8 (side, side, 3), overwritten with the result in BGR.

    Raises:
        InvalidInput: not an RGB image of bytes.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise InvalidInput(
            f"Expected an RGB image of bytes, got {image.dtype} of shape {image.shape}.",
            fault="not an RGB image",
        )
    height, width = image.shape[:2]
    scale = side / max(width, height)
    shift = ((side - scale * width) / 2, (side - scale * height) / 2)
    matrix = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])
    fitted = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=GREY)
    cv2.cvtColor(fitted, cv2.COLOR_RGB2BGR, dst=into)
    return Letterbox(width, height, scale, shift)
