"""Optical flow between two frames, on a grid around the infant, checked both ways.

The flow is OpenCV's DIS (Kroeger et al., *Fast Optical Flow using Dense Inverse Search*, 2016). A
node is trusted as far as its way there and back ends where it began (Sundaram et al., *Dense Point
Trajectories by GPU-accelerated Large Displacement Optical Flow*, 2010), and as the picture there
looks as it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from jaxtyping import Float, Float16, UInt8
from numpy.typing import NDArray

from backend.domain.flow_grids import FULL, GRID, Box

WORKING_SIDE: Final = 288
"""The square is brought to at most so many pixels: an infant's limbs still span some ten."""

_SIGMA_PX: Final = 0.6
_SIGMA_SHARE: Final = 0.06
"""Spread of the way back, in working pixels, and as a share of the way."""

_SIGMA_LUMA: Final = 14.0
"""Spread of the difference of grey levels between here and there; light changes, too."""

Gray = UInt8[NDArray[Any], "h w"]


@dataclass(frozen=True, eq=False)
class Link:
    """The motion from a frame to the next.

    Attributes:
        origin: x, y of the first node, image pixels.
        step: Pixels between nodes.
        displacement: x, y in image pixels.
        reliability: From 0 to 255.
    """

    origin: Float[NDArray[Any], "2"]
    step: float
    displacement: Float16[NDArray[Any], "g g 2"]
    reliability: UInt8[NDArray[Any], "g g"]


def measure(before: Gray, after: Gray, square: Box) -> Link:
    """How the picture moves in a square.

    Args:
        before: The first frame.
        after: The next one, of the same size.
        square: Left, top, right, bottom in image pixels; it may go beyond the image, where nothing
            is trusted.

    Raises:
        ValueError: the frames differ in size.
    """
    if before.shape != after.shape:
        raise ValueError(f"frames of {before.shape} and {after.shape}")
    left, top, right, _ = square
    side = right - left
    n = int(np.clip(round(side), 32, WORKING_SIDE))
    scale = n / side
    one, two = (_cut(image, square, n) for image in (before, after))
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    dis.setFinestScale(1)
    there = dis.calc(one, two, np.zeros((n, n, 2), np.float32))
    back = dis.calc(two, one, np.zeros((n, n, 2), np.float32))
    nodes = (np.arange(GRID) + 0.5) * (n / GRID)  # continuous working pixels
    x, y = np.meshgrid(nodes, nodes)
    moved = _at(there, x, y)
    end_x, end_y = x + moved[..., 0], y + moved[..., 1]
    returned = _at(back, end_x, end_y)
    way = np.hypot(moved[..., 0], moved[..., 1])
    miss = np.hypot(*(np.moveaxis(moved + returned, -1, 0)))
    luma = _at(_soft(two), end_x, end_y) - _at(_soft(one), x, y)
    trust = np.exp(
        -0.5 * (miss / (_SIGMA_PX + _SIGMA_SHARE * way)) ** 2 - 0.5 * (luma / _SIGMA_LUMA) ** 2
    )
    trust[~_seen(end_x, end_y, square, before.shape, scale)] = 0
    trust[~_seen(x, y, square, before.shape, scale)] = 0
    step = side / GRID
    return Link(
        origin=np.array([left + step / 2, top + step / 2]),
        step=step,
        displacement=(moved / scale).astype(np.float16),
        reliability=np.rint(trust * FULL).astype(np.uint8),
    )


def _cut(image: Gray, square: Box, n: int) -> Gray:
    """The square as n × n pixels; beyond the image its border goes on."""
    left, top, right, _ = square
    scale = n / (right - left)
    # From working to image pixels, both counted from the middle of the first.
    inverse = np.array(
        [[1 / scale, 0, left + 0.5 / scale - 0.5], [0, 1 / scale, top + 0.5 / scale - 0.5]]
    )
    if scale < 0.75:  # an even look at every pixel, not at one in four
        sigma = 0.45 / scale
        image = cv2.GaussianBlur(image, (0, 0), sigma).astype(np.uint8)
    return np.asarray(
        cv2.warpAffine(
            image,
            inverse,
            (n, n),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        dtype=np.uint8,
    )


def _at(values: NDArray[Any], x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Values between pixels, at continuous places."""
    return cv2.remap(
        values,
        (x - 0.5).astype(np.float32),
        (y - 0.5).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _soft(image: Gray) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0), dtype=np.float32)


def _seen(
    x: NDArray[Any], y: NDArray[Any], square: Box, size: tuple[int, ...], scale: float
) -> NDArray[np.bool_]:
    """Which places of the working square lie in it, and in the image."""
    left, top, right, _ = square
    n = (right - left) * scale
    image_x, image_y = left + x / scale, top + y / scale
    inside = (x >= 0) & (y >= 0) & (x <= n) & (y <= n)
    height, width = size
    return np.asarray(
        inside & (image_x >= 0) & (image_y >= 0) & (image_x <= width) & (image_y <= height)
    )
