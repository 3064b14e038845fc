"""How well cameras are known: covariances as calibrations keep them, or stated defaults.

Of each camera: (6, 6) over (ω, τ) with R ← exp(ω)·R and t ← t + τ in ``T_camera_world`` = (R, t),
radians and metres, and (4, 4) over (fx, fy, cx, cy) in pixels. Errors of one camera are common to
all joints that it sees, which is why they cannot be added to the noise of joints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput

Array = NDArray[np.float64]

ROTATION_RAD: Final = np.radians(0.1)
"""Standard deviation of each angle of a camera about its centre where a calibration says none:
boards in the room give .05–.2° (``benchmarks/calibrate_cameras.py``)."""

TRANSLATION_M: Final = 0.003
"""… of each coordinate of a camera's place; boards give 1–5 mm."""

FOCAL_SHARE: Final = 0.004
"""… of the focal length, as a share of it; real boards came within .4 % of the reference."""

CENTRE_SHARE: Final = 0.002
"""… of the principal point, as a share of the image's longer side."""

ASSUMED_FOCAL_SHARE: Final = 0.2
"""… of the focal length of a camera of which nothing is known."""

PARAMETERS: Final = 10


def spread_of(
    camera: Camera, covariance: Any = None, *, assumed: bool = False
) -> Float[Array, "10 10"]:
    """Covariance (10, 10) of a camera: a small turn in its own axes (rad), translation (m),
    fx, fy, cx, cy (px).

    Args:
        camera: The camera.
        covariance: What its calibration keeps: (6, 6), or a mapping with ``pose`` (6, 6) and
            ``lens`` (4, 4) or null; None where it keeps nothing.
        assumed: Whether nothing is known of its lens.

    Raises:
        InvalidInput: a covariance of another shape, or no covariance.
    """
    pose, lens, cross = _parts(camera.name, covariance)
    out = np.zeros((PARAMETERS, PARAMETERS))
    if pose is None:
        own = np.diag([ROTATION_RAD**2] * 3 + [TRANSLATION_M**2] * 3)
        about = in_place(camera.pose)
        out[:6, :6] = about @ own @ about.T
    else:
        out[:6, :6] = pose
    if lens is None:
        share = ASSUMED_FOCAL_SHARE if assumed else FOCAL_SHARE
        focal = share * camera.K[[0, 1], [0, 1]]
        # One lens: both focal lengths err together.
        out[6:8, 6:8] = np.outer(focal, focal)
        out[8:, 8:] = np.eye(2) * (CENTRE_SHARE * max(camera.width, camera.height)) ** 2
    else:
        out[6:, 6:] = lens
        if pose is not None and cross is not None:
            out[:6, 6:], out[6:, :6] = cross, cross.T
    return out


def spreads_of(
    cameras: Sequence[Camera | None], covariances: Sequence[Any] | None, assumed: Sequence[bool]
) -> Float[Array, "c 10 10"]:
    """Covariances of several cameras; zeros where there is no camera.

    Args:
        covariances: Instead of those that the cameras have; None, or None for one, leaves these.
    """
    given = [None] * len(cameras) if covariances is None else list(covariances)
    given = [
        camera.covariance.to_dict() if own is None and camera and camera.covariance else own
        for own, camera in zip(given, cameras, strict=False)
    ]
    if len(given) != len(cameras):
        fault = f"covariances of {len(given)} cameras, but {len(cameras)} cameras"
        raise InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
    out = np.zeros((len(cameras), PARAMETERS, PARAMETERS))
    for row, camera, own, guess in zip(out, cameras, given, assumed, strict=True):
        if camera is not None and camera.placed:
            row[:] = spread_of(camera, own, assumed=bool(guess))
    return out


def _parts(name: str, value: Any) -> tuple[Array | None, Array | None, Array | None]:
    if value is None:
        return None, None, None
    if not isinstance(value, Mapping):
        return _square(name, "pose", value, 6), None, None
    cross = value.get("cross")
    if cross is not None:
        cross = np.asarray(cross, float)
        cross = cross if cross.shape == (6, 4) and np.isfinite(cross).all() else None
    pose = _square(name, "pose", value.get("pose"), 6)
    return pose, _square(name, "lens", value.get("lens"), 4), cross


def _square(name: str, what: str, value: ArrayLike | None, size: int) -> Array | None:
    if value is None:
        return None
    try:
        matrix = np.asarray(value, float)
    except (TypeError, ValueError):
        matrix = np.zeros(0)
    good = matrix.shape == (size, size) and bool(np.isfinite(matrix).all())
    if good:
        matrix = (matrix + matrix.T) / 2
        least = float(np.linalg.eigvalsh(matrix).min())
        good = least >= -1e-9 * max(1.0, float(np.abs(matrix).max()))
    if not good:
        fault = f"the {what} covariance of {name} is no covariance of {size} numbers"
        raise InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
    return matrix


def in_place(pose: Float[Array, "4 4"]) -> Float[Array, "6 6"]:
    """(6, 6) takes (turn about the camera's own centre, shift of it in its axes) to (turn,
    change of the translation): X in the camera is R·X + t, and a turn moves t too."""
    x, y, z = pose[:3, 3]
    out = np.eye(6)
    out[3:, :3] = -np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return out
