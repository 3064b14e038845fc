"""A calibrated camera's part in a trajectory in the world: what it says, and how it projects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.domain.cameras import Camera
from backend.domain.trajectories.chain import times as product
from backend.domain.trajectories.evidence import Array, CameraEvidence, Flags, Ints, found_at

_STEP_M = 1e-4


@dataclass(frozen=True, eq=False)
class View:
    """One camera's part, gathered at M moments.

    Attributes:
        camera: Its calibration. evidence: Of its frames.
        frames: (M,) numbers of frames, -1 for none.
        marks: (M, 17, 2) the chosen option, NaN for none. scores: (M, 17).
        trust: (M,) probability of the choice. sizes: (M,) of the body, pixels.
        confirmed: (M, 17, 2), NaN for none. glanced: (M, 17) of them, those let stand.
        seen: (M, 17) scores that tell whether joints are seen, NaN where nothing does.
        bonus: (M, 17) log odds of marks being right by what other views say, or 0.
    """

    camera: Camera
    evidence: CameraEvidence
    frames: Ints
    marks: Array
    scores: Array
    trust: Array
    sizes: Array
    confirmed: Array
    glanced: Flags
    seen: Array
    bonus: Array | float = 0.0


@dataclass(frozen=True, eq=False)
class Seen:
    """A view about the present trajectory. at: (M, 17, 2); J: (2, 3, M, 17); ok: (M, 17)."""

    at: Array
    J: Array
    ok: Flags


def project(camera: Camera, joints: Array) -> Seen:
    """Projections (M, 17, 2) of joints (M, 17, 3), and their derivatives."""
    steps = np.concatenate((np.zeros((1, 3)), _STEP_M * np.eye(3)))
    all_ = camera.project(joints + steps[:, None, None])
    ok = np.asarray(found_at(all_).all(0))
    rows = np.ascontiguousarray(np.moveaxis(all_, -1, 0))  # (2, 4, M, 17)
    J = np.where(ok, (rows[:, 1:] - rows[:, :1]) / _STEP_M, 0.0)
    return Seen(np.where(ok[..., None], all_[0], 0.0), J, ok)


def spread_in(J: Array, V: Array) -> Array:
    """Variance along an axis of projections, from covariances (3, 3, M, 17)."""
    return np.asarray((J * product(J, V)).sum((0, 1)) / 2)


def axes(parts: list[Array]) -> Array:
    """(2C, n) of all views' axes, from (M, 17) that hold for both axes of a view, or (M, 17, 2)."""
    both = [x if x.ndim == 3 else np.stack((x, x), -1) for x in parts]
    return np.stack([np.moveaxis(x, -1, 0) for x in both]).reshape(2 * len(parts), -1)
