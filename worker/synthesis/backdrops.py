"""A room as a camera sees it: floor, four walls and tables, all textured, and somebody who moves.

For tests and measurements of what stands still in pictures: every pixel's ray is followed to the
nearest surface and takes its texture there, so that lens and perspective are exact; blur, noise and
a change of light are added.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera, Lens

Array = NDArray[np.float64]
_PER_M = 220
_REACH_M = 8.0
_EVERYWHERE = (-np.inf, np.inf)


@lru_cache(maxsize=8)
def _rays(
    width: int, height: int, lens: str, K: tuple[float, ...], bent: tuple[float, ...]
) -> Array:
    """(height, width, 3) directions in the camera's axes, z = 1."""
    camera = Camera("", width, height, np.reshape(K, (3, 3)), np.array(bent), Lens(lens))
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    xy = camera.undistort(np.stack((x, y), axis=-1))
    return np.concatenate((xy, np.ones((*x.shape, 1))), axis=-1)


class Room:
    """Floor at z = 0, walls at some distance from the middle; textures are drawn from the seed."""

    def __init__(self, seed: int, half_m: float = 2.6) -> None:
        self.rng = np.random.default_rng(seed)
        # Axis, place along it, and the bounds along the two others.
        wide = (_EVERYWHERE, _EVERYWHERE)
        sides = [(0, half_m), (0, -half_m), (1, half_m), (1, -half_m)]
        planes = [(2, 0.0, wide), *((axis, at, wide) for axis, at in sides)]
        for _ in range(3):
            turn = self.rng.uniform(0, 2 * np.pi)
            x, y = 1.1 * np.cos(turn), 1.1 * np.sin(turn)
            bounds = ((x - 0.3, x + 0.3), (y - 0.2, y + 0.2))
            planes.append((2, float(self.rng.uniform(0.2, 0.6)), bounds))
        self.planes = [(*plane, self._texture()) for plane in planes]

    def _texture(self) -> NDArray[np.float32]:
        """Spots of several sizes; repeated beyond its edge."""
        side = 1024
        out = np.full((side, side), 120.0, np.float32)
        for spread, strength in ((1.5, 30.0), (5.0, 90.0), (18.0, 200.0)):
            spots = self.rng.normal(0, 1, (side, side)).astype(np.float32)
            blurred = cv2.GaussianBlur(spots, (0, 0), spread)
            out += strength / 90 * 25 * blurred / blurred.std()
        return np.clip(out, 0, 255)

    def seen_by(
        self,
        camera: Camera,
        somebody: Array | None = None,
        *,
        light: float = 1.0,
        noise: float = 2.5,
    ) -> NDArray[np.uint8]:
        """A picture (height, width, 3).

        Args:
            camera: Placed, inside the room.
            somebody: (N, 3) points that are covered by patches, such as an infant's joints.
            light: Factor of all grey values.
            noise: Standard deviation of a grey value.
        """
        K, bent = (tuple(v.reshape(-1).tolist()) for v in (camera.K, camera.distortion))
        rays = _rays(camera.width, camera.height, camera.lens.value, K, bent) @ camera.pose[:3, :3]
        nearest = np.full(rays.shape[:2], _REACH_M)
        grey = np.full(rays.shape[:2], 90.0, np.float32)
        for axis, at, bounds, texture in self.planes:
            with np.errstate(divide="ignore", invalid="ignore"):
                far = (at - camera.centre[axis]) / rays[..., axis]
            hit = np.isfinite(far) & (far > 0.05) & (far < nearest)
            where = camera.centre + np.where(hit, far, 0)[..., None] * rays
            along = [where[..., k] for k in range(3) if k != axis]
            for place, (low, high) in zip(along, bounds, strict=True):
                hit &= (place > low) & (place < high)
            nearest = np.where(hit, far, nearest)
            u, v = (place * _PER_M for place in along)
            seen = cv2.remap(
                texture, u.astype(np.float32) % 1023, v.astype(np.float32) % 1023, cv2.INTER_LINEAR
            )
            grey = np.where(hit, seen, grey)
        if somebody is not None:
            for place in camera.project(somebody):
                if np.isfinite(place).all():
                    cv2.circle(grey, tuple(int(v) for v in place), 14, 200.0, -1)
        blurred = np.asarray(cv2.GaussianBlur(grey * light, (0, 0), 0.7), float)
        noisy = blurred + self.rng.normal(0, noise, blurred.shape)
        picture = np.clip(noisy, 0, 255).astype(np.uint8)
        return np.repeat(picture[..., None], 3, axis=2)
