"""What a recording's residuals say of its cameras, beside what their calibration says.

A camera that is off by δ moves the fit by −U·δ (``influence``), so that residuals in *all* views
change by (own − P·U)·δ. That is linear: with the calibration's covariance as prior, the residuals
of many moments give each camera's error and what remains unknown of it. How far a camera may have
left its calibration is not known beforehand: three variances for each camera (turn, place, focal
length) are raised to where they explain the residuals best (evidence maximisation; MacKay 1992).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from worker.fitting.camera_spread import (
    FOCAL_SHARE,
    PARAMETERS,
    ROTATION_RAD,
    TRANSLATION_M,
    in_place,
)
from worker.fitting.evident import FEWEST, trust
from worker.fitting.influence import Influence, Seen
from worker.fitting.problem import Problem

Array = NDArray[np.float64]

ROUNDS: Final = 40
"""Rounds of raising and lowering the variances."""

_MEDIAN_2D: Final = 2 * np.log(2.0)


@dataclass(frozen=True, eq=False)
class CameraErrors:
    """off: (C, 10) by how much each camera seems off, as ``camera_spread`` counts. covariance:
    (10·C, 10·C) of what is not known of all of them together. stated: (C, 10, 10) what their
    calibration does not know."""

    off: Array
    covariance: Array
    stated: Array


def moved_by_cameras(
    some: Influence, seen: Seen, by_camera: list[Array], used: list[int]
) -> Float[Array, "n 17 3 c 10"]:
    """How joints answer the numbers of each camera, shape and scale going with them; the sign is
    that of −δX."""
    at, n = some.rows, len(some.rows)
    K = some.K.reshape(n, 51, 51)
    out = np.zeros((n, 17, 3, len(by_camera), PARAMETERS))
    for i in used:
        fP = seen.f[at, i][..., None, None] * seen.P[at, i]
        G = fP.swapaxes(-1, -2) @ seen.own[at, i]
        out[:, :, :, i] = (K @ G.reshape(n, 51, -1)).reshape(G.shape) + some.shape @ by_camera[i]
    return out


class CameraSums:
    """Sums over moments from which camera errors follow.

    Args:
        problem: Of all moments that are looked at. noise_px: of a visible mark.
    """

    def __init__(self, problem: Problem, seen: Seen, noise_px: float) -> None:
        self.problem, self.seen = problem, seen
        given, w = problem.w2 > 0, trust(problem)
        r2 = (seen.r**2).sum(3)
        # Bodies and joints that differ leave residuals too, beside the scatter of marks.
        left = float(np.median((r2 * w)[given])) / _MEDIAN_2D if given.any() else 0.0
        width = 4 * max(noise_px, 1.0)
        self.weight = np.where(given, w / (1 + r2 / width**2) ** 2 / max(noise_px**2, left), 0.0)
        size = PARAMETERS * problem.w2.shape[1]
        self.information, self.pull = np.zeros((size, size)), np.zeros(size)
        self.used = [i for i in range(problem.w2.shape[1]) if given[:, i].sum() >= FEWEST]

    def add(self, some: Influence, by_camera: list[Array]) -> None:
        """Take in some moments."""
        at, used = some.rows, self.used
        U = moved_by_cameras(some, self.seen, by_camera, used)
        n, c = len(at), U.shape[3]
        for view in used:
            D = -(self.seen.P[at, view] @ U.reshape(n, 17, 3, -1)).reshape(n, 17, 2, c, PARAMETERS)
            D[:, :, :, view] += self.seen.own[at, view]
            D = D.reshape(-1, PARAMETERS * c)
            w = np.repeat(self.weight[at, view].reshape(-1), 2)
            self.information += (D * w[:, None]).T @ D
            self.pull += D.T @ (w * self.seen.r[at, view].reshape(-1))

    def errors(self, spreads: Float[Array, "c 10 10"]) -> CameraErrors:
        """Errors of the cameras, given what their calibration says of each."""
        c = len(spreads)
        size = PARAMETERS * c
        stated = np.zeros((size, size))
        for i in range(c):
            at = slice(PARAMETERS * i, PARAMETERS * (i + 1))
            stated[at, at] = spreads[i]
        if len(self.used) < 2:
            return CameraErrors(np.zeros((c, PARAMETERS)), stated, spreads)
        ways = [way for i in self.used for way in self._ways(i)]
        variance = np.ones(len(ways))
        L, b = self.information, self.pull
        eye = np.eye(size)
        for _ in range(ROUNDS):
            prior = stated + sum(v * way @ way.T for v, way in zip(variance, ways, strict=True))
            V = np.linalg.solve(eye + prior @ L, prior)
            m = V @ b
            pull, told = b - L @ m, L - L @ V @ L
            for g, way in enumerate(ways):
                v = variance[g]
                mean = v * way.T @ pull
                left = v - v * v * np.diag(way.T @ told @ way)
                variance[g] = float((mean**2 + np.maximum(left, 0)).mean())
        off: Array = np.asarray(m.reshape(c, PARAMETERS), np.float64)
        covariance: Array = np.asarray((V + V.T) / 2, np.float64)
        return CameraErrors(off, covariance, spreads)

    def _ways(self, i: int) -> list[Array]:
        """(10·C, k) how camera i may have left its calibration: turn, place, focal length."""
        camera = self.problem.cameras[i]
        assert camera is not None
        own = np.zeros((PARAMETERS * len(self.problem.cameras), 7))
        at = PARAMETERS * i
        own[at : at + 6, :6] = in_place(camera.pose) * ([ROTATION_RAD] * 3 + [TRANSLATION_M] * 3)
        own[[at + 6, at + 7], 6] = FOCAL_SHARE * camera.K[[0, 1], [0, 1]]
        return [own[:, :3], own[:, 3:6], own[:, 6:]]
