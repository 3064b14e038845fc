"""The input of a fit, checked and put into the arrays that the compiled functions take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.cameras import Camera, assumed_camera
from backend.domain.errors import InvalidInput
from worker.fitting.config import FitConfig
from worker.fitting.projection import pack
from worker.fitting.triangulation import triangulate_all

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

KINDS = ("visibility", "confidence")


@dataclass(frozen=True)
class Problem:
    """Joints of one recording, ready to be fitted. T moments, C views.

    cameras: (C) with None where a view is missing. cams: (C, 26) packed; missing views are zeros
    and have no weights. obs: (T, C, 17, 2) px. w2: (T, C, 17) squared weights. tri: (T, 17, 3)
    triangulated, tri_w: (T, 17). floor: (4,) plane or zeros. times: (T,) s or None. moment: (T,)
    their numbers in the input. assumed: (C,) whether the camera is only assumed. device: where
    poses are solved (``device.DEVICES``).
    """

    config: FitConfig
    cameras: tuple[Camera | None, ...]
    cams: Array
    obs: Array
    w2: Array
    tri: Array
    tri_w: Array
    floor: Array
    times: Array | None
    moment: Ints
    assumed: NDArray[np.bool_]
    device: str = "auto"

    @property
    def moments(self) -> int:
        """T."""
        return len(self.obs)

    @property
    def views_seen(self) -> Ints:
        """(T,) in how many views anything is seen."""
        return np.asarray((self.w2 > 0).any(2).sum(1))

    def at(self, rows: Ints) -> Problem:
        """Some of the moments."""
        return replace(
            self,
            obs=self.obs[rows],
            w2=self.w2[rows],
            tri=self.tri[rows],
            tri_w=self.tri_w[rows],
            times=None if self.times is None else self.times[rows],
            moment=self.moment[rows],
        )


def make_problem(
    cameras: Sequence[Camera | None],
    joints: ArrayLike,
    kind: str,
    trust: Array,
    config: FitConfig,
    floor: ArrayLike | None = None,
    times: ArrayLike | None = None,
) -> Problem:
    """Check the input of a fit.

    Args:
        cameras: One per view; None, or without a place in the world, for a missing one.
        joints: (T, C, 17, 3) x, y in px and visibility (0, 1, 2) or confidence. NaN is "none".
        kind: "visibility" or "confidence".
        trust: (17,) of the body's COCO joints.
        floor: (4,) n·X + d = 0, n pointing up; scaled to unit length.
        times: (T,) seconds, rising.

    Raises:
        InvalidInput: wrong shapes, numbers or kind, or no view with joints.
    """
    joints = np.array(joints, float)
    if joints.ndim != 4 or joints.shape[2:] != (17, 3) or not joints.size:
        raise _wrong(f"joints are {_shape(joints)}, not moments × views × 17 × 3")
    t, c = joints.shape[:2]
    if len(cameras) != c:
        raise _wrong(f"joints of {c} views, but {len(cameras)} cameras")
    if kind not in KINDS:
        raise _wrong(f"kind is {kind!r}, not one of {', '.join(KINDS)}")
    placed = list(cameras)
    if c == 1 and placed[0] is not None and not placed[0].placed:
        placed[0] = placed[0].moved(np.eye(4))
    placed = [camera if camera is not None and camera.placed else None for camera in placed]
    usable = np.array([camera is not None for camera in placed])
    w = _weights(joints, kind, config) * trust * usable[:, None]
    w2 = w * w
    if not (w2 > 0).any():
        raise _wrong("no view has both a calibrated camera and joints")
    obs = np.where(w2[..., None] > 0, joints[..., :2], 0.0)
    if np.abs(obs).max() > 1e5:
        raise _wrong("joints lie a hundred thousand pixels away; are the units pixels?")
    fake = Camera("missing", 1, 1, np.eye(3), np.zeros(0), T_camera_world=np.eye(4))
    cams = pack([camera or fake for camera in placed])
    tri, seen = np.empty((t, 17, 3)), np.empty((t, 17))
    triangulate_all(cams, obs, w2, config.rho_px[-1], tri, seen)
    tri_w = np.where(seen >= 2, trust * trust, 0.0)
    tri[seen < 2] = np.nan
    return Problem(
        config, tuple(placed), cams, obs, w2, tri, tri_w, _plane(floor), _times(times, t),
        np.arange(t),
        np.array([k is not None and is_assumed(k) for k in placed]),
    )  # fmt: skip


def is_assumed(camera: Camera) -> bool:
    """Whether this is a camera of which nothing was known (``cameras.assumed_camera``)."""
    guess = assumed_camera(camera.name, camera.width, camera.height)
    return (
        not camera.distortion.any()
        and np.array_equal(camera.K, guess.K)
        and np.array_equal(camera.pose, guess.pose)
    )


def _weights(joints: Array, kind: str, config: FitConfig) -> Array:
    """(T, C, 17) weights w·c."""
    value = joints[..., 2]
    bad = ~np.isfinite(joints).all(3)
    value = np.where(bad, 0.0, value)
    if kind == "confidence":
        if (value < 0).any() or (value > 1 + 1e-6).any():
            raise _wrong("confidences lie outside 0..1")
        return np.where(value >= config.min_confidence, value, 0.0)
    if not np.isin(value, (0, 1, 2)).all():
        raise _wrong("visibilities are not 0, 1 or 2")
    return np.asarray(
        np.array([0.0, config.occluded_weight, config.visible_weight])[value.astype(int)]
    )


def _plane(floor: ArrayLike | None) -> Array:
    if floor is None:
        return np.zeros(4)
    plane = np.asarray(floor, float)
    length = float(np.linalg.norm(plane[:3])) if plane.shape == (4,) else 0.0
    if not np.isfinite(plane).all() or length < 1e-9:
        raise _wrong("the floor is not a plane of four numbers (n, d)")
    return np.asarray(plane / length)


def _times(times: ArrayLike | None, count: int) -> Array | None:
    if times is None:
        return None
    out = np.asarray(times, float)
    if out.shape != (count,) or not np.isfinite(out).all():
        raise _wrong(f"times are not {count} numbers")
    if (np.diff(out) <= 0).any():
        raise _wrong("times do not increase")
    return out


def _shape(a: Array) -> str:
    return " × ".join(map(str, a.shape)) or "a single number"


def _wrong(fault: str) -> InvalidInput:
    return InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
