"""OpenCV's calibration of one lens from given views, pinhole and fisheye, with our models.

Source: Zhang (2000), *A flexible new technique for camera calibration*; fisheye after Kannala and
Brandt (2006), both as OpenCV has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from worker.calibration.boards import BoardView, Target
from worker.calibration.uncertainty import lens_covariance, opencv_jacobians

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Solution:
    """A lens as OpenCV has it.

    K (3, 3), distortion; errors: RMS by view, pixels; focal_sd: spread of the focal length, pixels;
    tilts: degrees by view between the board and the image plane. poses: rotation vector and
    translation of the board by view.
    """

    K: Array
    distortion: Array
    errors: Array
    focal_sd: float
    tilts: Array
    poses: tuple[tuple[Array, Array], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Model:
    """Which distortion terms are estimated: in words, and as OpenCV's flags."""

    name: str
    flags: int


_ONE = cv2.CALIB_ZERO_TANGENT_DIST | cv2.CALIB_FIX_K2 | cv2.CALIB_FIX_K3
_TWO = cv2.CALIB_ZERO_TANGENT_DIST | cv2.CALIB_FIX_K3
_SQUARE = cv2.CALIB_FIX_ASPECT_RATIO
# From simple to rich.
MODELS: Final = (
    Model("one radial term, square pixels", _ONE | _SQUARE),
    Model("two radial terms, square pixels", _TWO | _SQUARE),
    Model("two radial and the tangential terms, square pixels", cv2.CALIB_FIX_K3 | _SQUARE),
    Model("two radial and the tangential terms", cv2.CALIB_FIX_K3),
    Model("three radial and the tangential terms", 0),
)
FIRST = MODELS[1]


def _arrays(views: Sequence[BoardView], board: Target) -> tuple[list[Any], list[Any]]:
    both = [view.pairs(board) for view in views]
    points = [on_board.astype(np.float32).reshape(-1, 1, 3) for on_board, _ in both]
    return points, [seen.astype(np.float32).reshape(-1, 1, 2) for _, seen in both]


def _guesses(views: Sequence[BoardView]) -> list[Array]:
    width, height = views[0].size
    return [
        np.array([[f, 0, (width - 1) / 2], [0, f, (height - 1) / 2], [0, 0, 1.0]])
        for f in (1.2 * max(width, height), 0.55 * max(width, height))
    ]


def pinhole(views: Sequence[BoardView], board: Target, model: Model) -> Solution:
    """A pinhole lens from views of a board, from two starting focal lengths."""
    points, corners = _arrays(views, board)
    best: Solution | None = None
    for K0 in _guesses(views):
        found = cv2.calibrateCameraExtended(
            points, corners, views[0].size, K0.copy(), np.zeros(5),
            flags=model.flags | cv2.CALIB_USE_INTRINSIC_GUESS,
            criteria=(cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 80, 1e-9),
        )  # fmt: skip
        K, distortion, spread, errors = found[1], found[2], found[5], found[7]
        solution = Solution(
            np.asarray(K, float),
            np.asarray(distortion, float).reshape(-1)[:5],
            np.asarray(errors, float).reshape(-1),
            float(np.max(np.asarray(spread).reshape(-1)[:2])),
            _tilts(found[3]),
            _poses(found[3], found[4]),
        )
        if best is None or np.square(solution.errors).mean() < np.square(best.errors).mean():
            best = solution
        if best is not None and np.sqrt(np.square(best.errors).mean()) < 1:
            break
    assert best is not None
    return best


def fisheye(views: Sequence[BoardView], board: Target, model: Model) -> Solution:
    """A fisheye lens from views of a board; ``model`` is the pinhole's and does not matter.

    Raises:
        InvalidInput: no fisheye lens explains the views.
    """
    points, corners = _arrays(views, board)
    points64 = [np.asarray(p, np.float64).reshape(1, -1, 3) for p in points]
    corners64 = [np.asarray(c, np.float64).reshape(1, -1, 2) for c in corners]
    flags = _fisheye_flag("CALIB_RECOMPUTE_EXTRINSIC") | _fisheye_flag("CALIB_FIX_SKEW")
    guess = _fisheye_flag("CALIB_USE_INTRINSIC_GUESS")
    best: Solution | None = None
    width, height = views[0].size
    failed = ""
    for focal in (max(width, height) / np.pi, 0.5 * max(width, height), 0.8 * max(width, height)):
        K0 = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])
        try:
            _, K, distortion, rotations, places = cv2.fisheye.calibrate(
                points64, corners64, (width, height), K0, np.zeros(4),
                flags=flags | guess,
                criteria=(cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 120, 1e-9),
            )  # fmt: skip
        except cv2.error as error:
            failed = str(error).splitlines()[0]
            continue
        errors = np.array(
            [
                rms_px(cv2.fisheye.projectPoints(p, r, t, K, distortion)[0], c)
                for p, c, r, t in zip(points64, corners64, rotations, places, strict=True)
            ]
        )
        if not np.isfinite(errors).all():
            continue
        solution = Solution(
            np.asarray(K, float),
            np.asarray(distortion, float).reshape(-1),
            errors,
            float("nan"),
            _tilts(rotations),
            _poses(rotations, places),
        )
        if best is None or np.square(errors).mean() < np.square(best.errors).mean():
            best = solution
    if best is None:
        raise InvalidInput(
            "No fisheye lens explains the pictures; add pictures with the board towards the"
            f" corners of the image, or calibrate as pinhole. {failed}".strip(),
            fault="fisheye calibration failed",
        )
    return best


def _poses(rotations: Sequence[Any], places: Sequence[Any]) -> tuple[tuple[Array, Array], ...]:
    return tuple(
        (np.asarray(r, float).reshape(3), np.asarray(t, float).reshape(3))
        for r, t in zip(rotations, places, strict=True)
    )


def spread_of(
    views: Sequence[BoardView], board: Target, solution: Solution, model: Model | None
) -> Array | None:
    """(4, 4) covariance of fx, fy, cx and cy; None where it cannot be told.

    Args:
        views: The views that were used.
        board: The board.
        solution: What was found from them.
        model: Which terms were free; None for fisheye, where all are.
    """
    free = _free(model)
    listed = [
        (view.pairs(board)[0], *pose) for view, pose in zip(views, solution.poses, strict=True)
    ]
    bent = solution.distortion
    jacobians = opencv_jacobians(listed, solution.K, bent, free, fisheye=model is None)
    residuals = []
    for view, (points, r, t) in zip(views, listed, strict=True):
        project = cv2.projectPoints if model is not None else cv2.fisheye.projectPoints
        there = project(points.reshape(-1, 1, 3), r, t, solution.K, bent)[0]
        seen = view.pairs(board)[1]
        residuals.append((np.asarray(there, float).reshape(-1, 2) - seen).reshape(-1))
    return lens_covariance(jacobians, residuals, free)


def _free(model: Model | None) -> Array:
    """Columns: which of fx, fy, cx, cy and the coefficients were free, and tied together."""
    if model is None:
        return np.eye(8)
    whole = np.eye(9)  # fx fy cx cy k1 k2 p1 p2 k3
    fixed = {
        8: bool(model.flags & cv2.CALIB_FIX_K3),
        5: bool(model.flags & cv2.CALIB_FIX_K2),
        6: bool(model.flags & cv2.CALIB_ZERO_TANGENT_DIST),
        7: bool(model.flags & cv2.CALIB_ZERO_TANGENT_DIST),
    }
    if model.flags & _SQUARE:
        whole[1, 0] = 1.0
        fixed[1] = True
    return whole[:, [i for i in range(9) if not fixed.get(i, False)]]


def _tilts(rotations: Sequence[Any]) -> Array:
    axes = [abs(cv2.Rodrigues(np.asarray(r, float))[0][2, 2]) for r in rotations]
    return np.asarray(np.degrees(np.arccos(np.clip(axes, 0, 1))))


def _fisheye_flag(name: str) -> int:
    """A flag by name: OpenCV 5 keeps them in the package, OpenCV 4 beside the fisheye functions."""
    return int(getattr(cv2.fisheye, name, None) or getattr(cv2, name))


def rms_px(projected: Any, corners: Any) -> float:
    """Root mean square distance of two sets of pixels of any shape (…, 2)."""
    miss = np.asarray(projected, float).reshape(-1, 2) - np.asarray(corners, float).reshape(-1, 2)
    return float(np.sqrt(np.square(miss).sum(axis=1).mean()))
