"""Which vertices a camera sees: those that no triangle hides, by a depth buffer."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int
from numba import njit
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from worker.fitting.projection import project_points

Array = NDArray[np.float64]

_CELLS = 256
"""Longest side of the buffer, drawn around the body alone: a cell is about 3 mm of an infant."""

_BEHIND_M = 0.008
"""A vertex so little behind the nearest surface of its cell is on it, seen at a slant."""


def seen_from(
    camera: Camera,
    vertices: Float[Array, "v 3"],
    faces: Int[NDArray[np.int32], "f 3"],
) -> Bool[NDArray[np.bool_], " v"]:
    """(V,) vertices that the camera sees; those outside its image are not seen."""
    pixels, _, front = project_points(camera, vertices)
    depth = np.asarray(camera.in_camera(vertices)[:, 2], float)
    inside = front & (pixels >= 0).all(1)
    inside &= (pixels[:, 0] < camera.width) & (pixels[:, 1] < camera.height)
    if not inside.any():
        return np.zeros(len(vertices), bool)
    low, high = pixels[inside].min(0), pixels[inside].max(0)
    step = max(float((high - low).max()) / _CELLS, 1e-6)
    cells = np.where(front[:, None], (pixels - low) / step, -1e9)
    size = np.ceil((high - low) / step).astype(int) + 1
    buffer = np.full((size[1], size[0]), np.inf)
    _draw(cells, depth, np.ascontiguousarray(faces, np.int64), buffer)
    at = np.clip(cells.astype(int), 0, size - 1)
    nearest = buffer[at[:, 1], at[:, 0]]
    return np.asarray(inside & (depth <= nearest + _BEHIND_M))


@njit(cache=True, nogil=True)
def _draw(cells, depth, faces, buffer):  # type: ignore[no-untyped-def]
    """Nearest depth of the triangles at the centre of each cell (z over the image plane)."""
    height, width = buffer.shape
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        x0, y0, x1, y1 = cells[a, 0], cells[a, 1], cells[b, 0], cells[b, 1]
        x2, y2 = cells[c, 0], cells[c, 1]
        if min(x0, x1, x2) < -1e8:
            continue
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0:
            continue
        first, last = max(0, int(min(y0, y1, y2))), min(height - 1, int(max(y0, y1, y2)))
        left, right = max(0, int(min(x0, x1, x2))), min(width - 1, int(max(x0, x1, x2)))
        for row in range(first, last + 1):
            for column in range(left, right + 1):
                x, y = column + 0.5, row + 0.5
                u = ((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)) / area
                v = ((x2 - x) * (y0 - y) - (x0 - x) * (y2 - y)) / area
                w = 1 - u - v
                if u >= 0 and v >= 0 and w >= 0:
                    z = u * depth[a] + v * depth[b] + w * depth[c]
                    if z < buffer[row, column]:
                        buffer[row, column] = z
