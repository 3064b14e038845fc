"""Where joints are in the world to begin with: the pair of views that most views support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from backend.domain.cameras import Camera
from backend.domain.trajectories.evidence import Array, Flags, found_at

_FAR = 1e6


@dataclass(frozen=True, eq=False)
class Start:
    """Points that most views support.

    Attributes:
        points: (M, 17, 3) metres, gaps in time filled.
        agree: (M, C, 17) views whose mark lies near the point.
        bonus: (M, C, 17) log odds that a mark gains by the views that agree with it.
    """

    points: Array
    agree: Flags
    bonus: Array


_BONUS = np.array((0.0, 0.0, 2.0, 5.0, 8.0))
"""Log odds by the number of views that agree. Two wrong marks agree where one lies near a line in
the other's image, every further one near a point."""

SUPPORTED = 5.0
"""Bonus from which marks are supported: three views agree."""

_NEAR = 3.0
"""Deviations within which a mark agrees."""


def start(cameras: Sequence[Camera], marks: Array, weights: Array, scale: Array) -> Start:
    """Points that most views support.

    Each pair of views gives the point nearest to its two rays; the one with the least robust
    reprojection error over all views wins (RANSAC over all pairs; Fischler and Bolles 1981).

    Args:
        cameras: C placed cameras.
        marks: (M, C, 17, 2) pixels, NaN for none.
        weights: (M, C, 17) trust, 0 for none.
        scale: (M, C, 17) pixels by which a right mark may be off.
    """
    M, C = marks.shape[:2]
    known = found_at(marks) & (weights > 0)
    filled = np.where(known[..., None], marks, 0.0)
    rays = [camera.rays(filled[:, c]) for c, camera in enumerate(cameras)]
    pairs = [(a, b) for a, b in combinations(range(C), 2) if (known[:, a] & known[:, b]).any()]
    points = np.full((M, 17, 3), np.nan)
    if pairs:
        met = [meet(cameras[a].centre, rays[a], cameras[b].centre, rays[b]) for a, b in pairs]
        tried = np.stack([point for point, _ in met])
        fine = [
            known[:, a] & known[:, b] & front for (a, b), (_, front) in zip(pairs, met, strict=True)
        ]
        cost = np.where(np.stack(fine), 0.0, _FAR)
        for c, camera in enumerate(cameras):
            d2 = _squares(camera.project(tried) - filled[:, c]) / scale[:, c] ** 2
            cost += np.where(known[:, c], weights[:, c] * d2 / (d2 + 9.0), 0.0)
        first = cost.argmin(0)[None]
        points = np.take_along_axis(tried, first[..., None], 0)[0]
        points[np.take_along_axis(cost, first, 0)[0] >= _FAR] = np.nan
    agree = np.zeros(known.shape, bool)
    for c, camera in enumerate(cameras):
        d2 = _squares(camera.project(points) - filled[:, c])
        agree[:, c] = known[:, c] & (d2 < (_NEAR * scale[:, c]) ** 2)
    count = np.minimum(agree.sum(1), len(_BONUS) - 1)
    return Start(filled_in(points), agree, np.where(agree, _BONUS[count][:, None], 0.0))


def _squares(away: Array) -> Array:
    """Squared lengths of vectors (…, 2), very large where unknown."""
    d2 = away[..., 0] ** 2 + away[..., 1] ** 2
    return np.where(np.isnan(d2), _FAR, d2)


def meet(a: Array, along_a: Array, b: Array, along_b: Array) -> tuple[Array, Flags]:
    """Middle of the shortest line between rays, and whether it lies in front of both.

    Args:
        a: (3,) origin. along_a: (…, 3) unit directions. b, along_b: likewise.
    """
    between = b - a
    cosine = (along_a * along_b).sum(-1)
    across = np.maximum(1 - cosine**2, 1e-9)
    p, q = along_a @ between, along_b @ between
    s, t = (p - cosine * q) / across, (cosine * p - q) / across
    point = (a + s[..., None] * along_a + b + t[..., None] * along_b) / 2
    return point, (s > 0.05) & (t > 0.05) & (across > 1e-3)


def filled_in(points: Array) -> Array:
    """(M, 17, 3) with gaps filled in time; joints never found at the middle of the others."""
    out = points.copy()
    when = np.arange(len(points))
    known = found_at(points)
    for j in range(points.shape[1]):
        at = np.flatnonzero(known[:, j])
        for axis in range(3) if len(at) else ():
            out[:, j, axis] = np.interp(when, at, points[at, j, axis])
    middle = np.nanmean(out, axis=(0, 1)) if known.any() else np.zeros(3)
    return np.where(np.isfinite(out), out, middle)
