"""Bundle adjustment: camera and board poses that together explain all corners best.

Scipy's sparse trust-region least squares with a robust loss; lenses stay as they are. Every corner
depends on one camera and one board, so the Jacobian is sparse and is differenced in a dozen groups
of columns, however many boards there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.sparse import lil_matrix

from backend.domain.cameras import Camera
from backend.domain.pixels import OPENCV, to_outside
from worker.calibration.poses import to_matrix, to_vector

Array = NDArray[np.float64]

LOSS_SCALE_PX = 1.0
"""From here on a corner's influence grows no more (soft L1)."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Corners (N, 2) of the board at one moment in one camera, OpenCV's convention.

    NaN for those that the picture does not show.
    """

    camera: int
    moment: int
    corners: Float[Array, "n 2"]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Poses by index: T_camera_root of cameras, T_root_board of moments; RMS by observation."""

    cameras: dict[int, Float[Array, "4 4"]]
    boards: dict[int, Float[Array, "4 4"]]
    errors: Float[Array, " observations"]

    @property
    def rms_px(self) -> float:
        """RMS over all observations, pixels."""
        return float(np.sqrt(np.square(self.errors).mean())) if len(self.errors) else 0.0


def adjust(
    lenses: Sequence[Camera],
    points: Mapping[int, Float[Array, "n 3"]],
    observations: Sequence[Observation],
    cameras: Mapping[int, Float[Array, "4 4"]],
    boards: Mapping[int, Float[Array, "4 4"]],
    root: int,
) -> Bundle:
    """Refine camera and board poses together.

    Args:
        lenses: All cameras; indices of observations point here.
        points: (N, 3) corners of the board by moment, metres; padded where boards differ.
        observations: What was seen.
        cameras: Start poses T_camera_root by camera index, the root's being the identity.
        boards: Start poses T_root_board by moment.
        root: The camera that stays where it is.
    """
    moving = [c for c in cameras if c != root]
    moments = list(boards)
    column = {("c", c): 6 * i for i, c in enumerate(moving)}
    column |= {("b", m): 6 * (len(moving) + i) for i, m in enumerate(moments)}
    x0 = np.concatenate(
        [to_vector(cameras[c]) for c in moving] + [to_vector(boards[m]) for m in moments]
    )
    count = max(map(len, points.values()))
    size = 2 * count

    def place(x: Array, kind: str, index: int) -> Array:
        if kind == "c" and index == root:
            return np.eye(4)
        at = column[kind, index]
        return to_matrix(x[at : at + 6])

    # Corners of one camera are projected in one go.
    by_camera: dict[int, list[int]] = {}
    for k, seen in enumerate(observations):
        by_camera.setdefault(seen.camera, []).append(k)

    def residuals(x: Array) -> Array:
        on_board = {m: points[m] @ T[:3, :3].T + T[:3, 3] for m in moments
                    for T in (place(x, "b", m),)}  # fmt: skip
        out = np.empty((len(observations), count, 2))
        for c, rows in by_camera.items():
            T = place(x, "c", c)
            world = np.stack([on_board[observations[k].moment] for k in rows])
            seen = lenses[c].project_local(world @ T[:3, :3].T + T[:3, 3])
            out[rows] = to_outside(seen, OPENCV)
        out -= seen_corners
        # A board behind a camera is infinitely wrong; a large number lets the solver go on.
        return np.where(shown[..., None], np.nan_to_num(out, nan=1e4), 0.0).reshape(-1)

    seen_corners = np.stack([seen.corners for seen in observations])
    shown = np.asarray(np.isfinite(seen_corners).all(axis=-1))
    pattern = lil_matrix((len(observations) * size, len(x0)), dtype=np.int8)
    for k, seen in enumerate(observations):
        rows = slice(k * size, (k + 1) * size)
        if seen.camera != root:
            at = column["c", seen.camera]
            pattern[rows, at : at + 6] = 1
        at = column["b", seen.moment]
        pattern[rows, at : at + 6] = 1
    found = least_squares(
        residuals, x0, jac_sparsity=pattern, method="trf", loss="soft_l1",
        f_scale=LOSS_SCALE_PX, x_scale="jac", max_nfev=60, xtol=1e-9, ftol=1e-8,
    )  # fmt: skip
    miss = residuals(found.x).reshape(len(observations), count, 2)
    errors = np.sqrt(np.square(miss).sum(axis=(1, 2)) / shown.sum(axis=1))
    return Bundle(
        {c: place(found.x, "c", c) for c in cameras},
        {m: place(found.x, "b", m) for m in moments},
        errors,
    )


def mean_transform(transforms: Sequence[Float[Array, "4 4"]]) -> Float[Array, "4 4"]:
    """The middle of several nearly equal rigid transforms: median place, mean orientation."""
    stacked = np.stack(transforms)
    U, _, Vt = np.linalg.svd(stacked[:, :3, :3].sum(axis=0))
    T = np.eye(4)
    T[:3, :3] = U @ np.diag([1, 1, np.sign(np.linalg.det(U @ Vt))]) @ Vt
    T[:3, 3] = np.median(stacked[:, :3, 3], axis=0)
    return to_matrix(np.concatenate((cv2.Rodrigues(T[:3, :3])[0].reshape(3), T[:3, 3])))
