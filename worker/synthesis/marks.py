"""Marks of an infant that moves before cameras, with faults: for tests and measurements.

Not a body model: seventeen points that keep about their distances, wander over a mat, turn, and
move their limbs, which is what adjusting cameras depends on. Marks err by noise that changes from
moment to moment, by an offset of each joint in each view that stays for seconds (people and models
misplace a joint alike for a while), and now and then by far.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from worker.calibration.marks import Marks

Array = NDArray[np.float64]

_LYING = np.array(
    [
        (0.0, 0.28, 0.09), (0.03, 0.30, 0.08), (-0.03, 0.30, 0.08), (0.06, 0.28, 0.06),
        (-0.06, 0.28, 0.06), (0.09, 0.17, 0.05), (-0.09, 0.17, 0.05), (0.17, 0.12, 0.09),
        (-0.17, 0.12, 0.09), (0.20, 0.22, 0.14), (-0.20, 0.22, 0.14), (0.06, -0.05, 0.05),
        (-0.06, -0.05, 0.05), (0.11, -0.16, 0.12), (-0.11, -0.16, 0.12), (0.09, -0.27, 0.06),
        (-0.09, -0.27, 0.06),
    ]
)  # fmt: skip
_LOOSE = np.array([0.01] * 5 + [0.01] * 2 + [0.05] * 2 + [0.1] * 2 + [0.01] * 2 + [0.05] * 2
                  + [0.1] * 2)  # fmt: skip


def wander(moments: int, rng: np.random.Generator, pace_s: float = 0.5) -> Array:
    """(T, 17, 3) points in metres, z up; about one pose a moment."""
    out = np.empty((moments, 17, 3))
    place, turn = np.zeros(2), rng.uniform(0, 2 * np.pi)
    limbs = np.zeros((17, 3))
    keep = np.exp(-pace_s / 1.5)
    for t in range(moments):
        place = 0.95 * place + rng.normal(0, 0.05, 2)
        turn += rng.normal(0, 0.25)
        limbs = keep * limbs + np.sqrt(1 - keep**2) * rng.normal(0, 1, (17, 3)) * _LOOSE[:, None]
        body = _LYING + limbs
        c, s = np.cos(turn), np.sin(turn)
        out[t, :, 0] = c * body[:, 0] - s * body[:, 1] + place[0]
        out[t, :, 1] = s * body[:, 0] + c * body[:, 1] + place[1]
        out[t, :, 2] = np.maximum(body[:, 2], 0.01)
    return out


def marks_of(
    cameras_at: Sequence[Sequence[Camera]],
    points: Array,
    rng: np.random.Generator,
    *,
    noise_px: float = 4.0,
    steady_px: float = 0.0,
    missing: float = 0.3,
    wrong: float = 0.02,
    pace_s: float = 0.5,
) -> Marks:
    """What people or models mark of points.

    Args:
        cameras_at: For each moment the cameras as they stand.
        points: (T, J, 3) metres.
        rng: Of all chance.
        noise_px: Standard deviation of a coordinate, anew in each moment.
        steady_px: Standard deviation of the offset that a joint keeps in a view for about 5 s.
        missing: Share of marks that are not there.
        wrong: Share that lies anywhere within 80 px.
        pace_s: Between moments.
    """
    moments, joints = points.shape[:2]
    views = len(cameras_at[0])
    pixels = np.empty((moments, views, joints, 2))
    steady = rng.normal(0, steady_px, (views, joints, 2)) if steady_px else np.zeros((views, 1, 2))
    keep = np.exp(-pace_s / 5.0)
    for t in range(moments):
        if steady_px:
            new = rng.normal(0, steady_px, steady.shape)
            steady = keep * steady + np.sqrt(1 - keep**2) * new
        for c, camera in enumerate(cameras_at[t]):
            pixels[t, c] = camera.project(points[t]) + steady[c]
    pixels += rng.normal(0, noise_px, pixels.shape)
    far = rng.random(pixels.shape[:3]) < wrong
    pixels[far] += rng.uniform(-80, 80, (int(far.sum()), 2))
    gone = rng.random(pixels.shape[:3]) < missing
    size = np.array([(c.width, c.height) for c in cameras_at[0]])[:, None]
    with np.errstate(invalid="ignore"):
        gone |= ~((pixels >= 0) & (pixels <= size)).all(axis=-1)
    pixels[gone] = np.nan
    trust = np.where(gone, 0.0, 1.0)
    return Marks(pixels, trust, np.asarray(np.arange(moments) * pace_s, float))


def knocked(
    camera: Camera, degrees: Sequence[float], moved_m: Sequence[float] = (0, 0, 0)
) -> Camera:
    """A camera turned about its own axes, and moved in the world."""
    turn = np.eye(4)
    turn[:3, :3] = cv2.Rodrigues(np.radians(np.asarray(degrees, float)))[0]
    T = turn @ camera.pose
    T[:3, 3] -= T[:3, :3] @ np.asarray(moved_m, float)
    return camera.moved(T)
