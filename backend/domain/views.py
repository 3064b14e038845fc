"""What several calibrated cameras say together: epipolar curves, triangulation, agreement, drift.

Source: Hartley and Zisserman, *Multiple View Geometry*, 2nd edition, sections 9.2 and 12.2;
RANSAC after Fischler and Bolles (1981). Conventions as in ``backend.domain.cameras``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike, NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.limits import MAX_VIEW_ERROR_PX

Array = NDArray[np.float64]

_EPIPOLAR_SAMPLES = 48
_NEAR, _FAR = 0.05, 60.0


def epipolar_curve(
    seen: Camera, other: Camera, pixel: ArrayLike, samples: int = _EPIPOLAR_SAMPLES
) -> Float[Array, "n 2"]:
    """Where a pixel of one camera can lie in another: the epipolar line, bent by its lens.

    Args:
        seen: The camera in which the point was marked.
        other: The camera in which the curve is drawn.
        pixel: (2,) the mark.
        samples: How many depths to try.

    Returns:
        (n, 2) pixels from near to far, only those inside ``other``'s image (with a margin of half
        the image around it, so that lines reach the border); possibly none.
    """
    # Depth spaced by its inverse: even spacing in the image.
    depths = 1.0 / np.linspace(1 / _NEAR, 1 / _FAR, samples * 8)
    points = seen.centre + depths[:, None] * seen.rays(pixel)
    pixels = other.project(points)
    size = np.array((other.width, other.height))
    near = np.isfinite(pixels).all(axis=1)
    near &= ((pixels > -size / 2) & (pixels < 1.5 * size)).all(axis=1)
    kept = pixels[near]
    if len(kept) <= samples:
        return np.asarray(kept)
    length = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(kept, axis=0), axis=1))))
    at = np.linspace(0, length[-1], samples)
    return np.stack([np.interp(at, length, kept[:, i]) for i in (0, 1)], axis=1)


def triangulate(
    cameras: Sequence[Camera], pixels: ArrayLike, weights: ArrayLike | None = None, steps: int = 8
) -> Float[Array, "*n 3"]:
    """Points that several cameras see: linear start, then least reprojection error.

    Args:
        cameras: C placed cameras.
        pixels: (C, …, 2); NaN where a view does not see the point.
        weights: (C, …) trust in each view, default 1; 0 leaves a view out.
        steps: Gauss–Newton steps on the reprojection error.

    Returns:
        (…, 3) metres; NaN where fewer than two views see a point.

    Raises:
        InvalidInput: the shapes do not fit together.
    """
    pixels = np.asarray(pixels, float)
    if pixels.ndim < 2 or pixels.shape[0] != len(cameras) or pixels.shape[-1] != 2:
        raise InvalidInput(f"{len(cameras)} cameras, but pixels of shape {pixels.shape}.")
    shape = pixels.shape[1:-1]
    flat = pixels.reshape(len(cameras), -1, 2)
    trust = np.ones(flat.shape[:2]) if weights is None else np.asarray(weights, float)
    trust = np.broadcast_to(trust.reshape(len(cameras), -1), flat.shape[:2])
    trust = np.where(np.isfinite(flat).all(-1), np.maximum(trust, 0.0), 0.0)
    enough = (trust > 0).sum(axis=0) >= 2
    points = _intersect_rays(cameras, np.nan_to_num(flat), trust, enough)
    for _ in range(steps):
        points = _refine(cameras, flat, trust, points)
    points[~enough] = np.nan
    return points.reshape(*shape, 3)


def _intersect_rays(
    cameras: Sequence[Camera],
    pixels: Float[Array, "c n 2"],
    trust: Float[Array, "c n"],
    enough: Bool[NDArray[np.bool_], " n"],
) -> Float[Array, "n 3"]:
    """Points (N, 3) nearest to all rays in the least-squares sense."""
    A = np.zeros((pixels.shape[1], 3, 3))
    b = np.zeros((pixels.shape[1], 3))
    for camera, at, w in zip(cameras, pixels, trust, strict=True):
        d = camera.rays(at)
        P = (np.eye(3) - d[:, :, None] * d[:, None, :]) * w[:, None, None]
        A += P
        b += P @ camera.centre
    A[~enough] = np.eye(3)
    A += 1e-9 * np.trace(A, axis1=1, axis2=2)[:, None, None] * np.eye(3)
    return np.asarray(np.linalg.solve(A, b[..., None])[..., 0])


def _refine(
    cameras: Sequence[Camera],
    pixels: Float[Array, "c n 2"],
    trust: Float[Array, "c n"],
    points: Float[Array, "n 3"],
) -> Float[Array, "n 3"]:
    """One damped Gauss–Newton step on Σ w |pixel − projection|²."""
    A = np.zeros((len(points), 3, 3))
    b = np.zeros((len(points), 3))
    h = 1e-5
    for camera, at, w in zip(cameras, pixels, trust, strict=True):
        here = camera.project(points)
        J = np.stack(
            [(camera.project(points + h * e) - camera.project(points - h * e)) / (2 * h)
             for e in np.eye(3)], axis=-1,
        )  # fmt: skip
        miss = at - here
        good = (w > 0) & np.isfinite(miss).all(-1) & np.isfinite(J).all((-1, -2))
        J, miss = np.where(good[:, None, None], J, 0), np.where(good[:, None], miss, 0)
        A += np.einsum("n,nij,nik->njk", w, J, J)
        b += np.einsum("n,nij,ni->nj", w, J, miss)
    damping = 1e-6 * np.trace(A, axis1=1, axis2=2) + 1e-9
    step = np.linalg.solve(A + damping[:, None, None] * np.eye(3), b[..., None])[..., 0]
    length = np.linalg.norm(step, axis=1, keepdims=True)
    return np.asarray(points + step * np.minimum(1.0, 0.5 / np.maximum(length, 1e-12)))


def reprojection_errors(
    cameras: Sequence[Camera], points: ArrayLike, pixels: ArrayLike
) -> Float[Array, " c *n"]:
    """Distances in pixels (C, …) between marks (C, …, 2) and projected points (…, 3)."""
    pixels = np.asarray(pixels, float)
    return np.stack(
        [
            np.linalg.norm(c.project(points) - p, axis=-1)
            for c, p in zip(cameras, pixels, strict=True)
        ]
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """What several views say of one point.

    Attributes:
        point: (3,) metres; NaN where fewer than two views agree.
        errors: (C,) pixels from each view's mark to the projected point; NaN without a mark.
        inliers: (C,) whether a view agrees.
    """

    point: Float[Array, "3"]
    errors: Float[Array, " c"]
    inliers: Bool[NDArray[np.bool_], " c"]


def agree(
    cameras: Sequence[Camera],
    pixels: ArrayLike,
    weights: ArrayLike | None = None,
    threshold_px: float = MAX_VIEW_ERROR_PX,
) -> Agreement:
    """RANSAC over views: the point on which most views agree, and which views do not.

    With the few cameras of a recording every pair is tried. The pair with most agreeing views wins,
    the least summed error among those with equally many; with three views or more and no majority
    nobody is named (all marks count as disagreeing).

    Args:
        cameras: C placed cameras.
        pixels: (C, 2); NaN where a view has no mark.
        weights: (C,) trust; 0 leaves a view out.
        threshold_px: How far a mark may lie from the projected point.
    """
    at = np.asarray(pixels, float).reshape(len(cameras), 1, 2)
    trust = np.ones(len(cameras)) if weights is None else np.asarray(weights, float)
    found = agree_all(cameras, at, trust.reshape(-1, 1), threshold_px)
    return Agreement(found.points[0], found.errors[:, 0], found.inliers[:, 0])


@dataclass(frozen=True, slots=True)
class Agreements:
    """:class:`Agreement` of N points at once: points (N, 3), errors and inliers (C, N)."""

    points: Float[Array, "n 3"]
    errors: Float[Array, "c n"]
    inliers: Bool[NDArray[np.bool_], "c n"]


def agree_all(
    cameras: Sequence[Camera],
    pixels: Float[Array, "c n 2"],
    trust: Float[Array, "c n"],
    threshold_px: float = MAX_VIEW_ERROR_PX,
) -> Agreements:
    """:func:`agree` for N points at once, pair of cameras by pair of cameras.

    Args:
        cameras: C placed cameras.
        pixels: (C, N, 2); NaN where a view has no mark.
        trust: (C, N); 0 leaves a view out.
        threshold_px: How far a mark may lie from the projected point.
    """
    marked = np.isfinite(pixels).all(axis=-1) & (trust > 0)
    count = marked.sum(axis=0)
    most = np.zeros(marked.shape[1], int)
    least = np.full(marked.shape[1], np.inf)
    agreeing = np.zeros(marked.shape, bool)
    for i, j in combinations(range(len(cameras)), 2):
        both = np.flatnonzero(marked[i] & marked[j])
        if not len(both):
            continue
        pair = [i, j]
        points = triangulate(
            [cameras[k] for k in pair], pixels[pair][:, both], trust[pair][:, both]
        )
        errors = reprojection_errors(cameras, points, pixels[:, both])
        inliers = marked[:, both] & (errors <= threshold_px)
        seen, total = inliers.sum(axis=0), np.where(inliers, errors, 0.0).sum(axis=0)
        better = (seen >= 2) & (
            (seen > most[both]) | ((seen == most[both]) & (total < least[both]))
        )
        here = both[better]
        most[here], least[here] = seen[better], total[better]
        agreeing[:, here] = inliers[:, better]
    undecided = (most == 0) | ((count >= 4) & (most * 2 <= count))
    agreeing &= ~undecided
    points = triangulate(cameras, pixels, np.where(agreeing | undecided, trust, 0.0))
    return Agreements(points, reprojection_errors(cameras, points, pixels), agreeing)


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a camera moved between two calibrations.

    Attributes:
        rotation_deg: Angle between the two orientations.
        translation_m: Distance between the two centres.
        focal_percent: Change of the mean focal length.
        pixels: Median displacement of points of the shared view volume, pixels: what it means for
            the data.
    """

    rotation_deg: float
    translation_m: float
    focal_percent: float
    pixels: float


def drift(before: Camera, after: Camera, points: ArrayLike) -> Drift:
    """Compare a camera before and after a visit, both in the same world.

    Args:
        before: The camera in the earlier calibration.
        after: The same camera in the later one, in the same world axes (see ``align_worlds``).
        points: (N, 3) points of the scene in which the difference in pixels is measured.
    """
    R = before.pose[:3, :3] @ after.pose[:3, :3].T
    # atan2 of sine and cosine: exact for tiny angles, where acos is not.
    sine = np.linalg.norm([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]]) / 2
    angle = float(np.degrees(np.arctan2(sine, (np.trace(R) - 1) / 2)))
    focal = [float(np.sqrt(c.K[0, 0] * c.K[1, 1])) for c in (before, after)]
    moved = np.linalg.norm(before.project(points) - after.project(points), axis=-1)
    moved = moved[np.isfinite(moved)]
    return Drift(
        angle,
        float(np.linalg.norm(before.centre - after.centre)),
        100 * (focal[1] / focal[0] - 1),
        float(np.median(moved)) if len(moved) else float("nan"),
    )


def align_worlds(source: Sequence[Camera], target: Sequence[Camera]) -> Float[Array, "4 4"]:
    """The rigid motion T_target_source (4, 4) that brings one set of cameras onto another.

    Both lists name the same cameras in the same order. Orientation from the mean relative rotation,
    position from the centres; no scale: both are metric.
    """
    relative = sum(t.pose[:3, :3].T @ s.pose[:3, :3] for s, t in zip(source, target, strict=True))
    U, _, Vt = np.linalg.svd(relative)
    R = U @ np.diag([1, 1, np.sign(np.linalg.det(U @ Vt))]) @ Vt
    T = np.eye(4)
    T[:3, :3] = R
    T[:3, 3] = np.mean(
        [t.centre - R @ s.centre for s, t in zip(source, target, strict=True)], axis=0
    )
    return T
