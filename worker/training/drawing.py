"""Pictures of predictions: what a model says, over what is true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.estimates import PoseEstimate, RgbImage
from backend.domain.skeleton import EDGES

SIDE: Final = 480
"""Of the longer side of a picture in pixels."""
COUNT: Final = 6
"""Pictures of a set."""
_TRUE, _FOUND = (255, 255, 255), (230, 159, 0)
_DARK = (20, 20, 20)


def spread(count: int, wanted: int = COUNT) -> list[int]:
    """Indices spread evenly over a set."""
    return sorted({round(i) for i in np.linspace(0, count - 1, min(wanted, count))})


def drawn(
    image: RgbImage, truth: NDArray[np.float64] | None, people: Sequence[PoseEstimate]
) -> RgbImage:
    """An image with the true joints in white and the best person found in orange.

    Args:
        image: RGB.
        truth: (17, 3) continuous pixels; None for none.
        people: Best first.
    """
    height, width = image.shape[:2]
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = np.array(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    if truth is not None:
        _skeleton(picture, truth[:, :2] * scale, truth[:, 2] > 0, _TRUE)
    if people:
        best = people[0]
        there: NDArray[np.bool_] = np.asarray(np.isfinite(best.keypoints).all(axis=1))
        _skeleton(picture, best.keypoints * scale, there, _FOUND)
    return picture


def _skeleton(
    picture: RgbImage,
    joints: NDArray[np.float64],
    there: NDArray[np.bool_],
    colour: tuple[int, int, int],
) -> None:
    # OpenCV takes 16 bits a coordinate; what lies that far off is not seen anyway.
    places = [(int(x), int(y)) for x, y in np.clip(np.nan_to_num(joints), -4000, 4000)]
    for thick, tone in ((4, _DARK), (2, colour)):
        for a, b in EDGES:
            if there[a] and there[b]:
                cv2.line(picture, places[a], places[b], tone, thick, cv2.LINE_AA)
    for place, shown in zip(places, there, strict=True):
        if shown:
            cv2.circle(picture, place, 4, _DARK, -1, cv2.LINE_AA)
            cv2.circle(picture, place, 3, colour, -1, cv2.LINE_AA)
