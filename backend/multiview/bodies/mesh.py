"""Shaping and posing a body model: SMPL's linear blend skinning in numpy.

A posed body is ``translation + scale * (LBS(betas, pose) − pelvis)``, the pelvis being the root
joint of the shaped rest body: ``translation`` is where the pelvis is in the world, in metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.multiview.bodies.model_file import JOINTS, PARENTS, BodyModel

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PosedBody:
    """vertices: (V, 3), joints: (24, 3) of the rig, coco: (17, 3); metres, in the world."""

    vertices: Array
    joints: Array
    coco: Array


def rotation_matrices(vectors: ArrayLike) -> Array:
    """Axis-angle (..., 3) radians to (..., 3, 3) (Rodrigues)."""
    v = np.asarray(vectors, float)
    angle = np.linalg.norm(v, axis=-1)
    x, y, z = np.moveaxis(v, -1, 0)
    zero = np.zeros_like(x)
    K = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*v.shape[:-1], 3, 3)
    # sin(a)/a and (1 − cos a)/a² = ½ sinc²(a/2); numpy's sinc is sin(πx)/(πx).
    a = np.sinc(angle / np.pi)[..., None, None]
    b = 0.5 * np.sinc(angle / (2 * np.pi))[..., None, None] ** 2
    return np.asarray(np.eye(3) + a * K + b * (K @ K))


def shaped_vertices(body: BodyModel, betas: ArrayLike | None = None) -> Array:
    """(V, 3) rest surface. betas: up to B standard deviations, those not given are zero."""
    v = body.v_template.astype(float)
    if betas is None:
        return v
    b = np.asarray(betas, float).ravel()
    return np.asarray(v + body.shapedirs[:, :, : len(b)].astype(float) @ b)


def rest_joints(body: BodyModel, betas: ArrayLike | None = None) -> Array:
    """(24, 3) joints of the shaped rest body."""
    return np.asarray(body.J_regressor.astype(float) @ shaped_vertices(body, betas))


def joint_transforms(joints: Array, pose: ArrayLike) -> Array:
    """(24, 3, 4) from points of the rest body to points of the posed one.

    joints: (24, 3) at rest. pose: (72,) axis-angle, each joint relative to its parent.
    """
    R = rotation_matrices(np.asarray(pose, float).reshape(JOINTS, 3))
    out = np.empty((JOINTS, 3, 4))
    for k, p in enumerate(PARENTS):
        turned = R[k] if p < 0 else out[p, :, :3] @ R[k]
        at = joints[k] if p < 0 else out[p, :, :3] @ joints[k] + out[p, :, 3]
        out[k, :, :3] = turned
        out[k, :, 3] = at - turned @ joints[k]
    return out


def pose_body(
    body: BodyModel,
    betas: ArrayLike | None = None,
    pose: ArrayLike | None = None,
    scale: float = 1.0,
    translation: ArrayLike = (0.0, 0.0, 0.0),
    offsets: ArrayLike | None = None,
) -> PosedBody:
    """Shape, pose, scale and place a body.

    betas: up to B values. pose: (72,) axis-angle in radians, SMPL's joint order; None is the rest
    pose. scale: of the whole body about its pelvis. translation: (3,) the pelvis in the world, m.
    offsets: (V, 3) metres added to the shaped rest surface; the joints stay.
    """
    rest = shaped_vertices(body, betas)
    joints = body.J_regressor.astype(float) @ rest
    if offsets is not None:
        rest = rest + np.asarray(offsets, float)
    theta = np.zeros(3 * JOINTS) if pose is None else np.asarray(pose, float)
    T = joint_transforms(joints, theta)
    if body.posedirs is not None:
        bent = rotation_matrices(theta.reshape(JOINTS, 3)[1:]) - np.eye(3)
        rest = rest + (bent.ravel() @ body.posedirs).reshape(-1, 3)
    blend = body.weights.astype(float) @ T.reshape(JOINTS, 12)
    blend = blend.reshape(-1, 3, 4)
    posed = np.einsum("vij,vj->vi", blend[:, :, :3], rest) + blend[:, :, 3]
    at = np.einsum("jab,jb->ja", T[:, :, :3], joints) + T[:, :, 3]
    offset = np.asarray(translation, float)
    vertices, rig = (offset + scale * (x - joints[0]) for x in (posed, at))
    return PosedBody(vertices, rig, body.coco_regressor.astype(float) @ vertices)
