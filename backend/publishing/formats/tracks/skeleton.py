"""The body's own joints of other poses of the same body, without its model."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.joint_angles import PARENTS
from backend.domain.turns import from_rotation_vectors

Array = NDArray[np.float64]


def repose(
    pose: Float[Array, "n 72"],
    body: Float[Array, "n 24 3"],
    new_pose: Float[Array, "n 72"],
    new_place: Float[Array, "n 3"],
) -> Float[Array, "n 24 3"]:
    """Joints (N, 24, 3) of new poses, from the bones of fitted ones: a body's bones are constant.

    NaN where the new pose is.
    """
    out = np.full(body.shape, np.nan)
    rows = np.flatnonzero(np.isfinite(new_pose).all(1) & np.isfinite(new_place).all(1))
    if not len(rows):
        return out
    turned, wanted = _world(pose[rows]), _world(new_pose[rows])
    bones = np.zeros((24, 3))
    for joint in range(1, 24):
        up = PARENTS[joint]
        away = body[rows, joint] - body[rows, up]
        bones[joint] = np.einsum("nji,nj->ni", turned[:, up], away).mean(0)
    found = np.zeros((len(rows), 24, 3))
    found[:, 0] = new_place[rows]
    for joint in range(1, 24):
        up = PARENTS[joint]
        found[:, joint] = found[:, up] + wanted[:, up] @ bones[joint]
    out[rows] = found
    return out


def _world(pose: Array) -> Array:
    turns = from_rotation_vectors(pose.reshape(len(pose), 24, 3))
    for joint in range(1, 24):
        turns[:, joint] = turns[:, PARENTS[joint]] @ turns[:, joint]
    return np.asarray(turns)
