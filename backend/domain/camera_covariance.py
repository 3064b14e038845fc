"""How well a camera is known: covariances of its place and of its lens.

A place is perturbed as R ← exp(ω)·R, t ← t + τ with ``T_camera_world`` = (R, t): ω in radians about
the camera's own axes, τ in metres. A lens by (fx, fy, cx, cy) in pixels. Places are relative to
where all cameras of the calibration stand together (the least spread that a free choice of world
leaves), so that no camera is known perfectly only because the world begins at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CameraCovariance:
    """What is known of how well a camera is known; None where nothing is.

    Attributes:
        pose: (6, 6) over (ω, τ): radians and metres.
        lens: (4, 4) over (fx, fy, cx, cy), pixels.
        cross: (6, 4) between the two: a place that was found with a wrong lens errs with it.

    Raises:
        InvalidInput: a matrix has another shape, or is no covariance.
    """

    pose: Shaped[Array, "..."] | None = None
    lens: Shaped[Array, "..."] | None = None
    cross: Shaped[Array, "..."] | None = None

    def __post_init__(self) -> None:
        for name, side in (("pose", 6), ("lens", 4)):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _checked(value, side, name))
        if self.pose is None or self.lens is None:
            object.__setattr__(self, "cross", None)
        elif self.cross is not None:
            cross = np.asarray(self.cross, float)
            if cross.shape != (6, 4) or not np.isfinite(cross).all():
                raise InvalidInput("The covariance of place and lens is not 6×4 numbers.")
            object.__setattr__(self, "cross", cross)

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return self.pose is None and self.lens is None

    @property
    def angle_sd_deg(self) -> float | None:
        """Standard deviation of the orientation: root of the mean over the three axes, degrees."""
        if self.pose is None:
            return None
        return float(np.degrees(np.sqrt(np.trace(self.pose[:3, :3]) / 3)))

    def centre_sd_m(self, T_camera_world: Float[Array, "4 4"]) -> float | None:
        """Standard deviation of where the camera stands: mean over the axes, metres."""
        if self.pose is None:
            return None
        # The centre is −Rᵀt: turned by ω and moved by τ it goes to −Rᵀ(τ + t × ω).
        J = np.hstack((_cross(T_camera_world[:3, 3]), np.eye(3)))
        return float(np.sqrt(np.trace(J @ self.pose @ J.T) / 3))

    @property
    def focal_sd_px(self) -> float | None:
        """Standard deviation of the focal length, pixels."""
        if self.lens is None:
            return None
        half = np.array((0.5, 0.5, 0, 0))
        return float(np.sqrt(half @ self.lens @ half))

    def joint(self) -> Float[Array, "10 10"]:
        """(10, 10) over (ω, τ, fx, fy, cx, cy); zero where nothing is known."""
        whole = np.zeros((10, 10))
        if self.pose is not None:
            whole[:6, :6] = self.pose
        if self.lens is not None:
            whole[6:, 6:] = self.lens
        if self.cross is not None:
            whole[:6, 6:], whole[6:, :6] = self.cross, self.cross.T
        return whole

    def in_world(self, before: Float[Array, "4 4"], after: Float[Array, "4 4"]) -> CameraCovariance:
        """The same knowledge once the world's axes were chosen anew.

        Args:
            before: ``T_camera_world`` to which this belongs.
            after: ``T_camera_world`` of the same camera in the new world.
        """
        if self.pose is None:
            return self
        J = np.eye(6)
        J[3:, :3] = -_cross(after[:3, 3] - before[:3, 3])
        cross = None if self.cross is None else J @ self.cross
        return replace(self, pose=J @ self.pose @ J.T, cross=cross)

    @classmethod
    def of_own_axes(
        cls,
        pose: Float[Array, "6 6"],
        T_camera_world: Float[Array, "4 4"],
        lens: Shaped[Array, "..."] | None = None,
        cross: Shaped[Array, "..."] | None = None,
    ) -> CameraCovariance:
        """From turns about the camera's own centre and movements along its axes (x ← exp(ω)·x + τ
        for points x in the camera), which do not depend on where the world begins."""
        J = np.eye(6)
        J[3:, :3] = -_cross(T_camera_world[:3, 3])
        moved = J @ pose @ J.T
        return cls((moved + moved.T) / 2, lens, None if cross is None else J @ cross)

    def scaled(self, *, lengths: float = 1.0, pixels: float = 1.0) -> CameraCovariance:
        """With lengths or pixels in other units: what was 1 is now the factor."""
        place = np.array((1.0, 1, 1, lengths, lengths, lengths))
        return CameraCovariance(
            None if self.pose is None else self.pose * np.outer(place, place),
            None if self.lens is None else self.lens * pixels**2,
            None if self.cross is None else self.cross * place[:, None] * pixels,
        )

    def without_pose(self) -> CameraCovariance | None:
        """What is left once the camera was moved; None where nothing is."""
        return None if self.lens is None else CameraCovariance(lens=self.lens)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            key: None if value is None else value.tolist()
            for key, value in (("pose", self.pose), ("lens", self.lens), ("cross", self.cross))
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any] | None) -> CameraCovariance | None:
        """The inverse of :meth:`to_dict`; None where nothing is known.

        Raises:
            InvalidInput: the values are no covariance.
        """
        if not value:
            return None
        parts = {k: value.get(k) for k in ("pose", "lens", "cross")}
        found = cls(**{k: None if v is None else np.asarray(v, float) for k, v in parts.items()})
        return None if found.empty else found


def _checked(value: Array, side: int, name: str) -> Array:
    matrix = np.asarray(value, float)
    fault = None
    if matrix.shape != (side, side) or not np.isfinite(matrix).all():
        fault = f"is not {side}×{side} numbers"
    elif np.abs(matrix - matrix.T).max() > 1e-6 * max(np.abs(matrix).max(), 1e-300):
        fault = "is not symmetric"
    else:
        matrix = (matrix + matrix.T) / 2
        spread = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
        if np.linalg.eigvalsh(matrix / np.outer(spread, spread)).min() < -1e-6:
            fault = "has a negative variance"
    if fault:
        raise InvalidInput(f"The covariance of the {name} {fault}.", fault=f"covariance {fault}")
    return matrix


def _cross(v: Array) -> Array:
    x, y, z = v
    return np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
