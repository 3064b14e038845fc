"""What moves the joints of a fit: noise of marks, the prior, the body, cameras, shape.

A fit is where the robust energy's gradient is zero, so a small change of anything moves it by
−H⁻¹ times the change of the gradient (Huber 1981, §6.3; here for all joints at once). With
K = J H⁻¹ Jᵀ (51 × 51, metres² per squared standard deviation), A the joints' information and G_c
the gradient by camera c:

    δX = K Σ_c f Pᵀ n          marks that miss by n (px)
       + J H⁻¹ λ Q (θ − μ)     a pose that is not the prior's mean
       + (K A − 1) d           joints of the infant that lie d away from the body's
       − K G_c δ_c             a camera that is off by δ_c
       + ∂X/∂s δs              shape and scale, which the same things moved
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numba import njit
from numpy.typing import NDArray

from worker.fitting import levenberg as lm
from worker.fitting.compiled import FAST
from worker.fitting.priors import PosePrior
from worker.fitting.problem import Problem
from worker.fitting.projection import project_one
from worker.fitting.shape import RigFamily, linearise
from worker.fitting.solve import points, stage_table

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK = 128
"""Moments at a time: their matrices stay in the cache."""


@dataclass(frozen=True, eq=False)
class Seen:
    """Marks against a fit. T moments, C views, 17 joints.

    f: (T, C, 17) information of a mark, 1/px², as the robust fit weighs it. P: (T, C, 17, 2, 3)
    pixels by metre. r: (T, C, 17, 2) residuals, px. own: (T, C, 17, 2, 10) pixels by the camera's
    ten numbers (``camera_spread``). mm: (T, C, 17) millimetres across the ray per pixel.
    """

    f: Array
    P: Array
    r: Array
    own: Array
    mm: Array


def look(problem: Problem, X: Float[Array, "t 17 3"]) -> Seen:
    """How each mark sees the joints of a fit; where there is no mark all is zero."""
    t, c = problem.w2.shape[:2]
    out = Seen(
        np.zeros((t, c, 17)), np.zeros((t, c, 17, 2, 3)), np.zeros((t, c, 17, 2)),
        np.zeros((t, c, 17, 2, 10)), np.zeros((t, c, 17)),
    )  # fmt: skip
    _look(
        problem.cams, problem.obs, problem.w2, np.ascontiguousarray(X),
        problem.config.rho_px[-1] ** 2, problem.config.sigma_px**-2,
        out.f, out.P, out.r, out.own, out.mm,
    )  # fmt: skip
    return out


@njit(cache=True, fastmath=FAST, nogil=True)
def _look(cams, obs, w2, X, rho2, data, f, P, r, own, mm):  # type: ignore[no-untyped-def]
    for t in range(X.shape[0]):
        for c in range(cams.shape[0]):
            cam = cams[c]
            for k in range(17):
                w = w2[t, c, k]
                if w == 0:
                    continue
                u, v, p0, p1, p2, q0, q1, q2, ok = project_one(cam, X[t, k])
                if not ok:
                    continue
                ru, rv = u - obs[t, c, k, 0], v - obs[t, c, k, 1]
                r[t, c, k, 0], r[t, c, k, 1] = ru, rv
                s = rho2 / (rho2 + ru * ru + rv * rv)
                f[t, c, k] = w * s * s * data
                P[t, c, k, 0, 0], P[t, c, k, 0, 1], P[t, c, k, 0, 2] = p0, p1, p2
                P[t, c, k, 1, 0], P[t, c, k, 1, 1], P[t, c, k, 1, 2] = q0, q1, q2
                x = cam[5] * X[t, k, 0] + cam[6] * X[t, k, 1] + cam[7] * X[t, k, 2]
                y = cam[8] * X[t, k, 0] + cam[9] * X[t, k, 1] + cam[10] * X[t, k, 2]
                z = cam[11] * X[t, k, 0] + cam[12] * X[t, k, 1] + cam[13] * X[t, k, 2]
                for i in range(2):
                    a0, a1, a2 = P[t, c, k, i, 0], P[t, c, k, i, 1], P[t, c, k, i, 2]
                    # By the point in the camera's axes; a turn moves it by ω × (x, y, z).
                    b0 = a0 * cam[5] + a1 * cam[6] + a2 * cam[7]
                    b1 = a0 * cam[8] + a1 * cam[9] + a2 * cam[10]
                    b2 = a0 * cam[11] + a1 * cam[12] + a2 * cam[13]
                    own[t, c, k, i, 0] = b2 * y - b1 * z
                    own[t, c, k, i, 1] = b0 * z - b2 * x
                    own[t, c, k, i, 2] = b1 * x - b0 * y
                    own[t, c, k, i, 3], own[t, c, k, i, 4], own[t, c, k, i, 5] = b0, b1, b2
                own[t, c, k, 0, 6] = (u - cam[3]) / cam[0]
                own[t, c, k, 1, 7] = (v - cam[4]) / cam[2]
                own[t, c, k, 0, 8] = own[t, c, k, 1, 9] = 1.0
                mm[t, c, k] = 1000 * (z + cam[16]) / np.sqrt(cam[0] * cam[2])


@dataclass(frozen=True, eq=False)
class Influence:
    """Linear answers of the joints of some moments. n unknowns of a pose, B + 1 of the shape.

    rows: (N,) moments. K: (N, 17, 3, 17, 3). A: (N, 17, 3, 3). prior: (N, 17, 3, 3) covariance by
    poses that are spread as the prior is. shape: (N, 17, 3, B + 1) ∂X/∂(β, s), the pose going with
    it. AS: (N, 17, 3, B + 1) information times ∂X/∂(β, s) of a pose that stays.
    """

    rows: Ints
    K: Array
    A: Array
    prior: Array
    shape: Array
    AS: Array


def influences(
    problem: Problem, family: RigFamily, prior: PosePrior, betas: Array, scale: float, x: Array
) -> Iterator[Influence]:
    """Influences at solutions x (T, n), some moments at a time.

    Collisions are left out: they only forbid.
    """
    stage = stage_table(problem.config)[-1].copy()
    stage[lm.COLLISION] = 0
    rig = family.at(betas)
    for start in range(0, problem.moments, CHUNK):
        at = np.arange(start, min(start + CHUNK, problem.moments))
        part, own_x = problem.at(at), np.ascontiguousarray(x[at])
        _, H, _, A, _, J = linearise(part, rig, prior, stage, scale, own_x)
        n = H.shape[1]
        flat = J.reshape(len(at), 51, n)
        Y = np.linalg.solve(H, flat.transpose(0, 2, 1)).transpose(0, 2, 1)
        K = Y @ flat.transpose(0, 2, 1)
        away = own_x[:, 6:][:, None] - prior.mean
        near = np.argmin(
            np.einsum("tkn,knm,tkm->tk", away, prior.precision, away) + prior.constant, axis=1
        )
        weight = stage[lm.POSE]
        pull = Y[:, :, 6:] @ (weight * weight * prior.precision[near])
        spread = np.einsum(
            "tkin,tkjn->tkij", pull.reshape(-1, 17, 3, n - 6), Y[:, :, 6:].reshape(-1, 17, 3, n - 6)
        )
        still = points(rig, own_x, scale)[:, :17]
        S = np.concatenate(
            [
                family.by_shape(own_x, scale)[:, :17],
                ((still - own_x[:, None, :3]) / scale)[..., None],
            ],
            axis=3,
        )
        AS = np.einsum("tkij,tkjb->tkib", A, S)
        by_shape = S - (K @ AS.reshape(len(at), 51, -1)).reshape(S.shape)
        yield Influence(at, K.reshape(-1, 17, 3, 17, 3), A, spread, by_shape, AS)
