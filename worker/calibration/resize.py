"""The same sensor in pictures of another size: scaled alike in both directions, centred.

Cameras, converters and video formats scale and trim by a few pixels (1080 columns become 1088 where
a coder wants multiples of 16). Up to one percent of difference in shape is taken as trimmed evenly
on both sides; more is another mode of the camera, whose lens must be calibrated anew.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backend.domain.cameras import Camera
from backend.domain.limits import MAX_SHAPE_DIFFERENCE
from backend.domain.pixels import OPENCV, to_inside, to_outside
from worker.calibration.boards import BoardView

Size = tuple[int, int]


def _scale(size: Size, wanted: Size) -> tuple[float, float, float] | None:
    """Factor, and shift in x and y, between pixels counted from the outer corner."""
    across, down = wanted[0] / size[0], wanted[1] / size[1]
    if abs(across / down - 1) > MAX_SHAPE_DIFFERENCE:
        return None
    # The larger picture was made from the smaller one so as to be filled, without a border.
    grows = wanted[0] * wanted[1] >= size[0] * size[1]
    factor = max(across, down) if grows else min(across, down)
    return factor, (wanted[0] - factor * size[0]) / 2, (wanted[1] - factor * size[1]) / 2


def view_at(view: BoardView, wanted: Size) -> BoardView | None:
    """A view as a picture of another size would give it; None where the shapes differ."""
    if view.size == wanted:
        return view
    found = _scale(view.size, wanted)
    if found is None:
        return None
    factor, dx, dy = found
    corners = to_outside(to_inside(view.corners, OPENCV) * factor + np.array((dx, dy)), OPENCV)
    return replace(view, size=wanted, corners=corners)


def camera_at(camera: Camera, wanted: Size) -> Camera | None:
    """A camera for pictures of another size; None where the shapes differ."""
    if (camera.width, camera.height) == wanted:
        return camera
    found = _scale((camera.width, camera.height), wanted)
    if found is None:
        return None
    factor, dx, dy = found
    K = camera.K.copy()
    K[:2] *= factor
    K[0, 2] += dx
    K[1, 2] += dy
    known = None if camera.covariance is None else camera.covariance.scaled(pixels=factor)
    return replace(camera, width=wanted[0], height=wanted[1], K=K, covariance=known)
