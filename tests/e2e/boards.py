"""Pictures of checkerboards as known cameras would take them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Array, Camera

_FINE = 3  # drawn larger and made smaller, so that edges are soft
_CELL = 40  # pixels of a square where the board is drawn flat


def _flat(columns: int, rows: int) -> NDArray[np.uint8]:
    """A board with a white margin of one square, seen from straight ahead."""
    image = np.full(((rows + 3) * _CELL, (columns + 3) * _CELL), 235, np.uint8)
    for row in range(rows + 1):
        for column in range(columns + 1):
            if (row + column) % 2 == 0:
                top, left = (row + 1) * _CELL, (column + 1) * _CELL
                image[top : top + _CELL, left : left + _CELL] = 25
    return image


def photograph(
    camera: Camera, T_camera_board: Array, corners: tuple[int, int], square_m: float
) -> NDArray[np.uint8]:
    """What a camera without distortion sees of a board, (height, width) grey.

    Args:
        camera: which camera; its place is not used.
        T_camera_board: (4, 4) board to camera; the board's origin is its first inner corner, x goes
            along the columns, y along the rows.
        corners: inner corners, columns and rows.
        square_m: side of a square in metres.
    """
    metres = square_m / _CELL
    # Pixels of the flat board (from the outer corner of the first) to its plane, metres.
    plane = np.array([[metres, 0, -2 * square_m], [0, metres, -2 * square_m], [0, 0, 1.0]])
    pose = T_camera_board[:3]
    to_image = camera.K @ np.column_stack((pose[:, 0], pose[:, 1], pose[:, 3])) @ plane
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    fine = np.diag([_FINE, _FINE, 1.0]) @ to_image
    H = np.linalg.inv(half) @ fine @ half  # OpenCV puts 0 at the centre of the first pixel
    size = (camera.width * _FINE, camera.height * _FINE)
    large = cv2.warpPerspective(_flat(*corners), H, size, flags=cv2.INTER_LINEAR, borderValue=120)
    return np.asarray(
        cv2.resize(large, (camera.width, camera.height), interpolation=cv2.INTER_AREA), np.uint8
    )


def _turned(tilt: Array, turn: float) -> Array:
    rotation, _ = cv2.Rodrigues(np.array([*tilt, turn], float))
    return np.asarray(rotation)


def _around(rotation: Array, middle: Array, corners: tuple[int, int], square_m: float) -> Array:
    """A pose (4, 4) in which the middle of the board lies at ``middle``."""
    T = np.eye(4)
    T[:3, :3] = rotation
    centre = np.array([(corners[0] - 1) / 2, (corners[1] - 1) / 2, 0]) * square_m
    T[:3, 3] = middle - rotation @ centre
    return T


def write_lens_views(
    folder: Path, cameras: Sequence[Camera], corners: tuple[int, int], square_m: float, count: int
) -> None:
    """``folder/<camera>/01.png …``: the board near and far, tilted, all over the picture."""
    random = np.random.default_rng(5)
    for camera in cameras:
        own = folder / camera.name
        own.mkdir(parents=True)
        poses = (_seen(random, camera, corners, square_m) for _ in range(count))
        for number, pose in enumerate(poses, start=1):
            view = photograph(camera, pose, corners, square_m)
            cv2.imwrite(str(own / f"{number:02d}.png"), view)


def _seen(
    random: np.random.Generator, camera: Camera, corners: tuple[int, int], square_m: float
) -> Array:
    """A pose (4, 4) anywhere in the picture, with all of the board in it."""
    across, down = (np.array(corners) + 1) * square_m
    rim = np.array([[x, y, 0] for x in (-square_m, across) for y in (-square_m, down)])
    while True:
        distance = random.uniform(0.55, 0.9)
        reach = distance * np.array([camera.width, camera.height]) / camera.K[0, 0] / 2
        rotation = _turned(random.uniform(-0.5, 0.5, 2), random.uniform(-0.4, 0.4))
        middle = np.array([*random.uniform(-reach, reach), distance])
        pose = _around(rotation, middle, corners, square_m)
        at = camera.project_local(rim @ pose[:3, :3].T + pose[:3, 3])
        if (at > 4).all() and (at < np.array([camera.width, camera.height]) - 4).all():
            return pose


def write_place_views(
    folder: Path, cameras: Sequence[Camera], corners: tuple[int, int], square_m: float, count: int
) -> None:
    """``folder/<camera>/01.png …``: moments of one board, first flat on the floor (z up)."""
    random = np.random.default_rng(6)
    for number in range(count):
        tilt = np.zeros(2) if number == 0 else random.uniform(-0.3, 0.3, 2)
        height = 0.0 if number == 0 else random.uniform(0.05, 0.3)
        # The printed side is up: x and y of the board turn clockwise when seen from above.
        rotation = _turned(tilt, random.uniform(0, 6.28)) @ np.diag([1.0, -1.0, -1.0])
        middle = np.array([*random.uniform(-0.15, 0.15, 2), height])
        T_world_board = _around(rotation, middle, corners, square_m)
        for camera in cameras:
            own = folder / camera.name
            own.mkdir(parents=True, exist_ok=True)
            view = photograph(camera, camera.pose @ T_world_board, corners, square_m)
            cv2.imwrite(str(own / f"{number + 1:02d}.png"), view)
