"""Compiled Levenberg–Marquardt for the joints of many moments, one after the other on one core.

Each step linearises the robust energy at the current estimate (iterated reweighting), so that its
gradient is exact and its Hessian Gauss–Newton's. The energy is that of :mod:`worker.fitting.config`
without surface terms.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from worker.fitting.compiled import FAST
from worker.fitting.kinematics import forward
from worker.fitting.normal import add_collisions, add_joints, solve_damped
from worker.fitting.projection import collapse_views

# Columns of a stage.
RHO2, DATA, TRIANGULATED, TRIANGULATED_RHO2, POSE, LIMIT, BEND, FLOOR, MARGIN, COLLISION, STEPS = (
    range(11)
)


@njit(cache=True, fastmath=FAST)
def joint_terms(stage, cams, obs, w2, tri, tri_w, aim, aim_w, floor, X, A, g):  # type: ignore[no-untyped-def]
    """All terms on the COCO joints X (17, 3) as information A (17, 6) and vector g (17, 3).

    Args:
        tri: (17, 3) triangulated joints, tri_w: (17,) their weights. aim: (17, 3) where neighbours
            predict the joints, aim_w: (17,). floor: (4,) plane n·X + d, zeros for none.
    """
    energy = stage[DATA] * collapse_views(cams, obs, w2, X, stage[RHO2], A, g)
    rho2 = stage[TRIANGULATED_RHO2]
    has_floor = floor[0] != 0 or floor[1] != 0 or floor[2] != 0
    for k in range(17):
        for i in range(6):
            A[k, i] *= stage[DATA]
        for i in range(3):
            g[k, i] *= stage[DATA]
        f = stage[TRIANGULATED] * tri_w[k]
        if f > 0:
            d0, d1, d2 = X[k, 0] - tri[k, 0], X[k, 1] - tri[k, 1], X[k, 2] - tri[k, 2]
            r2 = d0 * d0 + d1 * d1 + d2 * d2
            t = rho2 / (rho2 + r2)
            energy += f * t * r2
            f *= t * t
            A[k, 0] += f
            A[k, 3] += f
            A[k, 5] += f
            g[k, 0] += f * d0
            g[k, 1] += f * d1
            g[k, 2] += f * d2
        f = aim_w[k]
        if f > 0:
            d0, d1, d2 = X[k, 0] - aim[k, 0], X[k, 1] - aim[k, 1], X[k, 2] - aim[k, 2]
            energy += f * (d0 * d0 + d1 * d1 + d2 * d2)
            A[k, 0] += f
            A[k, 3] += f
            A[k, 5] += f
            g[k, 0] += f * d0
            g[k, 1] += f * d1
            g[k, 2] += f * d2
        if has_floor:
            n0, n1, n2 = floor[0], floor[1], floor[2]
            below = stage[MARGIN] - (n0 * X[k, 0] + n1 * X[k, 1] + n2 * X[k, 2] + floor[3])
            f = stage[FLOOR]
            if below > 0 and f > 0:
                energy += f * below * below
                A[k, 0] += f * n0 * n0
                A[k, 1] += f * n0 * n1
                A[k, 2] += f * n0 * n2
                A[k, 3] += f * n1 * n1
                A[k, 4] += f * n1 * n2
                A[k, 5] += f * n2 * n2
                g[k, 0] -= f * below * n0
                g[k, 1] -= f * below * n1
                g[k, 2] -= f * below * n2
    return energy


@njit(cache=True, fastmath=FAST)
def pose_terms(stage, prior, x, grad, diagonal):  # type: ignore[no-untyped-def]
    """Prior, limits and bends of the bones but the root.

    Args:
        prior: means (K, n), precisions (K, n, n), constants (K,) of the mixture; lower (n,),
            upper (n,), bend (n,) signs.
        grad: (n,) out, half the gradient. diagonal: (n,) out, what the limits add to the Hessian.

    Returns:
        The energy and the component of the mixture that counts (the nearest).
    """
    mean, precision, constant, lower, upper, bend = prior
    n = mean.shape[1]
    best, chosen = np.inf, 0
    for c in range(mean.shape[0]):
        total = constant[c]
        for i in range(n):
            line = 0.0
            for j in range(n):
                line += precision[c, i, j] * (x[6 + j] - mean[c, j])
            diagonal[i] = line
            total += line * (x[6 + i] - mean[c, i])
        if total < best:
            best, chosen = total, c
            for i in range(n):
                grad[i] = stage[POSE] * diagonal[i]
    energy = stage[POSE] * best
    for i in range(n):
        value = x[6 + i]
        diagonal[i] = 0.0
        over = max(value - upper[i], 0.0) - max(lower[i] - value, 0.0)
        if over != 0:
            energy += stage[LIMIT] * over * over
            grad[i] += stage[LIMIT] * over
            diagonal[i] += stage[LIMIT]
        if bend[i] != 0 and stage[BEND] > 0:
            e = np.exp(2 * bend[i] * value)
            energy += stage[BEND] * e
            grad[i] += stage[BEND] * bend[i] * e
            diagonal[i] += stage[BEND] * e
    return energy, chosen


@njit(cache=True, fastmath=FAST)
def make_work(rig):  # type: ignore[no-untyped-def]
    """Room for the sums of one moment."""
    bones = rig[0].shape[0]
    cols = 3 + 3 * bones
    return (
        np.zeros(bones, np.int64), np.zeros((bones, 3)), np.zeros(bones),
        np.zeros((3, cols)), np.zeros((3, cols)), np.zeros((cols, cols)),
    )  # fmt: skip


@njit(cache=True, fastmath=FAST)
def evaluate(rig, prior, stage, cams, data, x, scale, pose, A, g, qv, qd, work):  # type: ignore[no-untyped-def]
    """Energy at x; fills pose (R, M, P, X), A, g, qv and qd. Returns it and the component."""
    R, M, P, X = pose
    obs, w2, tri, tri_w, aim, aim_w, floor = data
    count = 41 if stage[COLLISION] > 0 else 17
    forward(rig, x, scale, R, M, P, X, count)
    energy = joint_terms(stage, cams, obs, w2, tri, tri_w, aim, aim_w, floor, X[:17], A, g)
    more, chosen = pose_terms(stage, prior, x, qv, qd)
    energy += more
    if stage[COLLISION] > 0:
        more, _ = add_collisions(rig, scale, R, M, P, X, stage[COLLISION], work[5], qd, work, False)
        energy += more
    return energy, chosen


@njit(cache=True, fastmath=FAST)
def normal_equations(rig, prior, stage, scale, pose, A, g, qv, qd, chosen, H, h, work):  # type: ignore[no-untyped-def]
    """Fill the lower triangle of H and h, half the gradient."""
    R, M, P, X = pose
    n = h.shape[0]
    precision = prior[1][chosen]
    for i in range(n):
        h[i] = qv[i - 6] if i >= 6 else 0.0
        for j in range(i + 1):
            H[i, j] = 0.0
    for i in range(n - 6):
        for j in range(i + 1):
            H[6 + i, 6 + j] = stage[POSE] * precision[i, j]
        H[6 + i, 6 + i] += qd[i]
    add_joints(rig, scale, R, M, P, A, g, H, h, work)
    if stage[COLLISION] > 0:
        add_collisions(rig, scale, R, M, P, X, stage[COLLISION], H, h, work, True)


@njit(cache=True, fastmath=FAST)
def _room(rig):  # type: ignore[no-untyped-def]
    bones = rig[0].shape[0]
    return np.empty((bones, 3, 3)), np.empty((bones, 3, 3)), np.empty((bones, 3)), np.empty((41, 3))


@njit(cache=True, fastmath=FAST, nogil=True)
def fit_moments(  # type: ignore[no-untyped-def]
    rig, prior, stages, tolerance, cams, obs, w2, tri, tri_w, aim, aim_w, floor, scale, x, out
):
    """Fit T moments; x (T, 3 + 3A) is start and result.

    Ends a stage when an accepted step lowers the energy by less than ``tolerance`` of it (of one,
    where it is below), when no damping finds a lower one, or after the stage's number of steps; in
    the first two cases the last stage has converged.

    Args:
        stages: (S, 11). obs: (T, C, 17, 2) px, w2: (T, C, 17) squared weights. tri: (T, 17, 3),
            tri_w: (T, 17). aim: (T, 17, 3), aim_w: (T, 17). floor: (4,). scale: (T,).
        out: (T, 3) out: energy, steps, converged.
    """
    n = x.shape[1]
    H, L, h, step, trial = (
        np.zeros((n, n)), np.zeros((n, n)), np.zeros(n), np.zeros(n), np.zeros(n),
    )  # fmt: skip
    qv, qd, qv2, qd2 = np.zeros(n - 6), np.zeros(n - 6), np.zeros(n - 6), np.zeros(n - 6)
    A, A2, g, g2 = np.zeros((17, 6)), np.zeros((17, 6)), np.zeros((17, 3)), np.zeros((17, 3))
    pose, pose2, work = _room(rig), _room(rig), make_work(rig)
    for t in range(x.shape[0]):
        data = (obs[t], w2[t], tri[t], tri_w[t], aim[t], aim_w[t], floor)
        steps = 0
        energy = 0.0
        converged = False
        for s in range(stages.shape[0]):
            stage = stages[s]
            energy, chosen = evaluate(
                rig, prior, stage, cams, data, x[t], scale[t], pose, A, g, qv, qd, work
            )
            mu = 1e-3
            converged = False
            for _ in range(int(stage[STEPS])):
                normal_equations(
                    rig, prior, stage, scale[t], pose, A, g, qv, qd, chosen, H, h, work
                )
                steps += 1
                lower = False
                while mu < 1e6:
                    if solve_damped(H, h, mu, L, step):
                        for i in range(n):
                            trial[i] = x[t, i] + step[i]
                        wrap_root(trial)
                        after, other = evaluate(
                            rig, prior, stage, cams, data, trial, scale[t], pose2, A2, g2, qv2,
                            qd2, work,
                        )  # fmt: skip
                        if after < energy:
                            lower = True
                            break
                    mu = max(mu * 8, 1e-4)
                if not lower:
                    converged = True
                    break
                gain = energy - after
                energy, chosen = after, other
                x[t] = trial
                pose, pose2 = pose2, pose
                A, A2, g, g2, qv, qv2, qd, qd2 = A2, A, g2, g, qv2, qv, qd2, qd
                mu = max(mu * 0.2, 1e-7)
                if gain < tolerance * max(energy, 1.0):
                    converged = True
                    break
        out[t, 0] = energy
        out[t, 1] = steps
        out[t, 2] = 1.0 if converged else 0.0


@njit(cache=True, fastmath=FAST)
def wrap_root(x):  # type: ignore[no-untyped-def]
    """Keep the root's axis-angle within half a turn, far from where its Jacobian degenerates."""
    t = np.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
    if t > np.pi:
        f = 1 - 2 * np.pi / t
        x[3] *= f
        x[4] *= f
        x[5] *= f


@njit(cache=True, fastmath=FAST, nogil=True)
def energy_and_gradient(rig, prior, stage, cams, data, x, scale, gradient):  # type: ignore[no-untyped-def]
    """Energy of one moment and its whole gradient, as the tests and the benchmark want them."""
    n = x.shape[0]
    H, h = np.zeros((n, n)), np.zeros(n)
    qv, qd, A, g = np.zeros(n - 6), np.zeros(n - 6), np.zeros((17, 6)), np.zeros((17, 3))
    pose, work = _room(rig), make_work(rig)
    energy, chosen = evaluate(rig, prior, stage, cams, data, x, scale, pose, A, g, qv, qd, work)
    normal_equations(rig, prior, stage, scale, pose, A, g, qv, qd, chosen, H, h, work)
    for i in range(n):
        gradient[i] = 2 * h[i]
    return energy
