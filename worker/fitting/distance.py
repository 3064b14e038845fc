"""Distance of bodies that one view alone saw, by their scans.

One view fixes a body's size and distance only together: twice as large and twice as far looks the
same. What a scan says of the distance is therefore taken before correspondences are sought: from
the wrong place they would be wrong ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from backend.domain.cameras import Camera
from worker.fitting.projection import project_points
from worker.fitting.surface import SurfaceFit

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEAR_PX = 10.0
"""A point and the skin in front of it lie within so many pixels."""

_VERTICES = 8
_MIN_HITS = 50


def move_to_scans(fit: SurfaceFit, rows: Ints, *, rescale: bool) -> bool:
    """Move bodies along the view to where their scans are.

    Args:
        fit: Its translations are changed, and its scale if asked for.
        rows: Moments to look at; those of several views or without a scan stay.
        rescale: Whether the size may follow; it does where no moment has several views.

    Returns:
        Whether anything moved.
    """
    skin, views = fit.skin(), fit.problem.views_seen
    ratios = []
    for t in rows:
        scan = fit.scans[t]
        if scan is None or views[t] != 1:
            continue
        camera = fit.problem.cameras[int((fit.problem.w2[t] > 0).any(1).argmax())]
        if camera is None:
            continue
        vertices = skin.vertices(fit.pose[t], fit.translation[t], fit.scale)
        ratio = _ratio(camera, vertices, scan)
        if ratio is not None:
            ratios.append(ratio)
            from_camera = fit.translation[t] - camera.centre
            fit.translation[t] = camera.centre + ratio * from_camera
    if rescale and ratios and (views < 2).all():
        fit.scale *= float(np.median(ratios))
    return bool(ratios)


def _ratio(camera: Camera, vertices: Array, scan: Array) -> float | None:
    """How many times farther the scan is than the skin that hides it; None where they miss."""
    place, _, front = project_points(camera, vertices)
    seen, _, before = project_points(camera, scan)
    if front.sum() < _VERTICES:
        return None
    near, which = cKDTree(place[front]).query(
        seen[before], k=_VERTICES, distance_upper_bound=_NEAR_PX
    )
    hit = np.isfinite(near).all(axis=1)
    if hit.sum() < _MIN_HITS:
        return None
    skin_z = camera.in_camera(vertices[front])[:, 2][which[hit]].min(axis=1)
    return float(np.median(camera.in_camera(scan[before][hit])[:, 2] / skin_z))
