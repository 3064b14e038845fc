"""Two calibrations that cannot both be right."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.cameras import Camera
from backend.multiview.calibrations.drift import contradictions


@pytest.fixture
def cameras() -> list[Camera]:
    """Four cameras around a mat, looking at it."""
    out = []
    for i, turn in enumerate((10.0, 100.0, 200.0, 280.0)):
        at = np.array([2 * np.cos(np.radians(turn)), 2 * np.sin(np.radians(turn)), 1.5 + 0.1 * i])
        forward = -at / np.linalg.norm(at)
        right = np.cross(forward, (0, 0, 1))
        right /= np.linalg.norm(right)
        T = np.eye(4)
        T[:3, :3] = np.stack((right, np.cross(forward, right), forward))
        T[:3, 3] = -T[:3, :3] @ at
        K = np.array([[900.0, 0, 320], [0, 900, 240], [0, 0, 1]])
        out.append(Camera(f"cam{i + 1}", 640, 480, K, np.zeros(0), T_camera_world=T))
    return out


def test_the_same_cameras_do_not_contradict_themselves(cameras: list[Camera]) -> None:
    assert contradictions(cameras, cameras) == []
    assert contradictions(cameras[:2], cameras[:2]) == []


def test_another_size_of_squares_is_noticed(cameras: list[Camera]) -> None:
    larger = []
    for camera in cameras:
        T = camera.pose.copy()
        T[:3, 3] *= 1.2
        larger.append(camera.moved(T))
    assert "1.20 times as far apart" in contradictions(cameras, larger)[0]


def test_two_cameras_that_changed_places_are_named(cameras: list[Camera]) -> None:
    swapped = [cameras[0], cameras[3], cameras[2], cameras[1]]
    assert "cam2 and cam4 seem to be exchanged" in contradictions(cameras, swapped)[0]


def test_one_camera_that_was_moved_is_not_called_exchanged(cameras: list[Camera]) -> None:
    T = cameras[1].pose.copy()
    T[:3, 3] += (0.1, 0.05, 0.1)
    moved = [cameras[0], cameras[1].moved(T), *cameras[2:]]
    assert contradictions(cameras, moved) == []
