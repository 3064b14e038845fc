"""Directional lights of a room, and the shadow maps that tell which of them reach a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from worker.synthesis import raster

Array = NDArray[np.float64]


class Occluder(Protocol):
    """Anything with triangles."""

    @property
    def vertices(self) -> Array:
        """(V, 3) world metres."""

    @property
    def faces(self) -> NDArray[np.int32]:
        """(F, 3)."""


@dataclass(frozen=True)
class Lights:
    """Directional lights.

    directions: (L, 3) towards each light. powers: (L, 3) linear RGB. bounce: (3,) from the floor.
    keys: how many of the first lights together make the window.
    """

    directions: Array
    powers: Array
    bounce: Array
    keys: int

    @classmethod
    def indoor(
        cls,
        azimuth: float,
        elevation: float,
        key: Sequence[float] | Array = (1.9, 1.75, 1.5),
        sky: Sequence[float] | Array = (1.15, 1.18, 1.25),
        spread: float = 0.09,
        seed: int = 0,
        count: tuple[int, int] = (10, 18),
    ) -> Lights:
        """Window light of finite size from one side, soft light from everywhere above.

        azimuth, elevation: of the window in radians; spread: its angular radius in radians.
        count: how many lights make the window and the sky.
        """
        rng = np.random.default_rng(seed)
        axis = np.array(
            [
                np.cos(elevation) * np.cos(azimuth),
                np.cos(elevation) * np.sin(azimuth),
                np.sin(elevation),
            ]
        )
        side = np.cross(axis, [0, 0, 1.0])
        side /= np.linalg.norm(side)
        up = np.cross(side, axis)
        n_key, n_sky = count
        directions, powers = [], []
        for k in range(n_key):
            r, phi = spread * np.sqrt((k + 0.5) / n_key), 2.399963 * k
            directions.append(axis + r * np.cos(phi) * side + r * np.sin(phi) * up)
            powers.append(np.asarray(key) / n_key)
        start = rng.uniform(0, 2 * np.pi)
        for k in range(n_sky):
            z = np.sqrt(1 - (k + 0.5) / n_sky * 0.93)
            phi, r = start + 2.399963 * k, np.sqrt(1 - z * z)
            direction = np.array([r * np.cos(phi), r * np.sin(phi), z])
            window = 0.75 + 0.5 * max(0.0, float(direction @ axis))
            directions.append(direction)
            powers.append(np.asarray(sky) * window / n_sky)
        d = np.stack(directions)
        d /= np.linalg.norm(d, axis=1, keepdims=True)
        return cls(d, np.stack(powers), np.array([0.42, 0.36, 0.30]), n_key)


class ShadowMaps:
    """One orthographic depth map per light, covering a box of the world."""

    def __init__(
        self, lights: Lights, occluders: Sequence[Occluder], low: Array, high: Array, size: int
    ) -> None:
        centre, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2 + 1e-6
        count = len(lights.directions)
        self.transforms = np.zeros((count, 3, 4))
        self.maps = np.full((count, size, size), np.inf, np.float32)
        scale = size / (2 * radius)
        for k, direction in enumerate(lights.directions):
            helper = [0.0, 0.0, 1.0] if abs(direction[2]) < 0.9 else [1.0, 0.0, 0.0]
            a = np.cross(direction, helper)
            a /= np.linalg.norm(a)
            basis = np.stack([a * scale, np.cross(direction, a) * scale, -direction])
            self.transforms[k, :, :3] = basis
            self.transforms[k, :, 3] = np.array([size / 2, size / 2, 0.0]) - basis @ centre
            for mesh in occluders:
                points = mesh.vertices @ basis.T + self.transforms[k, :, 3]
                raster.depth_map(points, mesh.faces, self.maps[k])

    def attenuate(
        self, points: Array, normals: Array, offset: float, bias: float, lit: NDArray[np.float32]
    ) -> None:
        """Multiply ``lit`` (N, L) by how much of each light reaches each point (N, 3)."""
        raster.visibility(points, normals, self.transforms, self.maps, offset, bias, lit)
