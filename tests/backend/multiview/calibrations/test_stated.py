"""Two calibrations of one camera whose own intervals contradict each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backend.domain.camera_covariance import CameraCovariance
from backend.domain.cameras import Camera
from backend.multiview.calibrations.stated import stated_contradictions
from tests.vectors.make_cameras import look_at

EYES = ((2.0, 0.3, 1.2), (-1.4, 1.5, 1.0), (-0.9, -1.8, 1.4), (0.8, -1.5, 0.9))


def rig(focal_sd: float = 2.0, turn_sd_deg: float = 0.03) -> list[Camera]:
    """Four cameras that state how well they are known."""
    K = np.array([[900.0, 0, 320], [0, 900, 240], [0, 0, 1]])
    lens = np.diag([focal_sd**2] * 2 + [1.0] * 2)
    pose = np.diag([np.radians(turn_sd_deg) ** 2] * 3 + [0.003**2] * 3)
    return [
        Camera(f"camera {i + 1}", 640, 480, K, np.zeros(5), T_camera_world=look_at(eye, (0, 0, 0)),
               covariance=CameraCovariance(pose, lens))
        for i, eye in enumerate(EYES)
    ]  # fmt: skip


def zoomed(camera: Camera, by: float) -> Camera:
    K = camera.K.copy()
    K[:2, :2] *= by
    return replace(camera, K=K)


def turned(camera: Camera, degrees: float) -> Camera:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    T = np.array([[c, 0, s, 0], [0, 1, 0, 0], [-s, 0, c, 0], [0, 0, 0, 1]])
    return replace(camera, T_camera_world=T @ camera.pose)


def test_calibrations_that_agree_within_what_they_state_say_nothing() -> None:
    now = [zoomed(camera, 1.003) for camera in rig()]
    now[2] = turned(now[2], 0.05)
    assert stated_contradictions(rig(), now) == []


def test_another_zoom_than_both_allow_is_named_with_both_figures() -> None:
    now = rig()
    now[1] = zoomed(now[1], 1.04)
    (words,) = stated_contradictions(rig(), now)
    assert words.startswith("camera 2: two calibrations contradict")
    assert "900.0 ± 4.0 px" in words
    assert "936.0 ± 4.0 px" in words


def test_a_turn_that_both_exclude_is_named_and_a_wide_interval_allows_it() -> None:
    now = rig()
    now[3] = turned(now[3], 0.8)
    (words,) = stated_contradictions(rig(), now)
    assert words.startswith("camera 4")
    assert "0.8" in words
    assert stated_contradictions(rig(turn_sd_deg=1.0), now) == []


def test_cameras_that_state_nothing_contradict_nothing() -> None:
    silent = [replace(camera, covariance=None) for camera in rig()]
    assert stated_contradictions(silent, [zoomed(c, 1.1) for c in silent]) == []
