"""Cuts turned squares out of images; positions count from the outer corner of the first pixel."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.estimates import RgbImage

Matrix = NDArray[np.float64]
"""(2, 3): turns, scales and moves (x, y)."""


def turned_square(centre: tuple[float, float], side: float, angle: float, to: int) -> Matrix:
    """From the image's positions to those of a picture of a turned square.

    Args:
        centre: Of the square in the image.
        side: Of the square in the image's pixels.
        angle: By which what is upright in the picture is turned clockwise in the image, radians.
        to: Side of the picture in pixels.
    """
    scale = to / side
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.column_stack([turn, to / 2 - turn @ np.array(centre, float)])


def cut(image: RgbImage, matrix: Matrix, to: int) -> RgbImage:
    """The picture of a square, (to, to, 3), black outside of the image.

    Where pixels are merged, they are averaged first, so that nothing is skipped.
    """
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    while scale < 0.5 and min(image.shape[:2]) > 1:
        height, width = image.shape[:2]
        smaller = (max(1, width // 2), max(1, height // 2))
        image = np.asarray(cv2.resize(image, smaller, interpolation=cv2.INTER_AREA), np.uint8)
        stretch = np.array([width / smaller[0], height / smaller[1]])
        matrix = np.column_stack([matrix[:, :2] * stretch, matrix[:, 2]])
        scale *= float(np.sqrt(stretch.prod()))
    # OpenCV counts from the middle of the first pixel.
    shift = matrix[:, 2] + matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
    placed = np.column_stack([matrix[:, :2], shift])
    return np.asarray(cv2.warpAffine(image, placed, (to, to), flags=cv2.INTER_LINEAR), np.uint8)


def back(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positions in the picture as positions in the image; (…, 2)."""
    inverse = np.linalg.inv(matrix[:, :2])
    result: NDArray[np.float64] = (points - matrix[:, 2]) @ inverse.T
    return result
