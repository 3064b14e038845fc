"""Checkerboards before calibrated cameras, as pictures: for tests and measurements of calibration.

Edges are softened by the exact footprint of a pixel on the board, so that corners lie where the
camera model says to a few hundredths of a pixel.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from worker.calibration.boards import Board

Array = NDArray[np.float64]

_MARGIN_SQUARES: Final = 0.7
_DARK, _LIGHT = 28.0, 225.0


class BoardRenderer:
    """Renders boards as one camera sees them.

    Args:
        camera: Its lens and image size; its place is not used.
    """

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        x, y = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
        xy = camera.undistort(np.stack((x, y), axis=-1))
        self._rays = np.concatenate((xy, np.ones((*xy.shape[:-1], 1))), axis=-1)
        # A quiet room: soft stripes that no detector takes for squares.
        self._room = 120 + 35 * np.sin(x / 61 + y / 97) + 20 * np.sin(y / 43 - x / 171)

    def render(
        self,
        board: Board,
        T_camera_board: Array,
        *,
        noise: float = 2.0,
        blur_px: float = 0.6,
        seed: int = 0,
    ) -> NDArray[np.uint8]:
        """A picture (height, width, 3) BGR of a board.

        Args:
            board: The board; corner (0, 0) is its origin, x along rows, y along columns.
            T_camera_board: (4, 4) board points, metres, into the camera's axes.
            noise: Standard deviation of the sensor's noise, grey levels.
            blur_px: Standard deviation of the lens's blur, pixels.
            seed: Of the noise.
        """
        R, t = T_camera_board[:3, :3], T_camera_board[:3, 3]
        normal = R[:, 2]
        across = self._rays @ normal
        depth = np.divide(normal @ t, across, out=np.full_like(across, -1.0), where=across != 0)
        on_board = (self._rays * depth[..., None] - t) @ R / board.square_m
        u, v = on_board[..., 0] + 1, on_board[..., 1] + 1
        value = (_DARK + _LIGHT) / 2 - (_LIGHT - _DARK) / 2 * _wave(u, board.columns) * _wave(
            v, board.rows
        )
        in_squares = (u > 0) & (v > 0) & (u < board.columns + 1) & (v < board.rows + 1)
        value = np.where(in_squares, value, _LIGHT)
        m = _MARGIN_SQUARES
        on_print = (u > -m) & (v > -m) & (u < board.columns + 1 + m) & (v < board.rows + 1 + m)
        image = np.where(on_print & (depth > 0.02), value, self._room)
        if blur_px > 0:
            image = cv2.GaussianBlur(image, (0, 0), blur_px)
        image = image + np.random.default_rng(seed).normal(0, noise, image.shape)
        gray = np.clip(np.round(image), 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)


def _wave(u: Array, edges: int) -> Array:
    """+1 in even squares, −1 in odd ones, falling over one pixel at the edges 1 … ``edges``."""
    footprint = np.abs(np.gradient(u, axis=0)) + np.abs(np.gradient(u, axis=1))
    edge = np.clip(np.round(u), 1, edges)
    distance = (u - edge) / np.maximum(footprint, 1e-9)
    side = np.where(edge % 2 == 0, 1.0, -1.0)
    return np.asarray(side * np.clip(2 * distance, -1, 1))


def pose_before(
    camera: Camera, board: Board, centre: Array, tilt_deg: Array, turn_deg: float
) -> Array:
    """T_camera_board with the board's middle at ``centre`` (3,) in the camera's axes, metres.

    ``tilt_deg`` (2,) are angles about the camera's x and y, ``turn_deg`` is about the board's own
    normal; without them the board faces the camera upright.
    """
    spin = cv2.Rodrigues(np.array((0, 0, np.radians(turn_deg))))[0]
    lean = cv2.Rodrigues(np.array((*np.radians(tilt_deg), 0.0)))[0]
    T = np.eye(4)
    T[:3, :3] = lean @ spin
    T[:3, 3] = np.asarray(centre, float) - T[:3, :3] @ board.points.mean(axis=0)
    return T
