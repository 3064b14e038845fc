"""Which vertices a camera sees, and that scans draw no others."""

from __future__ import annotations

import numpy as np

from backend.domain.cameras import Camera
from worker.fitting.config import FitConfig
from worker.fitting.evidence import pulls_of
from worker.fitting.visible import seen_from


def plate(z: float, count: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """A square sheet of 20 cm at a distance, as vertices and triangles."""
    x, y = np.meshgrid(np.linspace(-0.1, 0.1, count), np.linspace(-0.1, 0.1, count))
    points = np.stack([x.ravel(), y.ravel(), np.full(count * count, z)], axis=1)
    corner = (np.arange(count - 1)[:, None] * count + np.arange(count - 1)).ravel()
    faces = [[corner, corner + 1, corner + count], [corner + 1, corner + count + 1, corner + count]]
    return points, np.concatenate([np.stack(f, axis=1) for f in faces]).astype(np.int32)


CAMERA = Camera(
    "front", 640, 480, np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]]), np.zeros(5),
    T_camera_world=np.eye(4),
)  # fmt: skip


def test_what_lies_behind_something_is_not_seen() -> None:
    near, faces = plate(1.0)
    far = near * 1.05
    seen = seen_from(
        CAMERA, np.concatenate([near, far]), np.concatenate([faces, faces + len(near)])
    )
    assert seen[: len(near)].all()
    inner = np.abs(far[:, :2]).max(1) < 0.09
    assert not seen[len(near) :][inner].any()


def test_what_lies_outside_the_image_is_not_seen() -> None:
    near, faces = plate(1.0)
    assert not seen_from(CAMERA, near + np.array([3.0, 0, 0]), faces).any()
    assert not seen_from(CAMERA, near * np.array([1, 1, -1.0]), faces).any()


def test_a_scan_draws_only_vertices_that_its_camera_sees() -> None:
    near, faces = plate(1.0)
    both = np.concatenate([near, near + np.array([0, 0, 0.04])])
    seen = seen_from(CAMERA, both, np.concatenate([faces, faces + len(near)]))
    chosen, config = np.arange(len(both)), FitConfig()
    scan = near + np.array([0, 0, 0.002])
    drawn = pulls_of([], scan, both, chosen, config, 0.1, seen=seen)
    everything = pulls_of([], scan, both, chosen, config, 0.1)
    back = drawn.vertex >= len(near)
    inner = np.abs(both[drawn.vertex[back], :2]).max(1, initial=0) < 0.09
    assert not inner.any()
    assert (everything.vertex >= len(near)).sum() > back.sum()
