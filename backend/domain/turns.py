"""Rotations in three dimensions, between the forms in which files and formulas have them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LOCKED = 1e-7
"""Cosine of the middle angle below which only the sum of the outer ones is known."""


def from_rotation_vectors(vectors: Float[Array, "*n 3"]) -> Float[Array, "*n 3 3"]:
    """Rotation matrices (…, 3, 3) of axes times angles (…, 3), radians (Rodrigues' formula)."""
    vectors = np.asarray(vectors, float)
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(vectors, -1, 0)
    none = np.zeros_like(x)
    cross = np.stack([none, -z, y, z, none, -x, -y, x, none], axis=-1).reshape(*x.shape, 3, 3)
    # sin(a) / a and (1 - cos(a)) / a², which have limits where nothing turns.
    sine = np.sinc(angle / np.pi)
    cosine = np.sinc(angle / (2 * np.pi)) ** 2 / 2
    return np.asarray(np.eye(3) + sine * cross + cosine * (cross @ cross))


def as_xzy(turns: Float[Array, "n 3 3"]) -> Float[Array, "n 3"]:
    """Angles (N, 3), radians, about x, then the turned z, then the turned y.

    The middle one is within a quarter turn. Where it is a quarter turn, the last is 0.
    """
    R = np.asarray(turns, float)
    middle = -np.arcsin(np.clip(R[:, 0, 1], -1, 1))
    locked = np.hypot(R[:, 0, 0], R[:, 0, 2]) < _LOCKED
    first = np.where(
        locked,
        np.arctan2(-R[:, 1, 2], np.sign(middle) * R[:, 1, 0]),
        np.arctan2(R[:, 2, 1], R[:, 1, 1]),
    )
    last = np.where(locked, 0.0, np.arctan2(R[:, 0, 2], R[:, 0, 0]))
    return np.stack([first, middle, last], axis=1)


def as_quaternion(turns: Float[Array, "n 3 3"]) -> Float[Array, "n 4"]:
    """Unit quaternions (N, 4) as x, y, z, w; of the two for a rotation either.

    Source: Shepperd, "Quaternion from rotation matrix", Journal of Guidance and Control 1978: the
    largest of the four is found first.
    """
    R = np.asarray(turns, float)
    a, b, c = R[:, 0, 0], R[:, 1, 1], R[:, 2, 2]
    squares = np.stack([1 + a - b - c, 1 - a + b - c, 1 - a - b + c, 1 + a + b + c], axis=1)
    x, y, z = R[:, 2, 1] - R[:, 1, 2], R[:, 0, 2] - R[:, 2, 0], R[:, 1, 0] - R[:, 0, 1]
    xy, xz, yz = R[:, 0, 1] + R[:, 1, 0], R[:, 0, 2] + R[:, 2, 0], R[:, 1, 2] + R[:, 2, 1]
    rows = np.stack(
        [
            np.stack([squares[:, 0], xy, xz, x], axis=1),
            np.stack([xy, squares[:, 1], yz, y], axis=1),
            np.stack([xz, yz, squares[:, 2], z], axis=1),
            np.stack([x, y, z, squares[:, 3]], axis=1),
        ],
        axis=1,
    )
    best = rows[np.arange(len(R)), squares.argmax(axis=1)]
    return np.asarray(best / np.linalg.norm(best, axis=1, keepdims=True))
