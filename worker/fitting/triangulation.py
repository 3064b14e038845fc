"""Compiled robust triangulation of all joints of all moments: the start of a fit.

:mod:`backend.domain.cameras` holds the careful version for single points; this one only has to be
fast and within a few millimetres.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from worker.fitting.compiled import FAST
from worker.fitting.projection import bend, project_one


@njit(cache=True, fastmath=FAST)
def ray(cam, u, v, out):  # type: ignore[no-untyped-def]
    """Unit direction in the world along which a pixel looks."""
    b = (v - cam[4]) / cam[2]
    a = (u - cam[3] - cam[1] * b) / cam[0]
    x, y = a, b
    if cam[25] > 0.5:
        # Equidistant start: theta is about the bent radius.
        r = np.sqrt(a * a + b * b)
        f = np.tan(min(r, 1.5)) / r if r > 1e-9 else 1.0
        x, y = a * f, b * f
    for _ in range(12):
        fx, fy, xx, xy, yx, yy = bend(cam, x, y)
        ex, ey = fx - a, fy - b
        if ex * ex + ey * ey < 1e-18:
            break
        det = xx * yy - xy * yx
        if abs(det) < 1e-3:
            break
        x -= (yy * ex - xy * ey) / det
        y -= (xx * ey - yx * ex) / det
    length = np.sqrt(x * x + y * y + 1)
    for i in range(3):
        out[i] = (cam[5 + i] * x + cam[8 + i] * y + cam[11 + i]) / length


@njit(cache=True, fastmath=FAST)
def _meet(centres, rays, weights, X):  # type: ignore[no-untyped-def]
    """Point nearest to weighted rays; False where they are (nearly) parallel."""
    a00 = a01 = a02 = a11 = a12 = a22 = b0 = b1 = b2 = total = 0.0
    for c in range(rays.shape[0]):
        w = weights[c]
        if w == 0:
            continue
        d0, d1, d2 = rays[c, 0], rays[c, 1], rays[c, 2]
        m00, m01, m02 = w * (1 - d0 * d0), -w * d0 * d1, -w * d0 * d2
        m11, m12, m22 = w * (1 - d1 * d1), -w * d1 * d2, w * (1 - d2 * d2)
        o0, o1, o2 = centres[c, 0], centres[c, 1], centres[c, 2]
        a00 += m00
        a01 += m01
        a02 += m02
        a11 += m11
        a12 += m12
        a22 += m22
        b0 += m00 * o0 + m01 * o1 + m02 * o2
        b1 += m01 * o0 + m11 * o1 + m12 * o2
        b2 += m02 * o0 + m12 * o1 + m22 * o2
        total += w
    c00, c01, c02 = a11 * a22 - a12 * a12, a02 * a12 - a01 * a22, a01 * a12 - a02 * a11
    det = a00 * c00 + a01 * c01 + a02 * c02
    # Two rays that meet at an angle φ have det ≈ 2 sin²φ for unit weights; below 2° no depth.
    if det < 2e-3 * total * total * total / 8:
        return False
    X[0] = (c00 * b0 + c01 * b1 + c02 * b2) / det
    X[1] = (c01 * b0 + (a00 * a22 - a02 * a02) * b1 + (a01 * a02 - a00 * a12) * b2) / det
    X[2] = (c02 * b0 + (a01 * a02 - a00 * a12) * b1 + (a00 * a11 - a01 * a01) * b2) / det
    return True


@njit(cache=True, fastmath=FAST)
def _cost(cams, obs, w2, k, X, rho2):  # type: ignore[no-untyped-def]
    """Robust cost of a point and its worst error² px."""
    total = worst = 0.0
    for c in range(cams.shape[0]):
        if w2[c, k] > 0:
            u, v, _, _, _, _, _, _, ok = project_one(cams[c], X)
            r2 = (u - obs[c, k, 0]) ** 2 + (v - obs[c, k, 1]) ** 2 if ok else 1e12
            total += w2[c, k] * rho2 * r2 / (rho2 + r2)
            worst = max(worst, r2)
    return total, worst


@njit(cache=True, fastmath=FAST, nogil=True)
def triangulate_all(cams, obs, w2, rho_px, X, seen):  # type: ignore[no-untyped-def]
    """Joints (T, 17, 3) from all views; where views disagree, the pair that most agree with.

    Args:
        cams: (C, 26). obs: (T, C, 17, 2). w2: (T, C, 17), 0 for none. rho_px: what disagreeing
            means. X: (T, 17, 3) out, NaN where fewer than two views see the joint. seen: (T, 17)
            out, how many views agree (within 2ρ), 0 where there is no point.
    """
    n = cams.shape[0]
    centres, rays = np.empty((n, 3)), np.empty((n, 3))
    weights, pair, best = np.empty(n), np.empty(n), np.empty(3)
    rho2 = rho_px * rho_px
    for c in range(n):
        for i in range(3):
            centres[c, i] = -(
                cams[c, 5 + i] * cams[c, 14]
                + cams[c, 8 + i] * cams[c, 15]
                + cams[c, 11 + i] * cams[c, 16]
            )
    for t in range(obs.shape[0]):
        for k in range(17):
            count = 0
            for c in range(n):
                weights[c] = w2[t, c, k]
                if weights[c] > 0:
                    ray(cams[c], obs[t, c, k, 0], obs[t, c, k, 1], rays[c])
                    count += 1
            X[t, k] = np.nan
            seen[t, k] = 0
            if count < 2:
                continue
            found = _meet(centres, rays, weights, best)
            cost, worst = _cost(cams, obs[t], w2[t], k, best, rho2) if found else (np.inf, np.inf)
            if worst > rho2 and count > 2:
                for i in range(n):
                    for j in range(i):
                        if weights[i] == 0 or weights[j] == 0:
                            continue
                        pair[:] = 0.0
                        pair[i] = pair[j] = 1.0
                        if not _meet(centres, rays, pair, X[t, k]):
                            continue
                        other, _ = _cost(cams, obs[t], w2[t], k, X[t, k], rho2)
                        if other < cost:
                            cost, found = other, True
                            best[:] = X[t, k]
                if found:
                    # Once more with all the views that agree.
                    for c in range(n):
                        pair[c] = 0.0
                        if weights[c] > 0:
                            u, v, _, _, _, _, _, _, ok = project_one(cams[c], best)
                            r2 = (u - obs[t, c, k, 0]) ** 2 + (v - obs[t, c, k, 1]) ** 2
                            pair[c] = weights[c] if ok and r2 < 4 * rho2 else 0.0
                    if _meet(centres, rays, pair, X[t, k]):
                        other, _ = _cost(cams, obs[t], w2[t], k, X[t, k], rho2)
                        if other < cost:
                            best[:] = X[t, k]
            if not found:
                X[t, k] = np.nan
                continue
            X[t, k] = best
            for c in range(n):
                if weights[c] > 0:
                    u, v, _, _, _, _, _, _, ok = project_one(cams[c], best)
                    r2 = (u - obs[t, c, k, 0]) ** 2 + (v - obs[t, c, k, 1]) ** 2
                    if ok and r2 < 4 * rho2:
                        seen[t, k] += 1
