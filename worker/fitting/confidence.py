"""How sure a recording's fits are, in the form in which they are stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from worker.fitting.doubts import doubts_of
from worker.fitting.odd import Odd
from worker.fitting.priors import PosePrior, active_pose
from worker.fitting.problem import Problem
from worker.fitting.result import SessionFit
from worker.fitting.shape import RigFamily
from worker.fitting.uncertainty import gather, of_recording
from worker.fitting.width import LEAST_M, learnt, stated

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK: Final = 1000
"""Moments at a time, so that memory does not grow with the recording."""


@dataclass(frozen=True, eq=False)
class Confidence:
    """Of N fits. covariance: (N, 17, 3, 3) m². quality_mm: (N,) expected mean error of the joints.
    doubts: what is odd about each. shape_covariance: (B + 1, B + 1) of betas and scale. noise_px:
    standard deviation of a visible mark."""

    covariance: Array
    quality_mm: Array
    doubts: list[list[Odd]]
    shape_covariance: Array
    noise_px: float


def confidence_of(
    problem: Problem, family: RigFamily, prior: PosePrior, betas: Array, scale: float, pose: Array,
    translation: Array, shape_rows: Ints, covariances: Any = None,
) -> Confidence:  # fmt: skip
    """How sure fits are.

    Args:
        pose: (N, 72). translation: (N, 3).
        shape_rows: Rows of the problem that fixed the shape.
        covariances: Of the cameras (``camera_spread.spread_of``), or None.
    """
    x = active_pose(family.basis, pose, translation)
    whole = of_recording(problem, family, prior, betas, scale, x, shape_rows, covariances)
    covariance, quality = np.empty((problem.moments, 17, 3, 3)), np.empty(problem.moments)
    doubts: list[list[Odd]] = []
    for start in range(0, problem.moments, BLOCK):
        at = np.arange(start, min(start + BLOCK, problem.moments))
        part = problem.at(at)
        evidence = gather(part, family, prior, betas, scale, x[at], whole)
        covariance[at], quality[at] = stated(part, evidence)
        doubts += doubts_of(part, family.basis, betas, scale, evidence, covariance[at])
    return Confidence(covariance, quality, doubts, whole.shape_covariance, whole.noise_px)


def bridge(fit: SessionFit) -> SessionFit:
    """Moments that the sequence alone places are as wide as it says: no marks of theirs do."""
    if (
        fit.bridged is None
        or fit.spread_m is None
        or fit.covariance is None
        or fit.quality_mm is None
    ):
        return fit
    rows = np.flatnonzero(fit.bridged & np.isfinite(fit.spread_m).all(1))
    if not len(rows):
        return fit
    covariance = fit.covariance.copy()
    covariance[rows] = (fit.spread_m[rows] ** 2 + LEAST_M**2)[..., None, None] * np.eye(3)
    quality = fit.quality_mm.copy()
    quality[rows] = learnt().expected_mm(covariance[rows])
    return replace(fit, covariance=covariance, quality_mm=quality)
