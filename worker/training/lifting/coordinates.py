"""What a lifting network sees and says, and how that becomes metres in the camera again.

The camera is turned until the person's box lies on its axis, and the box is scaled to a square of
side 2. The network is told the joints in that square. It says the joints about the pelvis in metres
in the turned camera, and where the pelvis is: its place in the square, and its depth times the
box's half side, which is a length in metres that hardly depends on how far away the camera is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.skeleton import JOINTS, N_JOINTS

MIN_TOLD: Final = 4
"""Joints that a person needs to be lifted."""
FEATURES: Final = 3 * N_JOINTS
"""x and y of each joint, and whether it is told."""
HIPS: Final = (JOINTS.index("left_hip"), JOINTS.index("right_hip"))

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Square:
    """The turned and scaled view of one person.

    Attributes:
        turn: (3, 3) from the camera's axes to the turned camera's.
        centre: (2,) of the box on the plane at depth 1 of the turned camera.
        half: Half the box's longer side on that plane.
    """

    turn: Float[Array, "3 3"]
    centre: Float[Array, "2"]
    half: float


def rays(
    places: Float[Array, "n 2"], K: Float[Array, "3 3"], distortion: Array | None = None
) -> Float[Array, "n 2"]:
    """Pixels to the plane at depth 1, without distortion."""
    if distortion is not None and np.any(distortion):
        # OpenCV's pixel centres lie at whole numbers, ours at halves; K is in ours.
        found = cv2.undistortPoints(np.asarray(places, float)[:, None], K, distortion)
        return np.asarray(found[:, 0], float)
    inverse = np.linalg.inv(K)
    return np.asarray(places @ inverse[:2, :2].T + inverse[:2, 2])


def square_of(seen: Float[Array, "n 2"]) -> Square:
    """The view of a person whose told joints lie there on the plane at depth 1.

    Raises:
        InvalidInput: all lie in one point.
    """
    low, high = seen.min(axis=0), seen.max(axis=0)
    axis = np.append((low + high) / 2, 1.0)
    axis /= np.linalg.norm(axis)
    right = np.cross([0.0, 1.0, 0.0], axis)
    right /= np.linalg.norm(right)
    turn = np.stack([right, np.cross(axis, right), axis])
    turned = turned_rays(seen, turn)
    low, high = turned.min(axis=0), turned.max(axis=0)
    half = float((high - low).max()) / 2
    if not half > 0:
        raise InvalidInput("All joints of a person lie in one point.", fault="no extent")
    return Square(turn, (low + high) / 2, half)


def turned_rays(seen: Float[Array, "n 2"], turn: Float[Array, "3 3"]) -> Float[Array, "n 2"]:
    """Places on the plane at depth 1 as the turned camera has them."""
    ahead = np.concatenate([seen, np.ones((len(seen), 1))], axis=1) @ turn.T
    return np.asarray(ahead[:, :2] / ahead[:, 2:])


def features(
    seen: Float[Array, "17 2"], told: Bool[NDArray[Any], "17"], square: Square
) -> Float[Array, "51"]:
    """What the network is told of one person; joints that are not told are 0."""
    placed = (turned_rays(seen, square.turn) - square.centre) / square.half
    placed = np.where(told[:, None], placed, 0.0)
    return np.concatenate([placed.ravel(), told.astype(float)])


def targets(joints: Float[Array, "17 3"], square: Square) -> Float[Array, "54"]:
    """What the network is to say of joints in the camera's axes, metres."""
    turned = joints @ square.turn.T
    pelvis = turned[list(HIPS)].mean(axis=0)
    place = (pelvis[:2] / pelvis[2] - square.centre) / square.half
    said = np.append(place, pelvis[2] * square.half)
    return np.concatenate([(turned - pelvis).ravel(), said])


def placed(said: Float[Array, "54"], square: Square) -> Float[Array, "17 3"]:
    """Joints in the camera's axes, metres, from what the network says: inverse of ``targets``."""
    about = said[: 3 * N_JOINTS].reshape(N_JOINTS, 3)
    depth = max(float(said[-1]), 1e-3) / square.half
    place = said[-3:-1] * square.half + square.centre
    pelvis = np.append(place, 1.0) * depth
    return np.asarray((about + pelvis) @ square.turn)
