"""Where a fit starts: the trunk by Procrustes, the limbs by their directions, else assumptions.

From triangulated joints the global orientation follows from shoulders, hips and face; an elbow or
knee turns about its hinge, so the upper limb is oriented by the plane in which it bends. All
moments at once, in numpy.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from backend.domain.limbs import ARMS, LEGS, LIMB_BONES, SHOULDERS, SIDES, TRUNK
from backend.domain.skeleton import FACE
from worker.fitting.kinematics import pose_points
from worker.fitting.rig import Rig

Array = NDArray[np.float64]

Limb = tuple[int, int, int, int, int, int, tuple[float, float, float]]

CHAINS: tuple[Limb, ...] = (
    # COCO upper, middle, lower joint; SMPL's; hinge axis at rest.
    (*ARMS[0], 16, 18, 20, (0.0, -1.0, 0.0)),
    (*ARMS[1], 17, 19, 21, (0.0, 1.0, 0.0)),
    (*LEGS[0], 1, 4, 7, (1.0, 0.0, 0.0)),
    (*LEGS[1], 2, 5, 8, (1.0, 0.0, 0.0)),
)

LENGTHS = tuple(bone.ends for bone in (*LIMB_BONES, *SIDES, SHOULDERS))
"""Pairs of COCO joints that one bone holds apart, the trunk counted as one."""


def rest_points(rig: Rig) -> Float[Array, "41 3"]:
    """(41, 3) points of the rest pose about the root, scale 1."""
    out = np.empty((1, 41, 3))
    pose_points(rig.packed, np.zeros((1, 3 + 3 * len(rig.parent))), np.ones(1), out)
    return np.asarray(out[0])


def limb_scale(rig: Rig, X: Float[Array, "t 17 3"]) -> float | None:
    """How much larger than the rig the infant is, by the median of limb lengths; None if unknown.

    Args:
        X: (T, 17, 3) triangulated joints, NaN where unknown.
    """
    rest = rest_points(rig)
    ratios = []
    for a, b in LENGTHS:
        found = np.linalg.norm(X[:, a] - X[:, b], axis=1)
        if np.isfinite(found).any():
            ratios.append(float(np.nanmedian(found)) / float(np.linalg.norm(rest[a] - rest[b])))
    return float(np.median(ratios)) if ratios else None


def procrustes(
    source: Float[Array, "k 3"], target: Float[Array, "t k 3"], weight: Float[Array, "t k"]
) -> tuple[Float[Array, "t 3 3"], Float[Array, "t 3"]]:
    """Rotations (T, 3, 3) and translations (T, 3) that take source (K, 3) to target (T, K, 3).

    Kabsch (1976) with weights (T, K); where they do not fix a rotation, the nearest to it.
    """
    total = np.maximum(weight.sum(1), 1e-9)[:, None]
    target = np.where(weight[..., None] > 0, target, 0.0)
    middle_s = weight @ source / total
    middle_t = (weight[..., None] * target).sum(1) / total
    cross = np.einsum(
        "tk,tki,tkj->tij", weight, target - middle_t[:, None], source[None] - middle_s[:, None]
    )
    U, _, Vt = np.linalg.svd(cross)
    sign = np.ones((len(target), 3))
    sign[:, 2] = np.sign(np.linalg.det(U @ Vt))
    R = U * sign[:, None] @ Vt
    return R, middle_t - np.einsum("tij,tj->ti", R, middle_s)


def start_from_points(
    rig: Rig, X: Float[Array, "t 17 3"], scale: float, mean: Float[Array, " n"]
) -> tuple[Float[Array, "t n+6"], Bool[NDArray[np.bool_], " t"]]:
    """Solutions (T, 3 + 3A) from triangulated joints, and which moments had enough of them (T,).

    Args:
        X: (T, 17, 3), NaN where unknown. mean: (3A − 3,) pose where nothing is known.
    """
    n = len(X)
    rest = rest_points(rig)
    known: NDArray[np.bool_] = np.asarray(np.isfinite(X).all(2))
    weight = np.zeros((n, 17))
    weight[:, TRUNK] = known[:, TRUNK]
    # Few trunk joints: the face helps, then the knees and elbows, though they move.
    weight[:, FACE] = 0.1 * known[:, FACE]
    few = weight[:, TRUNK].sum(1) < 3
    weight[np.ix_(few, FACE)] = known[np.ix_(few, FACE)]
    weight[np.ix_(few, (7, 8, 13, 14))] = 0.1 * known[np.ix_(few, (7, 8, 13, 14))]
    enough: NDArray[np.bool_] = np.asarray((weight > 0).sum(1) >= 3)
    x = np.zeros((n, 3 + 3 * len(rig.parent)))
    x[:, 6:] = mean
    if not n:
        return x, enough
    R, x[:, :3] = procrustes(scale * rest[:17], X, weight)
    x[:, 3:6] = Rotation.from_matrix(R).as_rotvec()
    row = {int(j): i for i, j in enumerate(rig.joint)}
    for limb in CHAINS:
        _aim_limb(rig, rest, X, R, x, row, limb)
    return x, enough


def _aim_limb(
    rig: Rig, rest: Array, X: Array, R: Array, x: Array, row: dict[int, int], limb: Limb
) -> None:
    """Turn an upper and a lower limb to where their joints are."""
    up, mid, low, j_up, j_mid, j_low, hinge = limb
    if j_up not in row:
        return
    # Local axes of the upper limb's parent: the mean pose of collars and spine is small.
    parent = R
    body = rest[17:]
    d0 = _unit(body[j_mid] - body[j_up])
    h0 = _unit(np.asarray(hinge) - d0 * (d0 @ np.asarray(hinge)))
    first = np.einsum("tji,tj->ti", parent, X[:, mid] - X[:, up])
    has_first = np.isfinite(first).all(1)
    first = _unit(np.where(has_first[:, None], first, d0))
    second = np.einsum("tji,tj->ti", parent, X[:, low] - X[:, mid])
    has_second = np.isfinite(second).all(1) & has_first
    second = _unit(np.where(has_second[:, None], second, first))
    normal = np.cross(first, second)
    sine = np.linalg.norm(normal, axis=1)
    cosine = (first * second).sum(1)
    swing = _swing(d0, first)
    turned = swing @ h0
    # A straight limb has no bending plane; between 8° and 17° blend over.
    share = np.clip((sine - 0.15) / 0.15, 0, 1) * np.where(cosine > -0.95, 1, 0)
    axis = share[:, None] * normal / np.maximum(sine, 1e-9)[:, None] + (1 - share)[:, None] * turned
    axis = _unit(axis - first * (axis * first).sum(1)[:, None])
    rest_frame = np.stack([d0, h0, np.cross(d0, h0)], axis=1)
    frame = np.stack([first, axis, np.cross(first, axis)], axis=2)
    upper = Rotation.from_matrix(frame @ rest_frame.T).as_rotvec()
    at = 3 + 3 * row[j_up]
    x[has_first, at : at + 3] = upper[has_first]
    if j_mid in row:
        d1 = _unit(body[j_low] - body[j_mid])
        bent = np.arctan2(sine, cosine) - np.arctan2(
            np.linalg.norm(np.cross(d0, d1)), float(d0 @ d1)
        ) * np.sign(np.cross(d0, d1) @ h0)
        at = 3 + 3 * row[j_mid]
        x[has_second, at : at + 3] = (np.maximum(bent, 0.0)[:, None] * h0)[has_second]


def _unit(v: Array) -> Array:
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12))


def _swing(a: Array, b: Array) -> Array:
    """(T, 3, 3) smallest rotations that take a (3,) to b (T, 3)."""
    axis = np.cross(a, b)
    cosine = b @ a
    K = np.zeros((len(b), 3, 3))
    K[:, 0, 1], K[:, 0, 2], K[:, 1, 2] = -axis[:, 2], axis[:, 1], -axis[:, 0]
    K -= K.transpose(0, 2, 1)
    return np.asarray(np.eye(3) + K + K @ K / np.maximum(1 + cosine, 1e-3)[:, None, None])
