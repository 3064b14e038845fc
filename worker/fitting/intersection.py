"""Joints from several views without a body, each with its covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from backend.domain.cameras import Camera
from worker.fitting.camera_spread import spreads_of
from worker.fitting.config import FitConfig
from worker.fitting.influence import look
from worker.fitting.problem import make_problem

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Triangulated:
    """points: (T, 17, 3) metres, NaN where two views did not see the joint. covariance: (T, 17, 3,
    3) m², NaN there too. views: (T, 17) how many agree."""

    points: Array
    covariance: Array
    views: Array


def triangulated(
    cameras: Sequence[Camera | None],
    joints: ArrayLike,
    noise_px: float,
    kind: str = "visibility",
    covariances: Sequence[Any] | None = None,
) -> Triangulated:
    """Triangulate joints (T, C, 17, 3), with the noise of marks and what cameras are known to.

    Errors of a camera are common to its joints: the covariances are right for each joint, and the
    joints of a moment are not independent.

    Args:
        noise_px: Standard deviation of a visible mark along x or y.
        covariances: Of the cameras (``camera_spread.spread_of``), or None for the default.

    Raises:
        InvalidInput: as ``make_problem``.
    """
    problem = make_problem(cameras, joints, kind, np.ones(17), FitConfig())
    known = np.isfinite(problem.tri).all(2)
    seen = look(problem, np.where(known[..., None], problem.tri, 0.0))
    C = by_views(seen.f, seen.P, seen.own, problem.w2, noise_px,
                 spreads_of(problem.cameras, covariances, problem.assumed.tolist()))  # fmt: skip
    C[~known] = np.nan
    return Triangulated(problem.tri, C, np.asarray((problem.w2 > 0).sum(1)))


def by_views(
    f: Float[Array, "t c 17"], P: Float[Array, "t c 17 2 3"], own: Float[Array, "t c 17 2 10"],
    w2: Float[Array, "t c 17"], noise_px: float, spreads: Float[Array, "c 10 10"],
) -> Float[Array, "t 17 3 3"]:  # fmt: skip
    """A⁻¹ (Σ f² v PᵀP + Σ_c G Σ_c Gᵀ) A⁻¹ with A = Σ f PᵀP and G = f Pᵀ·(pixels by the camera)."""
    A = np.einsum("tck,tckia,tckib->tkab", f, P, P)
    v = noise_px**2 / np.clip(np.sqrt(np.maximum(w2, 1e-12)), 0.25, 1.0)
    B = np.einsum("tck,tckia,tckib->tkab", f * f * v, P, P)
    G = np.einsum("tck,tckia,tckib->tckab", f, P, own)
    B = B + np.einsum("tckia,cab,tckjb->tkij", G, spreads, G, optimize=True)
    # Nothing is known where nothing was seen: a kilometre stands for that.
    inverse = np.linalg.inv(A + 1e-6 * np.eye(3))
    return np.asarray(inverse @ B @ inverse + 1e-9 * np.eye(3))
