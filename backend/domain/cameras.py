"""Calibrated cameras: projection with distortion, and the rays along which pixels look.

Conventions. World: metres, right-handed; z points up where a floor is known. Camera: x right, y
down, z forward. ``T_camera_world`` (4, 4) takes world points into the camera. Image: (0, 0) is the
outer corner of the top-left pixel, so pixel centres lie at half-integers; OpenCV and the files of
other programs put 0 at the centre of the first pixel, hence :meth:`Camera.to_opencv` and
:meth:`Camera.from_opencv`.

Sources: pinhole with radial and tangential distortion after Brown (1971) in OpenCV's order
(k1, k2, p1, p2, k3, k4, k5, k6); fisheye after Kannala and Brandt (2006) in OpenCV's form
(k1 … k4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped
from numpy.typing import ArrayLike, NDArray

from backend.domain.camera_covariance import CameraCovariance
from backend.domain.errors import InvalidInput
from backend.domain.pixels import OPENCV, intrinsics_to_inside, intrinsics_to_outside

Array = NDArray[np.float64]

_UNDISTORT_STEPS = 20


class Lens(StrEnum):
    """How a lens bends rays."""

    PINHOLE = "pinhole"
    FISHEYE = "fisheye"


_COEFFICIENTS = {Lens.PINHOLE: (0, 4, 5, 8), Lens.FISHEYE: (0, 4)}


@dataclass(frozen=True)
class Camera:
    """One calibrated camera.

    Attributes:
        name: Its name within the recording session.
        width: Image width in pixels.
        height: Image height in pixels.
        K: (3, 3) intrinsic matrix, pixels, in our image convention.
        distortion: (n,) coefficients; none, 4, 5 or 8 for pinhole, none or 4 for fisheye.
        lens: Which model the coefficients belong to.
        T_camera_world: (4, 4) rigid transform, metres; None while only the lens is known.
        covariance: How well all that is known; None where nobody worked it out.

    Raises:
        InvalidInput: shapes, sizes or numbers are impossible.
    """

    name: str
    width: int
    height: int
    # Any numbers come in; what is wrong with them is said in words below.
    K: Shaped[Array, "..."]
    distortion: Shaped[Array, "..."]
    lens: Lens = Lens.PINHOLE
    T_camera_world: Shaped[Array, "..."] | None = None
    covariance: CameraCovariance | None = None

    def __post_init__(self) -> None:
        def wrong(fault: str) -> InvalidInput:
            return InvalidInput(f"Camera {self.name}: {fault}.", fault=fault)

        object.__setattr__(self, "lens", Lens(self.lens))
        object.__setattr__(self, "K", np.asarray(self.K, float))
        object.__setattr__(self, "distortion", np.asarray(self.distortion, float).reshape(-1))
        if self.width <= 0 or self.height <= 0:
            raise wrong("the image size is not positive")
        if self.K.shape != (3, 3) or not np.isfinite(self.K).all():
            raise wrong("K is not a 3×3 matrix of numbers")
        if self.K[0, 0] <= 0 or self.K[1, 1] <= 0:
            raise wrong("the focal length is not positive")
        if not np.allclose(self.K[2], (0, 0, 1)) or abs(self.K[1, 0]) > 1e-9:
            raise wrong("K is not upper triangular with a last row of 0 0 1")
        if len(self.distortion) not in _COEFFICIENTS[self.lens]:
            raise wrong(f"{len(self.distortion)} distortion coefficients for a {self.lens} lens")
        if not np.isfinite(self.distortion).all():
            raise wrong("the distortion is not a number")
        if self.T_camera_world is None and self.covariance is not None:
            object.__setattr__(self, "covariance", self.covariance.without_pose())
        if self.T_camera_world is not None:
            T = np.asarray(self.T_camera_world, float)
            object.__setattr__(self, "T_camera_world", T)
            if T.shape != (4, 4) or not np.isfinite(T).all():
                raise wrong("T_camera_world is not a 4×4 matrix of numbers")
            R = T[:3, :3]
            if np.abs(R @ R.T - np.eye(3)).max() > 1e-4 or np.linalg.det(R) < 0:
                raise wrong("the rotation is not a rotation (mirrored or scaled axes?)")

    @classmethod
    def from_opencv(
        cls,
        name: str,
        size: tuple[int, int],
        K: ArrayLike,
        distortion: ArrayLike,
        lens: Lens = Lens.PINHOLE,
        T_camera_world: ArrayLike | None = None,
        covariance: CameraCovariance | None = None,
    ) -> Camera:
        """A camera whose K puts 0 at the centre of the first pixel, as OpenCV does."""
        shifted = intrinsics_to_inside(K, OPENCV)
        pose = None if T_camera_world is None else np.asarray(T_camera_world, float)
        return cls(name, *size, shifted, np.asarray(distortion, float), lens, pose, covariance)

    def to_opencv(self) -> Float[Array, "3 3"]:
        """K (3, 3) as OpenCV wants it: 0 at the centre of the first pixel."""
        return intrinsics_to_outside(self.K, OPENCV)

    @property
    def placed(self) -> bool:
        """Whether its place in the world is known."""
        return self.T_camera_world is not None

    @property
    def pose(self) -> Float[Array, "4 4"]:
        """``T_camera_world`` (4, 4).

        Raises:
            InvalidInput: the place of the camera is not known.
        """
        if self.T_camera_world is None:
            raise InvalidInput(f"Camera {self.name} has no place in the world yet.")
        return self.T_camera_world

    @cached_property
    def centre(self) -> Float[Array, "3"]:
        """(3,) where the camera stands, metres."""
        T = self.pose
        return np.asarray(-T[:3, :3].T @ T[:3, 3])

    def moved(self, T_camera_world: ArrayLike) -> Camera:
        """The same camera elsewhere; how well its place was known no longer counts."""
        known = None if self.covariance is None else self.covariance.without_pose()
        return replace(self, T_camera_world=np.asarray(T_camera_world, float), covariance=known)

    def in_world(self, T_camera_world: ArrayLike) -> Camera:
        """The same camera at the same place, in a world with other axes."""
        T = np.asarray(T_camera_world, float)
        known = None if self.covariance is None else self.covariance.in_world(self.pose, T)
        return replace(self, T_camera_world=T, covariance=known)

    def in_camera(self, points: ArrayLike) -> Float[Array, "*n 3"]:
        """World points (…, 3) in the camera's axes (…, 3), metres."""
        T = self.pose
        points = np.asarray(points, float)
        # Axis by axis, one row each: sums along rows of three are slow.
        local = T[:3, :3] @ points.reshape(-1, 3).T + T[:3, 3:]
        return np.asarray(local.T.reshape(points.shape))

    def project(self, points: ArrayLike) -> Float[Array, "*n 2"]:
        """World points (…, 3) to pixels (…, 2); NaN behind the camera."""
        return self.project_local(self.in_camera(points))

    def project_local(self, local: ArrayLike) -> Float[Array, "*n 2"]:
        """Points in the camera's axes (…, 3) to pixels (…, 2); NaN behind the camera."""
        local = np.asarray(local, float)
        z = local[..., 2]
        front = z > 1e-6
        xy = local[..., :2] / np.where(front, z, 1.0)[..., None]
        bent = self.distort(xy)
        pixels = self.K[:2, :2] @ bent.reshape(-1, 2).T + self.K[:2, 2:]
        pixels = np.where(front.reshape(-1), pixels, np.nan)
        return np.asarray(pixels.T.reshape(bent.shape))

    def distort(self, xy: ArrayLike) -> Float[Array, "*n 2"]:
        """Ideal image plane z = 1 (…, 2) to the bent one (…, 2)."""
        xy = np.asarray(xy, float)
        if not len(self.distortion):
            return xy if self.lens is Lens.PINHOLE else xy * self._fisheye(xy, np.zeros(4))
        if self.lens is Lens.FISHEYE:
            return np.asarray(xy * self._fisheye(xy, self.distortion))
        k1, k2, p1, p2, k3, k4, k5, k6 = np.pad(self.distortion, (0, 8 - len(self.distortion)))
        x, y = xy[..., 0], xy[..., 1]
        r2 = x * x + y * y
        radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
        return np.stack(
            (
                x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
                y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
            ),
            axis=-1,
        )

    @staticmethod
    def _fisheye(xy: Float[Array, "*n 2"], k: Float[Array, "4"]) -> Float[Array, "*n 1"]:
        r = np.linalg.norm(xy, axis=-1)
        theta = np.arctan(r)
        t2 = theta * theta
        bent = theta * (1 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3]))))
        return np.asarray(np.where(r > 1e-9, bent / np.where(r > 1e-9, r, 1.0), 1.0)[..., None])

    def undistort(self, pixels: ArrayLike) -> Float[Array, "*n 2"]:
        """Pixels (…, 2) to the ideal image plane z = 1 (…, 2), by damped fixed-point steps."""
        bent = np.asarray(
            np.linalg.solve(self.K[:2, :2], (np.asarray(pixels, float) - self.K[:2, 2])[..., None])[
                ..., 0
            ],
            float,
        )
        if self.lens is Lens.FISHEYE:
            return self._unbend_fisheye(bent)
        if not len(self.distortion):
            return np.asarray(bent)
        xy = bent.copy()
        for _ in range(_UNDISTORT_STEPS):
            xy = self._newton(xy, bent)
        return np.asarray(xy)

    def _newton(self, xy: Float[Array, "*n 2"], bent: Float[Array, "*n 2"]) -> Float[Array, "*n 2"]:
        """One Newton step towards distort(xy) = bent, by central differences."""
        h = 1e-6
        along_x, along_y = np.eye(2) * h
        dx = (self.distort(xy + along_x) - self.distort(xy - along_x)) / (2 * h)
        dy = (self.distort(xy + along_y) - self.distort(xy - along_y)) / (2 * h)
        miss = bent - self.distort(xy)
        det = dx[..., 0] * dy[..., 1] - dx[..., 1] * dy[..., 0]
        det = np.where(np.abs(det) < 0.05, 0.05, det)
        step = np.stack(
            (
                (miss[..., 0] * dy[..., 1] - miss[..., 1] * dy[..., 0]) / det,
                (dx[..., 0] * miss[..., 1] - dx[..., 1] * miss[..., 0]) / det,
            ),
            axis=-1,
        )
        return np.asarray(xy + np.clip(step, -0.5, 0.5))

    def _unbend_fisheye(self, bent: Float[Array, "*n 2"]) -> Float[Array, "*n 2"]:
        k = np.pad(self.distortion, (0, 4 - len(self.distortion)))
        radius = np.linalg.norm(bent, axis=-1)
        theta = np.minimum(radius, np.pi / 2 - 1e-3)
        for _ in range(_UNDISTORT_STEPS):
            t2 = theta * theta
            value = theta * (1 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3]))))
            slope = 1 + t2 * (3 * k[0] + t2 * (5 * k[1] + t2 * (7 * k[2] + 9 * t2 * k[3])))
            theta = np.clip(theta - (value - radius) / np.maximum(slope, 0.05), 0, np.pi / 2 - 1e-3)
        scale = np.where(radius > 1e-9, np.tan(theta) / np.where(radius > 1e-9, radius, 1.0), 1.0)
        return np.asarray(bent * scale[..., None])

    def rays(self, pixels: ArrayLike) -> Float[Array, "*n 3"]:
        """Unit directions (…, 3) in the world along which pixels (…, 2) look."""
        xy = self.undistort(pixels)
        local = np.concatenate((xy, np.ones((*xy.shape[:-1], 1))), axis=-1)
        world = local @ self.pose[:3, :3]
        return np.asarray(world / np.linalg.norm(world, axis=-1, keepdims=True))

    def to_dict(self) -> dict[str, Any]:
        """The camera as plain values, for JSON."""
        return {
            "name": self.name,
            "width": self.width,
            "height": self.height,
            "lens": self.lens.value,
            "K": self.K.tolist(),
            "distortion": self.distortion.tolist(),
            "T_camera_world": None if self.T_camera_world is None else self.T_camera_world.tolist(),
            **({} if self.covariance is None else {"covariance": self.covariance.to_dict()}),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Camera:
        """The inverse of :meth:`to_dict`.

        Raises:
            InvalidInput: the values are no camera.
        """
        pose = value.get("T_camera_world")
        return cls(
            str(value["name"]),
            int(value["width"]),
            int(value["height"]),
            np.asarray(value["K"], float),
            np.asarray(value["distortion"], float),
            Lens(value["lens"]),
            None if pose is None else np.asarray(pose, float),
            CameraCovariance.from_dict(value.get("covariance")),
        )


def assumed_camera(name: str, width: int, height: int) -> Camera:
    """A camera for an image of which nothing is known: a plausible focal length, at the origin.

    1.2 × the longer side is a horizontal field of view of about 45°, a usual phone or camcorder.
    What is fitted with it has no metric scale, and must say so.
    """
    focal = 1.2 * max(width, height)
    K = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    return Camera(name, width, height, K, np.zeros(0), Lens.PINHOLE, np.eye(4))
