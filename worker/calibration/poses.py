"""Poses of boards before cameras, and small rotations: what extrinsics and points share.

Pixels are in OpenCV's convention (0 at the first pixel's centre).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.cameras import Camera, Lens
from backend.domain.pixels import OPENCV, to_inside, to_outside

Array = NDArray[np.float64]


def to_matrix(vector: Float[Array, "6"]) -> Float[Array, "4 4"]:
    """(6,) rotation vector and translation as a (4, 4) transform."""
    T = np.eye(4)
    T[:3, :3] = cv2.Rodrigues(np.asarray(vector[:3], float))[0]
    T[:3, 3] = vector[3:6]
    return T


def to_vector(T: Float[Array, "4 4"]) -> Float[Array, "6"]:
    """The inverse of :func:`to_matrix`."""
    rotation = cv2.Rodrigues(np.ascontiguousarray(T[:3, :3]))[0]
    return np.concatenate((np.asarray(rotation, float).reshape(3), T[:3, 3]))


def inverse(T: Float[Array, "4 4"]) -> Float[Array, "4 4"]:
    """Inverse of a rigid transform (4, 4)."""
    out = np.eye(4)
    out[:3, :3] = T[:3, :3].T
    out[:3, 3] = -T[:3, :3].T @ T[:3, 3]
    return out


def angle_deg(A: Float[Array, "a a"], B: Float[Array, "b b"]) -> float:
    """Angle between two orientations, given as (3, 3) or (4, 4), degrees."""
    turn = A[:3, :3] @ B[:3, :3].T
    sine = np.linalg.norm(
        [turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]
    )
    return float(np.degrees(np.arctan2(sine / 2, (np.trace(turn) - 1) / 2)))


def project(
    camera: Camera, T_camera_object: Float[Array, "4 4"], points: Float[Array, "n 3"]
) -> Float[Array, "n 2"]:
    """Object points (N, 3) to pixels (N, 2) in OpenCV's convention; NaN behind the camera."""
    local = points @ T_camera_object[:3, :3].T + T_camera_object[:3, 3]
    return to_outside(camera.project_local(local), OPENCV)


def ideal(camera: Camera, pixels: Float[Array, "n 2"]) -> Float[Array, "n 2"]:
    """Pixels (N, 2) in OpenCV's convention on the undistorted plane z = 1 (N, 2)."""
    return camera.undistort(to_inside(pixels, OPENCV))


def seen_rms(corners: Float[Array, "n 2"], there: Float[Array, "n 2"]) -> float:
    """RMS distance of the corners that are seen (NaN: not) from where they should be, pixels."""
    seen = np.isfinite(corners).all(axis=1)
    return rms(corners[seen] - there[seen])


def rms(miss: Float[Array, "n 2"]) -> float:
    """Root mean square length of (N, 2) differences; 1e6 where one is not finite."""
    squares = np.square(miss).sum(axis=-1)
    return float(np.sqrt(squares.mean())) if np.isfinite(squares).all() else 1e6


def object_poses(
    camera: Camera, points: Float[Array, "n 3"], pixels: Float[Array, "n 2"]
) -> list[tuple[Float[Array, "4 4"], float]]:
    """Poses from which a camera may see an object, best first, with their RMS in pixels.

    A flat object seen from afar has two; both are refined on the real lens.

    Args:
        camera: Its lens.
        points: (N, 3) metres, N ≥ 4.
        pixels: (N, 2) OpenCV's convention.
    """
    xy = ideal(camera, pixels)
    centred = points - points.mean(axis=0)
    values = np.linalg.svd(centred, compute_uv=False)
    flat = bool(values[2] < 1e-3 * values[0])
    found: list[Array] = []
    for method in _methods(flat, len(points), points):
        try:
            count, rotations, places, _ = cv2.solvePnPGeneric(
                points, xy, np.eye(3), np.zeros(4), flags=method
            )
        except cv2.error:
            continue
        for rotation, place in zip(rotations[:count], places[:count], strict=True):
            vector = np.concatenate(
                (np.asarray(rotation, float).reshape(3), np.asarray(place, float).reshape(3))
            )
            if np.isfinite(vector).all():
                found.append(_polished(camera, points, pixels, vector))
    scored = [(T, rms(project(camera, T, points) - pixels)) for T in map(to_matrix, found)]
    unique: list[tuple[Array, float]] = []
    for T, error in sorted(scored, key=lambda entry: entry[1]):
        if all(angle_deg(T, other) > 1.0 for other, _ in unique) and error < 1e5:
            unique.append((T, error))
    return unique[:2]


def _methods(flat: bool, count: int, points: Array) -> Sequence[int]:
    if flat and np.allclose(points[:, 2], 0):
        return (cv2.SOLVEPNP_IPPE, cv2.SOLVEPNP_SQPNP)
    if count >= 6 and not flat:
        return (cv2.SOLVEPNP_SQPNP, cv2.SOLVEPNP_EPNP)
    return (cv2.SOLVEPNP_SQPNP, cv2.SOLVEPNP_EPNP, cv2.SOLVEPNP_ITERATIVE)


def _polished(camera: Camera, points: Array, pixels: Array, vector: Array) -> Array:
    """The pose after Levenberg–Marquardt: on the pinhole plane, weighted alike everywhere."""
    if camera.lens is Lens.PINHOLE:
        K, distortion = camera.to_opencv(), camera.distortion
        seen = np.asarray(pixels, float)
    else:
        K, distortion = np.eye(3), np.zeros(4)
        seen = ideal(camera, pixels)
    rotation, place = cv2.solvePnPRefineLM(
        points, seen, K, distortion, vector[:3].reshape(3, 1), vector[3:].reshape(3, 1)
    )
    return np.concatenate(
        (np.asarray(rotation, float).reshape(3), np.asarray(place, float).reshape(3))
    )
