"""Writes ``cameras.json``: what the Python geometry says of fixed cameras and points.

``python -m tests.vectors.make_cameras``; the browser's geometry is held to the same file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from backend.domain.agreement import agree_by_trust
from backend.domain.cameras import Camera, Lens
from backend.domain.views import agree, epipolar_curve, triangulate

FILE = Path(__file__).with_name("cameras.json")
_DIGITS = 9


def look_at(eye: tuple[float, float, float], target: tuple[float, float, float]) -> np.ndarray:
    """``T_camera_world`` (4, 4) of a camera at ``eye`` that looks at ``target``, upright."""
    forward = np.subtract(target, eye).astype(float)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1))
    right /= np.linalg.norm(right)
    R = np.stack((right, np.cross(forward, right), forward))
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = R, -R @ np.asarray(eye, float)
    return T


def cameras() -> list[Camera]:
    """Four cameras around a mat: each kind of lens once."""
    target = (0.1, -0.05, 0.15)

    def inner(f: float, width: int, height: int, skew: float = 0.0) -> list[list[float]]:
        return [[f, skew, width / 2 + 3], [0, 1.01 * f, height / 2 - 5], [0, 0, 1]]

    return [
        Camera("plain", 640, 480, np.array(inner(700, 640, 480, 0.5)), np.zeros(0), Lens.PINHOLE,
               look_at((2.0, 0.3, 1.2), target)),
        Camera("brown", 1920, 1080, np.array(inner(1600, 1920, 1080)),
               np.array([-0.25, 0.08, 0.001, -0.0005, -0.01]), Lens.PINHOLE,
               look_at((-1.4, 1.5, 1.0), target)),
        Camera("rational", 1080, 1920, np.array(inner(1500, 1080, 1920)),
               np.array([0.3, -0.1, 0.0004, 0.0006, 0.02, 0.4, -0.05, 0.01]), Lens.PINHOLE,
               look_at((-0.9, -1.8, 1.4), target)),
        Camera("fisheye", 1280, 960, np.array(inner(620, 1280, 960)),
               np.array([0.05, -0.01, 0.003, -0.0004]), Lens.FISHEYE,
               look_at((0.8, -1.1, 0.9), target)),
    ]  # fmt: skip


def points() -> np.ndarray:
    """(12, 3) points on and over the mat, metres."""
    random = np.random.default_rng(7)
    return random.uniform((-0.4, -0.4, 0.0), (0.5, 0.4, 0.5), (12, 3))


def _plain(values: Any) -> Any:
    """Arrays as lists, NaN as null, no more digits than mean something."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    if isinstance(values, list):
        return [_plain(value) for value in values]
    if isinstance(values, float):
        return None if np.isnan(values) else round(values, _DIGITS)
    return values


def make() -> dict[str, Any]:
    """The whole file."""
    rig = cameras()
    world = points()
    pixels = np.stack([camera.project(world) for camera in rig])
    noisy = pixels + np.random.default_rng(8).normal(0, 2.0, pixels.shape)
    marks = noisy[:, :8].copy()
    marks[3, 0] = np.nan  # three views
    marks[1:3, 1] = np.nan  # two views
    marks[1:, 2] = np.nan  # one view
    marks[1, 3] += (60, -45)  # one view is wrong
    marks[0, 4] -= (50, 30)
    marks[2, 4] = np.nan  # one of three is wrong
    marks[0, 5] += (90, 0)
    marks[3, 5] -= (0, 120)  # two of four are wrong
    marks[2, 6] += (20, 9)  # wrong by little more than the threshold
    weights = np.array([1.0, 0.5, 1.0, 0.25])
    trust = np.random.default_rng(9).integers(0, 4, marks.shape[:2])
    trust[:, 5] = (3, 2, 2, 3)
    trust[:, 6] = (1, 2, 1, 0)
    trusted = agree_by_trust(rig, marks, trust)
    agreements = [agree(rig, marks[:, i]) for i in range(marks.shape[1])]
    return {
        "about": "Written by tests/vectors/make_cameras.py; checked by pytest and Vitest.",
        "cameras": [camera.to_dict() for camera in rig],
        "points": _plain(world),
        "pixels": _plain(pixels),
        "behind": {"camera": 0, "point": [5.0, 0.5, 2.0]},
        "undistorted": _plain(np.stack([c.undistort(p) for c, p in zip(rig, pixels, strict=True)])),
        "rays": _plain(np.stack([c.rays(p) for c, p in zip(rig, pixels, strict=True)])),
        "epipolar": [
            {"seen": a, "other": b, "pixel": _plain(pixels[a, 0]), "samples": 12,
             "curve": _plain(epipolar_curve(rig[a], rig[b], pixels[a, 0], 12))}
            for a, b in ((0, 1), (1, 2), (2, 3), (3, 0), (1, 3))
        ],
        "triangulated": {
            "marks": _plain(marks), "points": _plain(triangulate(rig, marks)),
            "weights": weights.tolist(),
            "weighted": _plain(triangulate(rig, marks, np.repeat(weights[:, None], 8, axis=1))),
        },
        "agreed": [
            {"point": _plain(a.point), "errors": _plain(a.errors), "inliers": a.inliers.tolist()}
            for a in agreements
        ],
        "trusted": {
            "trust": trust.tolist(), "points": _plain(trusted.points),
            "errors": _plain(trusted.errors), "agreed": trusted.agreed.tolist(),
            "disagrees": trusted.disagrees.tolist(),
        },
    }  # fmt: skip


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(), indent=1) + "\n", encoding="utf-8")
