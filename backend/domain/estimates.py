"""What models give and take, as plain arrays: never tensors, never a framework's classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RgbImage = NDArray[np.uint8]
"""An image of shape (height, width, 3), RGB, uint8."""

BoxXYWH = tuple[float, float, float, float]
"""Left, top, width, height in image pixels."""


@dataclass(frozen=True, slots=True)
class PoseEstimate:
    """One person found in an image.

    Attributes:
        keypoints: (17, 2) float64, image pixels, COCO order.
        scores: (17,) float64 in [0, 1], one per joint.
        score: The person's score in [0, 1].
        box: The model's box, image pixels.
    """

    keypoints: NDArray[np.float64]
    scores: NDArray[np.float64]
    score: float
    box: BoxXYWH


@dataclass(frozen=True, slots=True)
class PointPrompts:
    """Prompts for a segmenter.

    Attributes:
        points: (N, 2) float64, image pixels.
        labels: (N,) int64, 1 inside and 0 outside.
        box: An optional box around the object.
    """

    points: NDArray[np.float64]
    labels: NDArray[np.int64]
    box: BoxXYWH | None = None


@dataclass(frozen=True, slots=True)
class MaskProposal:
    """One mask, (height, width) bool, with the model's own quality estimate in [0, 1]."""

    mask: NDArray[np.bool_]
    score: float
