"""Compiled sum of what surface correspondences ask of a pose."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from worker.fitting.compiled import FAST
from worker.fitting.skin import Skin, left_jacobian

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def pull_pose(
    skin: Skin, pose: Array, scale: float, vertex: Ints, A: Array, g: Array
) -> tuple[Array, Array]:
    """H (75, 75) = Σ Jᵀ A J and h (75,) = Σ Jᵀ g over vertices, by translation and pose.

    Args:
        vertex: (N,), may repeat. A: (N, 3, 3). g: (N, 3).
    """
    unique, at = np.unique(vertex, return_inverse=True)
    summed_A, summed_g = np.zeros((len(unique), 3, 3)), np.zeros((len(unique), 3))
    np.add.at(summed_A, at, A)
    np.add.at(summed_g, at, g)
    R, P, up = skin.bones(pose)
    turn = up @ left_jacobian(pose.reshape(24, 3))
    rest = skin.corrected(pose)[unique]
    H, h = np.zeros((75, 75)), np.zeros(75)
    _accumulate(
        rest,
        skin.weights[unique],
        skin.J,
        skin.parents,
        R,
        P,
        turn,
        scale,
        summed_A,
        summed_g,
        H,
        h,
    )
    return np.tril(H) + np.tril(H, -1).T, h


@njit(cache=True, fastmath=FAST, nogil=True)
def _accumulate(rest, weights, J, parents, R, P, turn, scale, A, g, H, h):  # type: ignore[no-untyped-def]
    u, beta, row = np.zeros((24, 3)), np.zeros(24), np.zeros((3, 75))
    AJ, used = np.zeros((3, 75)), np.zeros(75, np.int64)
    touched = np.zeros(24, np.bool_)
    for n in range(rest.shape[0]):
        u[:] = 0.0
        beta[:] = 0.0
        touched[:] = False
        for j in range(24):
            w = weights[n, j]
            if w < 1e-4:
                continue
            d0, d1, d2 = rest[n, 0] - J[j, 0], rest[n, 1] - J[j, 1], rest[n, 2] - J[j, 2]
            q0 = w * (P[j, 0] + R[j, 0, 0] * d0 + R[j, 0, 1] * d1 + R[j, 0, 2] * d2)
            q1 = w * (P[j, 1] + R[j, 1, 0] * d0 + R[j, 1, 1] * d1 + R[j, 1, 2] * d2)
            q2 = w * (P[j, 2] + R[j, 2, 0] * d0 + R[j, 2, 1] * d1 + R[j, 2, 2] * d2)
            m = j
            while m >= 0:
                u[m, 0] += q0
                u[m, 1] += q1
                u[m, 2] += q2
                beta[m] += w
                touched[m] = True
                m = parents[m]
        count = 3
        for i in range(3):
            used[i] = i
            for j in range(3):
                row[i, j] = 1.0 if i == j else 0.0
        for m in range(24):
            if not touched[m]:
                continue
            v0 = scale * (u[m, 0] - beta[m] * P[m, 0])
            v1 = scale * (u[m, 1] - beta[m] * P[m, 1])
            v2 = scale * (u[m, 2] - beta[m] * P[m, 2])
            for j in range(3):
                w0, w1, w2 = turn[m, 0, j], turn[m, 1, j], turn[m, 2, j]
                row[0, count] = w1 * v2 - w2 * v1
                row[1, count] = w2 * v0 - w0 * v2
                row[2, count] = w0 * v1 - w1 * v0
                used[count] = 3 + 3 * m + j
                count += 1
        for j in range(count):
            for i in range(3):
                AJ[i, j] = A[n, i, 0] * row[0, j] + A[n, i, 1] * row[1, j] + A[n, i, 2] * row[2, j]
        for i in range(count):
            r0, r1, r2 = row[0, i], row[1, i], row[2, i]
            at = used[i]
            h[at] += r0 * g[n, 0] + r1 * g[n, 1] + r2 * g[n, 2]
            for j in range(i + 1):
                H[at, used[j]] += r0 * AJ[0, j] + r1 * AJ[1, j] + r2 * AJ[2, j]
