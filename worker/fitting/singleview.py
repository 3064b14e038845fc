"""Starts for moments that one view must settle: both facings, several tilts.

A single view leaves depth and facing open. The mean pose is turned towards and away from the
camera, tilted, and laid over the 2D joints by a weak-perspective similarity (as SMPLify takes depth
from torso lengths); the fit of each start decides.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from worker.fitting.kinematics import pose_points
from worker.fitting.priors import PosePrior
from worker.fitting.problem import Problem
from worker.fitting.rig import Rig

Array = NDArray[np.float64]

CANDIDATES = tuple((facing, tilt) for tilt in (0.0, 0.8, -0.8) for facing in (0.0, np.pi))
"""(facing, tilt) in radians: towards or away, upright or head towards or away."""

_WEIGHT = np.array([0.5] * 5 + [2.0, 2.0] + [0.3] * 4 + [2.0, 2.0] + [0.3] * 4)


def starts_from_view(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float
) -> Iterator[Float[Array, "t n"]]:
    """Starts (T, 3 + 3A) of all moments, one array per candidate."""
    t = problem.moments
    best = (problem.w2 > 0).sum(2).argmax(1)
    ideal = np.zeros((t, 17, 2))
    for c, camera in enumerate(problem.cameras):
        rows = best == c
        if camera is not None and rows.any():
            ideal[rows] = camera.undistort(problem.obs[rows, c])
    weight = np.take_along_axis(problem.w2, best[:, None, None], 1)[:, 0] * _WEIGHT
    poses = np.stack([np.eye(4) if k is None else k.pose for k in problem.cameras])[best]
    x = np.zeros((1, 3 + 3 * len(rig.parent)))
    x[0, 6:] = prior.mean[0]
    mean = np.empty((1, 41, 3))
    pose_points(rig.packed, x, np.full(1, scale), mean)
    # Camera axes: x right, y down, z forward; a body that faces the camera looks along −z.
    upright = Rotation.from_euler("x", np.pi)
    for facing, tilt in CANDIDATES:
        turn = Rotation.from_euler("x", tilt) * upright * Rotation.from_euler("y", facing)
        shape = turn.apply(mean[0, :17])
        roll, depth, middle = _lay_over(shape[:, :2], ideal, weight)
        local = (Rotation.from_euler("z", roll[:, None]) * turn).as_matrix()
        flat = Rotation.from_euler("z", roll[:, None]).as_matrix()[:, :2, :2] @ shape.mean(0)[:2]
        place = np.concatenate([middle * depth[:, None] - flat, depth[:, None]], 1)
        start = np.repeat(x, t, axis=0)
        R = poses[:, :3, :3].transpose(0, 2, 1)
        start[:, :3] = np.einsum("tij,tj->ti", R, place - poses[:, :3, 3])
        start[:, 3:6] = Rotation.from_matrix(R @ local).as_rotvec()
        yield start


def _lay_over(shape: Array, ideal: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Roll (T,), depth (T,) and where the mean of the shape (17, 2) falls (T, 2).

    Complex least squares: ideal ≈ middle + a·shape, with |a| = 1 / depth and arg a the roll.
    """
    total = np.maximum(weight.sum(1), 1e-9)
    s = shape[:, 0] + 1j * shape[:, 1]
    s = s - s.mean()
    z = ideal[..., 0] + 1j * ideal[..., 1]
    z0, s0 = (weight * z).sum(1) / total, (weight * s).sum(1) / total
    top = (weight * (z - z0[:, None]) * np.conj(s - s0[:, None])).sum(1)
    low = (weight * np.abs(s - s0[:, None]) ** 2).sum(1)
    a = top / np.maximum(low, 1e-9)
    # The spread gives a depth that does not shrink where the shape fits badly.
    spread = np.sqrt((weight * np.abs(z - z0[:, None]) ** 2).sum(1) / np.maximum(low, 1e-9))
    depth = 1 / np.clip(np.maximum(np.abs(a), 0.7 * spread), 0.02, 20.0)
    middle = z0 - a / np.maximum(np.abs(a), 1e-9) / depth * s0
    return np.angle(a), depth, np.stack([middle.real, middle.imag], 1)
