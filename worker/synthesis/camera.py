"""Pinhole cameras in OpenCV's convention, and the development of radiance into an image.

World frame: metres, z up. Camera frame: x right, y down, z forward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera. Pixel centres lie at half-integers: (0, 0) is the image's outer corner.

    K: (3, 3). T_camera_world: (4, 4), world points to camera points.
    """

    name: str
    width: int
    height: int
    K: Array
    T_camera_world: Array

    @classmethod
    def looking_at(
        cls,
        name: str,
        size: tuple[int, int],
        focal: float,
        eye: Sequence[float] | Array,
        target: Sequence[float] | Array,
        roll: float = 0.0,
    ) -> Camera:
        """Place a camera at ``eye`` (metres) facing ``target``; focal in px, roll in radians."""
        width, height = size
        forward = np.asarray(target, float) - np.asarray(eye, float)
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        c, s = np.cos(roll), np.sin(roll)
        R = np.stack([c * right + s * down, c * down - s * right, forward])
        T = np.eye(4)
        T[:3, :3] = R
        T[:3, 3] = -R @ np.asarray(eye, float)
        K = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]])
        return cls(name, width, height, K, T)

    @property
    def centre(self) -> Array:
        """Camera centre in the world, (3,) metres."""
        return np.asarray(-self.T_camera_world[:3, :3].T @ self.T_camera_world[:3, 3])

    def scaled(self, factor: int) -> Camera:
        """Return the same view with ``factor`` times as many pixels along each side."""
        K = self.K.copy()
        K[:2] *= factor
        return Camera(self.name, self.width * factor, self.height * factor, K, self.T_camera_world)

    def project(self, points: Array) -> Array:
        """World points (N, 3) to (N, 3): pixel x, pixel y, depth in metres."""
        camera = points @ self.T_camera_world[:3, :3].T + self.T_camera_world[:3, 3]
        z = np.where(np.abs(camera[:, 2:]) < 1e-9, 1e-9, camera[:, 2:])
        xy = camera[:, :2] / z * self.K[[0, 1], [0, 1]] + self.K[:2, 2]
        return np.concatenate([xy, camera[:, 2:]], axis=1)


def _tone_table() -> Floats:
    """Radiance 0..4 in 1/1024 steps to sRGB 0..255, with a soft shoulder."""
    x = np.arange(4 * 1024 + 1) / 1024 * 0.62
    x = np.clip(x * (1 + x / 2.6) / (1 + x), 0, 1)
    return np.asarray(
        np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055) * 255, np.float32
    )


_TONE = _tone_table()


def develop(
    linear: Floats,
    exposure: float = 1.0,
    noise: float = 0.0,
    rng: np.random.Generator | None = None,
) -> NDArray[np.uint8]:
    """Linear radiance (H, W, 3) to 8-bit sRGB; noise: standard deviation in 8-bit steps."""
    place = np.minimum(linear * (exposure * 1024), len(_TONE) - 1.001)
    low = place.astype(np.int32)
    srgb = _TONE[low] + (_TONE[low + 1] - _TONE[low]) * (place - low)
    if noise > 0 and rng is not None:
        srgb = srgb + rng.normal(0, noise, srgb.shape)
    return np.asarray(np.clip(np.round(srgb), 0, 255), np.uint8)


def develop_grainy(
    linear: Floats, exposure: float, noise: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """As :func:`develop`, in half the time: with grey grain, and without interpolated tones."""
    place = np.minimum(linear * np.float32(exposure * 1024), np.float32(len(_TONE) - 1))
    grain = rng.standard_normal((*linear.shape[:2], 1), np.float32) * np.float32(noise)
    srgb = _TONE[place.astype(np.int16)] + grain
    return np.asarray(np.clip(np.rint(srgb, out=srgb), 0, 255, out=srgb).astype(np.uint8))
