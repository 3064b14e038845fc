"""How well lenses and places are known: from the normal matrix of what was adjusted.

The normal matrix of all corners, boards eliminated (Schur complement), scaled by the variance of
what is left over, is inverted for the cameras alone. Turning and moving the whole world changes
nothing that a camera sees; of all worlds the one is taken in which the cameras' spread is least in
sum (inner constraints, a pseudo-inverse), rather than one camera being called exact. A wrong lens
moves a place too: its covariance is carried over.

Source: Triggs, McLauchlan, Hartley and Fitzgibbon (2000), *Bundle adjustment – a modern synthesis*,
sections 9 and F; Zhang (2000) for the lens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.camera_covariance import CameraCovariance
from backend.domain.cameras import Camera

Array = NDArray[np.float64]

GAUGE = 6
"""Free choices of a metric world."""


def robust_variance(
    squares: Float[Array, " n"], scale_px: float, parameters: int
) -> tuple[Float[Array, " n"], float]:
    """Weights of soft-L1 residuals, and the variance of one coordinate, pixels².

    Args:
        squares: Squared residuals, one coordinate each.
        scale_px: From where on a residual's influence grows no more.
        parameters: How many numbers were fitted.
    """
    weights = 1.0 / np.sqrt(1.0 + squares / scale_px**2)
    free = max(1.0, float(weights.sum()) - parameters)
    return weights, float((weights * squares).sum() / free)


def local_jacobian(camera: Camera, local: Float[Array, "n 3"]) -> Float[Array, "n 2 3"]:
    """Change of the pixel with a point in the camera's axes, by central differences, px/m."""
    step = 1e-5 * np.maximum(1e-2, np.abs(local[:, 2]))
    columns = []
    for axis in np.eye(3):
        shift = step[:, None] * axis
        apart = camera.project_local(local + shift) - camera.project_local(local - shift)
        columns.append(apart / (2 * step)[:, None])
    return np.stack(columns, axis=-1)


def lens_jacobian(camera: Camera, local: Float[Array, "n 3"]) -> Float[Array, "n 2 4"]:
    """Change of the pixel with fx, fy, cx and cy."""
    bent = camera.distort(local[:, :2] / local[:, 2:])
    out = np.zeros((len(local), 2, 4))
    out[:, 0, 0], out[:, 1, 1] = bent[:, 0], bent[:, 1]
    out[:, 0, 2] = out[:, 1, 3] = 1.0
    return out


def turned(points: Float[Array, "n 3"]) -> Float[Array, "n 3 3"]:
    """Change of points (N, 3) with a small rotation of them about the origin: −[p]×."""
    out = np.zeros((len(points), 3, 3))
    x, y, z = points.T
    out[:, 0, 1], out[:, 0, 2] = z, -y
    out[:, 1, 0], out[:, 1, 2] = -z, x
    out[:, 2, 0], out[:, 2, 1] = y, -x
    return out


@dataclass(slots=True)
class Normal:
    """The normal matrix of cameras, with everything else eliminated as it is added.

    A camera has ten columns: rotation about its centre and translation, both in its own axes (6),
    then fx, fy, cx and cy (4).
    """

    cameras: Sequence[int]
    matrix: Array = field(init=False)

    def __post_init__(self) -> None:
        size = 10 * len(self.cameras)
        self.matrix = np.zeros((size, size))

    def add(self, seen: Sequence[tuple[int, Float[Array, "n 10"], Float[Array, "n k"]]]) -> None:
        """Take up one board or point.

        Args:
            seen: For each camera that sees it, its place among the cameras, and the weighted rows
                of the Jacobian: by the camera (n, 10) and by the object (n, k).
        """
        inner = sum(b.T @ b for _, _, b in seen)
        inverse = np.linalg.pinv(np.asarray(inner), hermitian=True)
        mixed = [(at, a, a.T @ b) for at, a, b in seen]
        for at, a, across in mixed:
            self.matrix[10 * at : 10 * at + 10, 10 * at : 10 * at + 10] += a.T @ a
            for other, _, beside in mixed:
                self.matrix[10 * at : 10 * at + 10, 10 * other : 10 * other + 10] -= (
                    across @ inverse @ beside.T
                )

    def covariances(
        self, variance: float, lenses: Mapping[int, Array | None], length_m: float,
        poses: Mapping[int, Array],
    ) -> dict[int, CameraCovariance]:  # fmt: skip
        """Covariances by camera.

        Args:
            poses: (4, 4) of each camera.
            variance: Of one coordinate, pixels².
            lenses: (4, 4) of each camera's lens, where it is known; the lens was held while the
                places were sought.
            length_m: Which length counts as much as one radian when the world is chosen.
        """
        count = len(self.cameras)
        places = np.concatenate([np.arange(10 * i, 10 * i + 6) for i in range(count)])
        unit = np.tile(np.array((1.0, 1, 1, length_m, length_m, length_m)), count)
        H = self.matrix[np.ix_(places, places)] * np.outer(unit, unit)
        values, vectors = np.linalg.eigh((H + H.T) / 2)
        kept = np.arange(len(values)) >= GAUGE
        kept &= values > 1e-12 * max(values[-1], 1e-300)
        whole = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T * np.outer(unit, unit)
        found = variance * whole
        cross: dict[int, Array] = {}
        for i, camera in enumerate(self.cameras):
            known = lenses.get(camera)
            if known is None:
                continue
            moved = -whole @ self.matrix[places, 10 * i + 6 : 10 * i + 10]
            found = found + moved @ known @ moved.T
            cross[camera] = moved[6 * i : 6 * i + 6] @ known
        return {
            camera: CameraCovariance.of_own_axes(
                found[6 * i : 6 * i + 6, 6 * i : 6 * i + 6],
                poses[camera],
                lenses.get(camera),
                cross.get(camera),
            )
            for i, camera in enumerate(self.cameras)
        }


def board_covariances(
    lenses: Sequence[Camera],
    observations: Sequence[Any],
    points: Mapping[int, Float[Array, "n 3"]],
    cameras: Mapping[int, Float[Array, "4 4"]],
    boards: Mapping[int, Float[Array, "4 4"]],
    scale_px: float,
) -> dict[int, CameraCovariance]:
    """Covariances of cameras that were placed by boards, in the root's axes.

    Args:
        lenses: All cameras, whose lenses were held.
        observations: ``bundle.Observation`` of all corners; NaN where a corner was not seen.
        points: Corners of the board by moment, metres.
        cameras: T_camera_root by camera index.
        boards: T_root_board by moment.
        scale_px: Of the robust loss.
    """
    order = list(cameras)
    normal = Normal(order)
    linear: dict[int, list[tuple[int, Array, Array, Array]]] = {}
    depths = []
    for seen in observations:
        T, B = cameras[seen.camera], boards[seen.moment]
        there = np.isfinite(seen.corners).all(axis=1)
        on_board = points[seen.moment][there]
        world = on_board @ B[:3, :3].T + B[:3, 3]
        local = world @ T[:3, :3].T + T[:3, 3]
        depths.append(float(np.median(local[:, 2])))
        to_pixel = local_jacobian(lenses[seen.camera], local)
        by_camera = np.concatenate(
            (to_pixel @ turned(local), to_pixel, lens_jacobian(lenses[seen.camera], local)), axis=2
        )
        by_world = to_pixel @ T[:3, :3]
        by_board = np.concatenate((by_world @ turned(world - B[:3, 3]), by_world), axis=2)
        inside = lenses[seen.camera].project_local(local) - 0.5
        miss = inside - seen.corners[there]
        linear.setdefault(seen.moment, []).append(
            (order.index(seen.camera), by_camera, by_board, miss)
        )
    squares = np.concatenate(
        [np.square(miss).reshape(-1) for rows in linear.values() for *_, miss in rows]
    )
    fitted = 6 * (len(order) + len(linear)) - GAUGE
    weights, variance = robust_variance(np.nan_to_num(squares, nan=1e8), scale_px, fitted)
    at = 0
    for rows in linear.values():
        seen_here = []
        for camera, a, b, miss in rows:
            w = np.sqrt(weights[at : at + miss.size])[:, None]
            at += miss.size
            seen_here.append((camera, a.reshape(-1, 10) * w, b.reshape(-1, 6) * w))
        normal.add(seen_here)
    known = {c: _lens_of(lenses[c]) for c in order}
    return normal.covariances(variance, known, max(0.3, float(np.median(depths))), cameras)


def _lens_of(camera: Camera) -> Array | None:
    return None if camera.covariance is None else camera.covariance.lens


def pose_covariance(
    camera: Camera,
    T: Float[Array, "4 4"],
    points: Float[Array, "n 3"],
    pixels: Float[Array, "n 2"],
    said_px: float,
) -> CameraCovariance:
    """Covariance of one camera that was placed alone, by points of known position.

    With few points the residuals hardly tell how exact the marks are; they count together with what
    is usual, weighted like four marks.

    Args:
        camera: Its lens.
        T: Where it was found, ``T_camera_world``.
        points: (N, 3) metres.
        pixels: (N, 2) marks in our image convention.
        said_px: Usual error of a mark's coordinate.
    """
    arm = points @ T[:3, :3].T
    local = arm + T[:3, 3]
    to_pixel = local_jacobian(camera, local)
    J = np.concatenate((to_pixel @ turned(arm), to_pixel), axis=2).reshape(-1, 6)
    squares = np.square(camera.project_local(local) - pixels)
    usual = 8
    variance = (squares.sum() + usual * said_px**2) / (max(0, squares.size - 6) + usual)
    whole = np.linalg.pinv(J.T @ J, rcond=1e-12, hermitian=True)
    pose, cross = variance * whole, None
    known = _lens_of(camera)
    if known is not None:
        by_lens = lens_jacobian(camera, local).reshape(-1, 4)
        moved = -whole @ (J.T @ by_lens)
        pose, cross = pose + moved @ known @ moved.T, moved @ known
    return CameraCovariance((pose + pose.T) / 2, known, cross)


def lens_covariance(
    jacobians: Sequence[tuple[Float[Array, "n l"], Float[Array, "n 6"]]],
    residuals: Sequence[Float[Array, " n"]],
    free: Float[Array, "p l"],
) -> Float[Array, "4 4"] | None:
    """(4, 4) covariance of fx, fy, cx and cy from the views of a board.

    Args:
        jacobians: For each view, rows by the free lens parameters and by the board's pose.
        residuals: For each view, pixels.
        free: From the free parameters to all, of which the first four are fx, fy, cx and cy.

    Returns:
        None where the views do not determine the lens.
    """
    H = np.zeros((free.shape[1], free.shape[1]))
    for by_lens, by_pose in jacobians:
        inner = np.linalg.pinv(by_pose.T @ by_pose, hermitian=True)
        mixed = by_lens.T @ by_pose
        H += by_lens.T @ by_lens - mixed @ inner @ mixed.T
    size = sum(r.size for r in residuals)
    total = float(sum(np.square(r).sum() for r in residuals))
    variance = total / max(1, size - len(H) - 6 * len(residuals))
    unit = 1 / np.sqrt(np.maximum(np.diag(H), 1e-30))
    scaled = H * np.outer(unit, unit)
    values = np.linalg.eigvalsh(scaled)
    if values[0] < 1e-12 * values[-1]:
        return None
    whole = np.linalg.inv(scaled) * np.outer(unit, unit)
    found = variance * free[:4] @ whole @ free[:4].T
    return np.asarray((found + found.T) / 2)


def opencv_jacobians(
    views: Sequence[tuple[Float[Array, "n 3"], Any, Any]],
    K: Float[Array, "3 3"],
    distortion: Float[Array, " d"],
    free: Float[Array, "p m"],
    *,
    fisheye: bool,
) -> list[tuple[Float[Array, "k l"], Float[Array, "k 6"]]]:
    """OpenCV's own derivatives of the projection by lens and by pose, view by view.

    Args:
        views: Points of the board, rotation vector and translation.
        K: The lens.
        distortion: Its coefficients.
        free: From the parameters that were free to fx, fy, cx, cy and the coefficients: a column
            for each free one.
        fisheye: Which model.
    """
    out = []
    for points, rotation, place in views:
        r = np.asarray(rotation, float).reshape(3, 1)
        t = np.asarray(place, float).reshape(3, 1)
        if fisheye:
            J = cv2.fisheye.projectPoints(points.reshape(-1, 1, 3), r, t, K, distortion)[1]
            lens, pose = J[:, :8], J[:, 8:14]
        else:
            J = cv2.projectPoints(points, r, t, K, distortion)[1]
            lens, pose = J[:, 6 : 10 + len(distortion)], J[:, :6]
        out.append((np.asarray(lens, float) @ free, np.asarray(pose, float)))
    return out
