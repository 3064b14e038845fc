"""Compiled forward kinematics of the joints and its exact derivative.

Axis-angle θ of a bone turns its local rotation by the left Jacobian of SO(3): a small change dθ is
the turn Jl(θ)·dθ in the parent's axes (Chirikjian 2011, §10.6), hence ω = R_parent·Jl(θ)·dθ in the
world, and a point x = Σ_j (R_j·c_j + b_j·P_j) moves by ω × (u_m − β_m·P_m), where u_m and β_m sum
over what hangs on bone m. Only the root's translation and the scale act outside of this.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from worker.fitting.compiled import FAST


@njit(cache=True, fastmath=FAST)
def forward(rig, x, scale, R, M, P, X, count):  # type: ignore[no-untyped-def]
    """Pose the bones and points.

    Args:
        rig: ``Rig.packed``.
        x: (3 + 3A,) translation in metres, then axis-angles of the active bones.
        scale: Of the body.
        R: (A, 3, 3) out, bone to world. M: (A, 3, 3) out, R_parent·Jl(θ).
        P: (A, 3) out, joints before scale and translation.
        X: (≥ count, 3) out, points in the world.
        count: How many points: 17 for the COCO joints alone, 41 with the body's.
    """
    parent, offset, entry_at, entry_bone, entry_b, entry_c = rig[:6]
    for m in range(parent.shape[0]):
        a0, a1, a2 = x[3 + 3 * m], x[4 + 3 * m], x[5 + 3 * m]
        t2 = a0 * a0 + a1 * a1 + a2 * a2
        if t2 < 1e-8:
            s1, s2, s3 = 1 - t2 / 6, 0.5 - t2 / 24, 1 / 6 - t2 / 120
        else:
            t = np.sqrt(t2)
            sine = np.sin(t)
            half = np.sin(0.5 * t)
            s1, s2 = sine / t, 2 * half * half / t2
            s3 = (t - sine) / (t2 * t)
        # I + s1 K + s2 K², K² = a aᵀ − t² I; the left Jacobian has (s2, s3) for (s1, s2).
        l00, l11, l22 = 1 - s2 * (t2 - a0 * a0), 1 - s2 * (t2 - a1 * a1), 1 - s2 * (t2 - a2 * a2)
        xy, xz, yz = a0 * a1, a0 * a2, a1 * a2
        l01, l10 = s2 * xy - s1 * a2, s2 * xy + s1 * a2
        l02, l20 = s2 * xz + s1 * a1, s2 * xz - s1 * a1
        l12, l21 = s2 * yz - s1 * a0, s2 * yz + s1 * a0
        j00, j11, j22 = 1 - s3 * (t2 - a0 * a0), 1 - s3 * (t2 - a1 * a1), 1 - s3 * (t2 - a2 * a2)
        j01, j10 = s3 * xy - s2 * a2, s3 * xy + s2 * a2
        j02, j20 = s3 * xz + s2 * a1, s3 * xz - s2 * a1
        j12, j21 = s3 * yz - s2 * a0, s3 * yz + s2 * a0
        p = parent[m]
        if p < 0:
            R[m, 0, 0], R[m, 0, 1], R[m, 0, 2] = l00, l01, l02
            R[m, 1, 0], R[m, 1, 1], R[m, 1, 2] = l10, l11, l12
            R[m, 2, 0], R[m, 2, 1], R[m, 2, 2] = l20, l21, l22
            M[m, 0, 0], M[m, 0, 1], M[m, 0, 2] = j00, j01, j02
            M[m, 1, 0], M[m, 1, 1], M[m, 1, 2] = j10, j11, j12
            M[m, 2, 0], M[m, 2, 1], M[m, 2, 2] = j20, j21, j22
            P[m, 0] = P[m, 1] = P[m, 2] = 0.0
            continue
        for i in range(3):
            r0, r1, r2 = R[p, i, 0], R[p, i, 1], R[p, i, 2]
            R[m, i, 0] = r0 * l00 + r1 * l10 + r2 * l20
            R[m, i, 1] = r0 * l01 + r1 * l11 + r2 * l21
            R[m, i, 2] = r0 * l02 + r1 * l12 + r2 * l22
            M[m, i, 0] = r0 * j00 + r1 * j10 + r2 * j20
            M[m, i, 1] = r0 * j01 + r1 * j11 + r2 * j21
            M[m, i, 2] = r0 * j02 + r1 * j12 + r2 * j22
            P[m, i] = P[p, i] + r0 * offset[m, 0] + r1 * offset[m, 1] + r2 * offset[m, 2]
    for k in range(count):
        for i in range(3):
            total = 0.0
            for e in range(entry_at[k], entry_at[k + 1]):
                m = entry_bone[e]
                total += entry_b[e] * P[m, i] + (
                    R[m, i, 0] * entry_c[e, 0]
                    + R[m, i, 1] * entry_c[e, 1]
                    + R[m, i, 2] * entry_c[e, 2]
                )
            X[k, i] = x[i] + scale * total


@njit(cache=True, fastmath=FAST)
def derivative(rig, k, scale, R, M, P, bones, n_bones, place, u, beta, J, row):  # type: ignore[no-untyped-def]
    """Three rows of the derivative of point k by (translation, bones of a group).

    Args:
        bones, n_bones: The group's active bones. place: (A,) their column in it.
        u: (A, 3), beta: (A,): room for sums.
        J: (rows, 3 + 3·n_bones) out. row: First of the three rows.
    """
    parent, _, entry_at, entry_bone, entry_b, entry_c = rig[:6]
    for n in range(n_bones):
        u[n, 0] = u[n, 1] = u[n, 2] = beta[n] = 0.0
    for e in range(entry_at[k], entry_at[k + 1]):
        m = entry_bone[e]
        b, c0, c1, c2 = entry_b[e], entry_c[e, 0], entry_c[e, 1], entry_c[e, 2]
        q0 = b * P[m, 0] + R[m, 0, 0] * c0 + R[m, 0, 1] * c1 + R[m, 0, 2] * c2
        q1 = b * P[m, 1] + R[m, 1, 0] * c0 + R[m, 1, 1] * c1 + R[m, 1, 2] * c2
        q2 = b * P[m, 2] + R[m, 2, 0] * c0 + R[m, 2, 1] * c1 + R[m, 2, 2] * c2
        while m >= 0:
            n = place[m]
            u[n, 0] += q0
            u[n, 1] += q1
            u[n, 2] += q2
            beta[n] += b
            m = parent[m]
    for i in range(3):
        for j in range(3):
            J[row + i, j] = 1.0 if i == j else 0.0
    for n in range(n_bones):
        m = bones[n]
        v0 = scale * (u[n, 0] - beta[n] * P[m, 0])
        v1 = scale * (u[n, 1] - beta[n] * P[m, 1])
        v2 = scale * (u[n, 2] - beta[n] * P[m, 2])
        for j in range(3):
            w0, w1, w2 = M[m, 0, j], M[m, 1, j], M[m, 2, j]
            at = 3 + 3 * n + j
            J[row, at] = w1 * v2 - w2 * v1
            J[row + 1, at] = w2 * v0 - w0 * v2
            J[row + 2, at] = w0 * v1 - w1 * v0


@njit(cache=True, fastmath=FAST, nogil=True)
def joint_frames(rig, x, scale, frames):  # type: ignore[no-untyped-def]
    """Axes (T, 17, 3, 3) of the bone that carries most of each COCO joint. x: (T, 3 + 3A)."""
    bones = rig[0].shape[0]
    R, M, P = np.empty((bones, 3, 3)), np.empty((bones, 3, 3)), np.empty((bones, 3))
    X = np.empty((17, 3))
    entry_at, entry_bone, entry_b = rig[2], rig[3], rig[4]
    for t in range(x.shape[0]):
        forward(rig, x[t], scale, R, M, P, X, 17)
        for k in range(17):
            main = entry_at[k]
            for e in range(entry_at[k], entry_at[k + 1]):
                if abs(entry_b[e]) > abs(entry_b[main]):
                    main = e
            frames[t, k] = R[entry_bone[main]]


@njit(cache=True, fastmath=FAST, nogil=True)
def pose_points(rig, x, scale, X):  # type: ignore[no-untyped-def]
    """Points (T, 41, 3) of many moments: 17 COCO joints, then the body's 24. x: (T, 3 + 3A)."""
    bones = rig[0].shape[0]
    R, M, P = np.empty((bones, 3, 3)), np.empty((bones, 3, 3)), np.empty((bones, 3))
    for t in range(x.shape[0]):
        forward(rig, x[t], scale[t], R, M, P, X[t], X.shape[1])
