"""What a lifting network sees and says, and how that becomes metres in the camera again.

The camera is turned until the person's box lies on its axis, and the box is scaled to a square of
side 2. The network is told the joints in that square. It says the joints about the pelvis in metres
in the turned camera, and where the pelvis is: its place in the square, and its depth times the
box's half side, which is a length in metres that hardly depends on how far away the camera is.

All functions take n people at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from backend.domain.skeleton import JOINTS, N_JOINTS

MIN_TOLD: Final = 4
"""Joints that a person needs to be lifted."""
FEATURES: Final = 3 * N_JOINTS
"""x and y of each joint, and whether it is told."""
HIPS: Final = (JOINTS.index("left_hip"), JOINTS.index("right_hip"))
LEAST: Final = 1e-6

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Squares:
    """The turned and scaled views of n people.

    Attributes:
        turn: (n, 3, 3) from the camera's axes to the turned camera's.
        centre: (n, 2) of the box on the plane at depth 1 of the turned camera.
        half: (n,) half the box's longer side on that plane.
    """

    turn: Float[Array, "n 3 3"]
    centre: Float[Array, "n 2"]
    half: Float[Array, " n"]


def rays(places: Float[Array, "m 2"], K: Array, distortion: Array | None = None) -> Array:
    """Pixels to the plane at depth 1, without distortion."""
    if distortion is not None and np.any(distortion):
        found = cv2.undistortPoints(np.asarray(places, float)[:, None], K, distortion)
        return np.asarray(found[:, 0], float)
    inverse = np.linalg.inv(K)
    return np.asarray(places @ inverse[:2, :2].T + inverse[:2, 2])


def squares_of(seen: Float[Array, "n 17 2"], told: Bool[NDArray[Any], "n 17"]) -> Squares:
    """The views of people whose joints lie there on the plane at depth 1; untold ones are left out.

    Where all told joints lie in one point, the square has the side ``LEAST``.
    """
    low, high = _bounds(seen, told)
    axis = np.concatenate([(low + high) / 2, np.ones((len(seen), 1))], axis=1)
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    right = np.cross([0.0, 1.0, 0.0], axis)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    turn = np.stack([right, np.cross(axis, right), axis], axis=1)
    low, high = _bounds(_turned(seen, turn), told)
    half = np.maximum((high - low).max(axis=1) / 2, LEAST)
    return Squares(turn, (low + high) / 2, half)


def _bounds(seen: Array, told: NDArray[np.bool_]) -> tuple[Array, Array]:
    there = told[..., None]
    return (
        np.where(there, seen, np.inf).min(axis=1),
        np.where(there, seen, -np.inf).max(axis=1),
    )


def _turned(seen: Array, turn: Array) -> Array:
    """Places on the plane at depth 1 as the turned cameras have them."""
    ahead = seen @ turn[:, :, :2].transpose(0, 2, 1) + turn[:, None, :, 2]
    return np.asarray(ahead[..., :2] / ahead[..., 2:])


def features(
    seen: Float[Array, "n 17 2"], told: Bool[NDArray[Any], "n 17"], squares: Squares
) -> Float[Array, "n 51"]:
    """What the network is told; joints that are not told are 0."""
    at = (_turned(seen, squares.turn) - squares.centre[:, None]) / squares.half[:, None, None]
    at = np.where(told[..., None], at, 0.0)
    return np.concatenate([at.reshape(len(at), -1), told.astype(float)], axis=1)


def targets(joints: Float[Array, "n 17 3"], squares: Squares) -> Float[Array, "n 54"]:
    """What the network is to say of joints in the camera's axes, metres."""
    turned = joints @ squares.turn.transpose(0, 2, 1)
    pelvis = turned[:, HIPS].mean(axis=1)
    place = (pelvis[:, :2] / pelvis[:, 2:] - squares.centre) / squares.half[:, None]
    depth = pelvis[:, 2:] * squares.half[:, None]
    about = (turned - pelvis[:, None]).reshape(len(turned), -1)
    return np.concatenate([about, place, depth], axis=1)


def placed(said: Float[Array, "n 54"], squares: Squares) -> Float[Array, "n 17 3"]:
    """Joints in the camera's axes, metres, from what the network says: inverse of ``targets``."""
    about = said[:, : 3 * N_JOINTS].reshape(-1, N_JOINTS, 3)
    depth = np.maximum(said[:, -1:], 1e-3) / squares.half[:, None]
    place = said[:, -3:-1] * squares.half[:, None] + squares.centre
    pelvis = np.concatenate([place * depth, depth], axis=1)
    return np.asarray((about + pelvis[:, None]) @ squares.turn)
