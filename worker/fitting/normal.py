"""Compiled normal equations of one moment: sparse by groups of joints, solved by Cholesky."""

from __future__ import annotations

import numpy as np
from numba import njit

from worker.fitting.compiled import FAST
from worker.fitting.kinematics import derivative


@njit(cache=True, fastmath=FAST)
def add_joints(rig, scale, R, M, P, A, g, H, h, work):  # type: ignore[no-untyped-def]
    """Add Σ_k J_kᵀ A_k J_k to the lower triangle of H and Σ_k J_kᵀ g_k to h.

    Joints of a group (an arm, a leg, the head) move with the same bones, so that their block is
    summed densely and written once.
    """
    group_joints, n_joints, group_bones, n_bones = rig[6:10]
    place, u, beta, J, W, G = work
    for group in range(group_joints.shape[0]):
        bones, count = group_bones[group], n_bones[group]
        cols = 3 + 3 * count
        for n in range(count):
            place[bones[n]] = n
        for i in range(cols):
            for j in range(i + 1):
                G[i, j] = 0.0
        for member in range(n_joints[group]):
            k = group_joints[group, member]
            a0, a1, a2, a3, a4, a5 = A[k, 0], A[k, 1], A[k, 2], A[k, 3], A[k, 4], A[k, 5]
            if a0 + a3 + a5 == 0.0:
                continue
            derivative(rig, k, scale, R, M, P, bones, count, place, u, beta, J, 0)
            for j in range(cols):
                j0, j1, j2 = J[0, j], J[1, j], J[2, j]
                W[0, j] = a0 * j0 + a1 * j1 + a2 * j2
                W[1, j] = a1 * j0 + a3 * j1 + a4 * j2
                W[2, j] = a2 * j0 + a4 * j1 + a5 * j2
            g0, g1, g2 = g[k, 0], g[k, 1], g[k, 2]
            for i in range(cols):
                j0, j1, j2 = J[0, i], J[1, i], J[2, i]
                at = i if i < 3 else 3 * bones[i // 3 - 1] + 3 + i % 3
                h[at] += j0 * g0 + j1 * g1 + j2 * g2
                for j in range(i + 1):
                    G[i, j] += j0 * W[0, j] + j1 * W[1, j] + j2 * W[2, j]
        for i in range(cols):
            row = i if i < 3 else 3 * bones[i // 3 - 1] + 3 + i % 3
            for j in range(min(3, i + 1)):
                H[row, j] += G[i, j]
            for n in range(1, i // 3 + 1):
                at = 3 * bones[n - 1] + 3
                for j in range(min(3, i + 1 - 3 * n)):
                    H[row, at + j] += G[i, 3 * n + j]


@njit(cache=True, fastmath=FAST)
def add_collisions(rig, scale, R, M, P, X, weight, H, h, work, solve):  # type: ignore[no-untyped-def]
    """Overlapping limbs: weight·Σ max(0, r_a + r_b − distance)²; adds to H and h if ``solve``.

    Returns:
        The energy and how many pairs overlap.
    """
    ends, pairs, radius = rig[10:13]
    parent = rig[0]
    place, u, beta, J = work[:4]
    energy, count = 0.0, 0
    for pair in range(pairs.shape[0]):
        a, b = pairs[pair, 0], pairs[pair, 1]
        p0, p1, q0, q1 = ends[a, 0], ends[a, 1], ends[b, 0], ends[b, 1]
        s, t, d2 = closest(X, p0, p1, q0, q1)
        reach = scale * (radius[a] + radius[b])
        if d2 >= reach * reach or d2 < 1e-10:
            continue
        d = np.sqrt(d2)
        over = reach - d
        energy += weight * over * over
        count += 1
        if not solve:
            continue
        n = h.shape[0]
        bones = parent.shape[0]
        row = np.zeros(n)
        for end in range(4):
            k = (p0, p1, q0, q1)[end]
            share = (1 - s, s, -(1 - t), -t)[end] / d
            if share == 0.0:
                continue
            for m in range(bones):
                place[m] = m
            derivative(rig, k, scale, R, M, P, place, bones, place, u, beta, J, 0)
            for i in range(3):
                apart = (
                    (1 - s) * X[p0, i] + s * X[p1, i] - (1 - t) * X[q0, i] - t * X[q1, i]
                ) * share
                for j in range(n):
                    row[j] += apart * J[i, j]
        for i in range(n):
            h[i] -= weight * over * row[i]
            for j in range(i + 1):
                H[i, j] += weight * row[i] * row[j]
    return energy, count


@njit(cache=True, fastmath=FAST)
def closest(X, p0, p1, q0, q1):  # type: ignore[no-untyped-def]
    """Where two segments come closest: shares along each and the squared distance.

    After Ericson, Real-Time Collision Detection (2005), §5.1.9; a segment may be a point.
    """
    aa = ab = bb = ar = br = 0.0
    for i in range(3):
        d1, d2, r = X[p1, i] - X[p0, i], X[q1, i] - X[q0, i], X[p0, i] - X[q0, i]
        aa += d1 * d1
        ab += d1 * d2
        bb += d2 * d2
        ar += d1 * r
        br += d2 * r
    s = t = 0.0
    if aa > 1e-12 and bb > 1e-12:
        det = aa * bb - ab * ab
        if det > 1e-12 * aa * bb:
            s = min(1.0, max(0.0, (ab * br - ar * bb) / det))
        t = (ab * s + br) / bb
        if t < 0:
            t, s = 0.0, min(1.0, max(0.0, -ar / aa))
        elif t > 1:
            t, s = 1.0, min(1.0, max(0.0, (ab - ar) / aa))
    elif aa > 1e-12:
        s = min(1.0, max(0.0, -ar / aa))
    elif bb > 1e-12:
        t = min(1.0, max(0.0, br / bb))
    total = 0.0
    for i in range(3):
        d = (1 - s) * X[p0, i] + s * X[p1, i] - (1 - t) * X[q0, i] - t * X[q1, i]
        total += d * d
    return s, t, total


@njit(cache=True, fastmath=FAST)
def solve_damped(H, h, mu, L, step):  # type: ignore[no-untyped-def]
    """Solve (H + mu·diag H)·step = −h by Cholesky; False where that is not positive definite."""
    n = h.shape[0]
    for i in range(n):
        for j in range(i):
            total = H[i, j]
            for k in range(j):
                total -= L[i, k] * L[j, k]
            L[i, j] = total / L[j, j]
        total = H[i, i] * (1 + mu) + 1e-9
        for k in range(i):
            total -= L[i, k] * L[i, k]
        if not total > 0:
            return False
        L[i, i] = np.sqrt(total)
    for i in range(n):
        total = -h[i]
        for k in range(i):
            total -= L[i, k] * step[k]
        step[i] = total / L[i, i]
    for i in range(n - 1, -1, -1):
        value = step[i] / L[i, i]
        step[i] = value
        for k in range(i):
            step[k] -= L[i, k] * value
    return True
