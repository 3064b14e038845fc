"""What a recording's own marks say of their noise, of the body and of the cameras.

Noise comes from rays that miss one another, before any body: what a body cannot follow is told
apart from what hands and networks scatter.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from worker.fitting.influence import Seen
from worker.fitting.problem import Problem
from worker.fitting.projection import errors_px

Array = NDArray[np.float64]

LEAST_NOISE_RAD: Final = 0.0008
"""Marks are never taken for more exact than this angle: .7 px at a focal length of 900 px, 1 mm at
a distance of 1.3 m."""

FEWEST: Final = 40
"""Rays of a recording below which its noise is taken from the settings too."""

_MEDIAN_2D: Final = 2 * np.log(2.0)
"""Median of r²/σ² of two normal numbers."""


def focal_px(problem: Problem) -> Array:
    """(C,) mean focal length; NaN where there is no camera."""
    cams = problem.cams
    used = np.array([camera is not None for camera in problem.cameras])
    return np.where(used, np.sqrt(np.abs(cams[:, 0] * cams[:, 2])), np.nan)


def middles(values: Float[Array, "t c 17"], given: NDArray[np.bool_]) -> Float[Array, "t c"]:
    """(T, C) lower median of each view's values, 0 where it has none."""
    count = given.sum(2)
    rising = np.sort(np.where(given, values, np.inf), axis=2)
    at = np.maximum(count - 1, 0) // 2
    found = np.take_along_axis(rising, at[..., None], axis=2)[..., 0]
    return np.where(count > 0, found, 0.0)


def trust(problem: Problem) -> Array:
    """(T, C, 17) weights w of marks within .25..1, 1 where there is none."""
    return np.where(problem.w2 > 0, np.clip(np.sqrt(problem.w2), 0.25, 1.0), 1.0)


def label_noise(problem: Problem, seen: Seen) -> float:
    """Standard deviation of a visible mark along x or y, px; robust, with a floor.

    From triangulated joints of three views and more; where there are few of them, from the fit.
    """
    floor = LEAST_NOISE_RAD * float(np.nanmedian(focal_px(problem)))
    given = problem.w2 > 0
    apart = np.empty(problem.w2.shape)
    tri = np.ascontiguousarray(np.nan_to_num(problem.tri))
    errors_px(problem.cams, problem.obs, problem.w2, tri, apart)
    known = np.isfinite(problem.tri).all(2)
    views = given.sum(1)
    free = 1 - 1.5 / np.maximum(views, 1)
    use = given & (known & (views >= 3))[:, None] & np.isfinite(apart)
    w = trust(problem)
    rays = (apart**2 * w / free[:, None])[use]
    by_fit = ((seen.r**2).sum(3) * w)[given]
    guess = float(np.median(by_fit)) if len(by_fit) else 0.0
    # The fit follows its marks: of 2 × marks numbers it takes what its unknowns can.
    marks = given.sum() / max(1, (given.any((1, 2))).sum())
    guess /= max(0.25, 1 - 40 / max(2 * marks, 1))
    if not len(rays):
        return max(floor, float(np.sqrt(max(guess / _MEDIAN_2D, problem.config.sigma_px**2))))
    found = float(np.median(rays))
    if len(rays) < FEWEST:
        share = len(rays) / FEWEST
        found = share * found + (1 - share) * max(
            found, guess, _MEDIAN_2D * problem.config.sigma_px**2
        )
    return max(floor, float(np.sqrt(found / _MEDIAN_2D)))


def body_misfit(
    problem: Problem, X: Float[Array, "t 17 3"], frames: Float[Array, "t 17 3 3"], noise: float
) -> Float[Array, "17"]:
    """(17,) metres along one axis by which triangulated joints lie elsewhere on their bones than
    the body has them, beyond what noise explains.

    A joint that is placed by another definition lies the same way off in all moments, seen from its
    bone (``frames``), so that noise averages out. Zero where too few moments are triangulated.
    """
    known = (np.isfinite(problem.tri).all(2)) & (problem.tri_w > 0)
    away = np.einsum("tkji,tkj->tki", frames, np.where(known[..., None], problem.tri - X, 0.0))
    # What is far off is a wrong mark, not a joint's place.
    focal = float(np.nanmedian(focal_px(problem)))
    ray = noise * float(np.median(_distance(problem, X))) / focal
    near = known & (np.linalg.norm(away, axis=2) < max(6 * ray, 0.03))
    count = near.sum(0)
    mean = (away * near[..., None]).sum(0) / np.maximum(count, 1)[:, None]
    square = (mean**2).sum(1) / 3
    by_noise = ray**2 / np.maximum(count, 1)
    return np.where(count >= 6, np.sqrt(np.maximum(0.0, square - by_noise)), 0.0)


def _distance(problem: Problem, X: Array) -> Array:
    """(T, 1) mean distance of the joints from the cameras, metres."""
    centres = np.array([k.centre for k in problem.cameras if k is not None])
    middle = np.nanmean(X, axis=1)
    away = np.linalg.norm(middle[:, None] - centres[None], axis=2).mean(1)
    return np.asarray(away[:, None])
