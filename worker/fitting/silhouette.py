"""A body's silhouette in a view, and how well it overlaps a mask."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backend.domain.cameras import Camera

Array = NDArray[np.float64]
BoolMask = NDArray[np.bool_]


def silhouette(camera: Camera, vertices: Array, faces: NDArray[np.int32]) -> BoolMask:
    """(height, width) pixels whose centre the mesh covers; triangles behind the camera are left
    out."""
    pixels = camera.project(vertices)
    out = np.zeros((camera.height, camera.width), np.bool_)
    _fill(np.nan_to_num(pixels, nan=-1e9), np.ascontiguousarray(faces, np.int64), out)
    return out


def overlap(a: BoolMask, b: BoolMask) -> float:
    """Intersection over union; NaN where both are empty."""
    either = int((a | b).sum())
    return float("nan") if not either else int((a & b).sum()) / either


@njit(cache=True, nogil=True)
def _fill(pixels, faces, out):  # type: ignore[no-untyped-def]
    """Scan-convert triangles: a pixel belongs where its centre (·.5) lies within."""
    height, width = out.shape
    for f in range(faces.shape[0]):
        x0, y0 = pixels[faces[f, 0]]
        x1, y1 = pixels[faces[f, 1]]
        x2, y2 = pixels[faces[f, 2]]
        if min(x0, x1, x2) < -1e8:
            continue
        top, bottom = min(y0, y1, y2), max(y0, y1, y2)
        first, last = max(0, int(np.ceil(top - 0.5))), min(height - 1, int(np.floor(bottom - 0.5)))
        for row in range(first, last + 1):
            y = row + 0.5
            left, right = 1e18, -1e18
            for xa, ya, xb, yb in ((x0, y0, x1, y1), (x1, y1, x2, y2), (x2, y2, x0, y0)):
                if (ya <= y <= yb or yb <= y <= ya) and ya != yb:
                    x = xa + (y - ya) / (yb - ya) * (xb - xa)
                    left, right = min(left, x), max(right, x)
            for column in range(
                max(0, int(np.ceil(left - 0.5))), min(width - 1, int(np.floor(right - 0.5))) + 1
            ):
                out[row, column] = True
