"""Cameras and boards with known truth, as corners and as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from worker.calibration.boards import Board, BoardView
from worker.calibration.poses import project
from worker.synthesis.boards import BoardRenderer, pose_before

Array = NDArray[np.float64]

LENS_BOARD = Board(7, 4, 0.03)
"""Its colours tell up from down."""
RIG_BOARD = Board(9, 5, 0.08)
"""It looks the same rotated by 180°."""
WIDTH, HEIGHT = 480, 360


@lru_cache(maxsize=1)
def rig() -> tuple[Camera, ...]:
    """Four cameras around the origin, 2 m up, looking at it; z up, metres."""
    out = []
    for i, turn in enumerate((20.0, 110.0, 200.0, 290.0)):
        at = np.array([1.6 * np.cos(np.radians(turn)), 1.6 * np.sin(np.radians(turn)), 2.0])
        forward = (np.array([0.05 * i, 0.0, 0.15]) - at) / np.linalg.norm(at)
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0, 0, 1))
        right /= np.linalg.norm(right)
        R = np.stack((right, np.cross(forward, right), forward))
        T = np.eye(4)
        T[:3, :3], T[:3, 3] = R, -R @ at
        K = np.array([[520.0 + 5 * i, 0, 241.0], [0, 520.0 + 5 * i, 178.0], [0, 0, 1]])
        bent = np.array([-0.12, 0.05, 0.0005, -0.0003, 0.0])
        out.append(Camera(f"rig{i + 1}", WIDTH, HEIGHT, K, bent, T_camera_world=T))
    return tuple(out)


def floor_boards(count: int, board: Board, seed: int = 3) -> list[Array]:
    """Poses T_world_board near the floor's middle; the first lies flat on the floor, z = 0."""
    rng = np.random.default_rng(seed)
    out = []
    for k in range(count):
        lean = rng.uniform(-16, 16, 2) if k else np.zeros(2)
        T = pose_before(rig()[0], board, np.zeros(3), lean, rng.uniform(0, 360))
        flip = np.eye(4)
        flip[:3, :3] = np.diag([1.0, -1.0, -1.0])  # printed side up
        T = flip @ T
        if k:
            T[:3, 3] += (*rng.uniform(-0.12, 0.12, 2), rng.uniform(0.1, 0.3))
        out.append(T)
    return out


def seen_moments(
    cameras: Sequence[Camera], board: Board, boards: Sequence[Array], *, noise_px: float = 0.1,
    turned: bool = True, seed: int = 0,
) -> list[dict[int, BoardView]]:  # fmt: skip
    """Views of boards by moment and camera, each turned by 180° or not as detectors may do."""
    rng = np.random.default_rng(seed)
    moments = []
    for m, T in enumerate(boards):
        moment = {}
        for i, camera in enumerate(cameras):
            corners = project(camera, camera.pose @ T, board.points)
            inside = (corners > 3).all() and (corners < (camera.width - 4, camera.height - 4)).all()
            if not inside:
                continue
            corners = corners + rng.normal(0, noise_px, corners.shape)
            if turned and not board.tells_up_from_down and rng.random() < 0.5:
                corners = corners[::-1].copy()
            moment[i] = BoardView(
                f"{camera.name}-{m}.png", (camera.width, camera.height), corners, 1.0,
                0 if board.tells_up_from_down else 1,
            )  # fmt: skip
        moments.append(moment)
    return moments


def lens_poses(camera: Camera, board: Board, count: int, seed: int = 1) -> list[Array]:
    """Poses T_camera_board of a board held before a camera from several sides."""
    rng = np.random.default_rng(seed)
    focal = camera.K[0, 0]
    size = board.square_m * max(board.columns, board.rows)
    out = []
    while len(out) < count:
        z = size * focal / camera.width * rng.uniform(1.5, 2.6)
        x, y = rng.uniform(-0.3, 0.3, 2) * z * np.array([camera.width, camera.height]) / focal
        T = pose_before(
            camera, board, np.array([x, y, z]), rng.uniform(-38, 38, 2), rng.uniform(-40, 40)
        )
        corners = project(camera, T, board.points)
        if (corners > 8).all() and (corners < (camera.width - 9, camera.height - 9)).all():
            out.append(T)
    return out


def lens_views(
    camera: Camera, board: Board, count: int, *, noise_px: float = 0.1, seed: int = 1
) -> list[BoardView]:
    """Corners of a board held before a camera."""
    rng = np.random.default_rng(seed)
    return [
        BoardView(
            f"{k}.png", (camera.width, camera.height),
            project(camera, T, board.points) + rng.normal(0, noise_px, (board.corners, 2)), 1.0, 0,
        )
        for k, T in enumerate(lens_poses(camera, board, count, seed))
    ]  # fmt: skip


def lens_pictures(camera: Camera, count: int, board: Board = LENS_BOARD) -> list[NDArray[np.uint8]]:
    """Pictures of a board held before a camera."""
    renderer = BoardRenderer(camera)
    return [
        renderer.render(board, T, seed=k) for k, T in enumerate(lens_poses(camera, board, count))
    ]


def rig_pictures(
    cameras: Sequence[Camera], count: int, board: Board = RIG_BOARD
) -> list[list[NDArray[np.uint8]]]:
    """Pictures by camera of boards near the floor, the first lying on it."""
    boards = floor_boards(count, board)
    out = []
    for camera in cameras:
        renderer = BoardRenderer(camera)
        out.append([renderer.render(board, camera.pose @ T, seed=k) for k, T in enumerate(boards)])
    return out


def turned(T: Array, degrees: Sequence[float]) -> Array:
    """A camera's pose turned about its own axes."""
    out = np.eye(4)
    out[:3, :3] = cv2.Rodrigues(np.radians(np.asarray(degrees, float)))[0]
    return out @ T
