"""The open body's prior on poses: what it assumes, joint by joint.

Angles in radians, as axis-angle components relative to the T pose, in SMPL's axes (x left, y up,
z front). The table is written for the left side; the right is its mirror image (x alike, y and z
negated). These are assumptions, not measurements of ours: means describe a relaxed, flexed infant,
spreads are wide enough for lying, rolling, crawling, sitting and standing, and limits are rounded
from what clinics report for the first two years (hips: Phelps, Smith & Hallum 1985; infants flex,
abduct and turn out their hips further than adults and their ankles are more mobile).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.multiview.bodies.model_file import JOINT_NAMES, POSE_VALUES

Array = NDArray[np.float64]
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Range:
    """Mean, standard deviation and soft limits of one joint, (x, y, z) radians."""

    mean: Triple
    spread: Triple
    lower: Triple
    upper: Triple


def _even(spread: Triple, limit: Triple, mean: Triple = (0.0, 0.0, 0.0)) -> Range:
    return Range(mean, spread, (-limit[0], -limit[1], -limit[2]), limit)


# Hip: −x bends the thigh forward, +z spreads it, +y turns the toes out. Knee: +x bends. Ankle: −x
# lifts the toes. Shoulder: −z lowers the arm, −y brings it forward. Elbow: −y bends.
RANGES = {
    "hip": Range((-0.9, 0.35, 0.45), (0.7, 0.45, 0.40), (-2.5, -0.8, -0.5), (0.4, 1.7, 1.5)),
    "knee": Range((0.9, 0.0, 0.0), (0.65, 0.15, 0.12), (-0.1, -0.45, -0.3), (2.7, 0.45, 0.3)),
    "ankle": Range((0.15, 0.0, 0.0), (0.5, 0.3, 0.28), (-1.1, -0.8, -0.8), (1.3, 0.8, 0.8)),
    "foot": _even((0.12, 0.06, 0.06), (0.6, 0.2, 0.2)),
    "spine1": _even((0.22, 0.15, 0.13), (0.6, 0.45, 0.4), (0.08, 0.0, 0.0)),
    "spine2": _even((0.18, 0.15, 0.12), (0.5, 0.45, 0.4), (0.05, 0.0, 0.0)),
    "spine3": _even((0.18, 0.15, 0.12), (0.5, 0.45, 0.4), (0.05, 0.0, 0.0)),
    "neck": _even((0.25, 0.28, 0.18), (0.8, 0.8, 0.5)),
    "head": _even((0.25, 0.28, 0.18), (0.7, 0.8, 0.5)),
    "collar": _even((0.15, 0.18, 0.18), (0.5, 0.6, 0.6)),
    "shoulder": Range((0.0, -0.5, -0.7), (0.5, 0.55, 0.6), (-1.8, -2.2, -1.9), (1.8, 1.0, 1.6)),
    "elbow": Range((0.0, -0.9, 0.0), (0.35, 0.6, 0.2), (-1.2, -2.6, -0.5), (1.2, 0.1, 0.5)),
    "wrist": _even((0.4, 0.25, 0.45), (1.4, 0.9, 1.5)),
    "hand": _even((0.12, 0.12, 0.15), (0.4, 0.4, 0.6)),
}


def table() -> tuple[Array, Array, Array, Array]:
    """(69,) mean, spread, lower and upper limits of joints 1..23."""
    mean, spread, lower, upper = (np.zeros(POSE_VALUES) for _ in range(4))
    mirror = np.array([1.0, -1.0, -1.0])
    for k, name in enumerate(JOINT_NAMES[1:]):
        side, _, plain = name.rpartition("_")
        r = RANGES[plain]
        at = slice(3 * k, 3 * k + 3)
        spread[at] = r.spread
        if side == "right":
            ends = np.stack([np.asarray(r.lower) * mirror, np.asarray(r.upper) * mirror])
            mean[at], lower[at], upper[at] = np.asarray(r.mean) * mirror, ends.min(0), ends.max(0)
        else:
            mean[at], lower[at], upper[at] = r.mean, r.lower, r.upper
    return mean, spread, lower, upper


def covariance(spread: Array, poses: Array, share: float = 0.5) -> Array:
    """(69, 69): the table's spreads, and ``share`` of the correlations within each limb in poses.

    Bones of one limb bend together (hip with knee, shoulder with elbow); sides and the spine stay
    independent, since an infant may do anything with them. poses: (N, 69).
    """
    limbs = []
    for side in ("left", "right"):
        for chain in (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist")):
            limbs.append([JOINT_NAMES.index(f"{side}_{n}") - 1 for n in chain])
    out = np.eye(POSE_VALUES)
    scatter = np.cov(poses.T) + 1e-4 * np.eye(POSE_VALUES)
    deviation = np.sqrt(np.diag(scatter))
    correlation = scatter / np.outer(deviation, deviation)
    for limb in limbs:
        at = np.concatenate([np.arange(3 * k, 3 * k + 3) for k in limb])
        block = np.ix_(at, at)
        out[block] += share * (correlation[block] - np.eye(len(at)))
    return np.asarray(out * np.outer(spread, spread))


def factor_of(covariance: Array) -> Array:
    """L with (θ − mean) covariance⁻¹ (θ − mean)ᵀ = |(θ − mean) L|²."""
    return np.linalg.cholesky(np.linalg.inv(covariance))
