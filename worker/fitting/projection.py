"""Compiled projection with its derivative, and the views of a joint as one information matrix.

The same models as :mod:`backend.domain.cameras`, which the tests hold them against: pinhole with
Brown's distortion in OpenCV's order, and the Kannala–Brandt fisheye.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backend.domain.cameras import Camera, Lens
from worker.fitting.compiled import FAST

Array = NDArray[np.float64]

PACKED = 26
"""Numbers of a packed camera: fx, skew, fy, cx, cy, R (9), t (3), distortion (8), fisheye."""

NEAR_M = 0.02
"""Points closer to the camera plane than this, or behind it, have no projection."""


def pack(cameras: Sequence[Camera]) -> Array:
    """Cameras as (C, 26) numbers for the compiled functions."""
    out = np.zeros((len(cameras), PACKED))
    for row, camera in zip(out, cameras, strict=True):
        K, T = camera.K, camera.pose
        row[:5] = K[0, 0], K[0, 1], K[1, 1], K[0, 2], K[1, 2]
        row[5:14] = T[:3, :3].reshape(-1)
        row[14:17] = T[:3, 3]
        row[17 : 17 + len(camera.distortion)] = camera.distortion
        row[25] = camera.lens is Lens.FISHEYE
    return out


@njit(cache=True, fastmath=FAST, inline="always")
def bend(cam, x, y):  # type: ignore[no-untyped-def]
    """Distort ideal (x, y); returns the bent point and its 2×2 derivative."""
    if cam[25] > 0.5:
        r2 = x * x + y * y
        r = np.sqrt(r2)
        if r < 1e-8:
            return x, y, 1.0, 0.0, 0.0, 1.0
        theta = np.arctan(r)
        t2 = theta * theta
        d = theta * (1 + t2 * (cam[17] + t2 * (cam[18] + t2 * (cam[19] + t2 * cam[20]))))
        dd = 1 + t2 * (3 * cam[17] + t2 * (5 * cam[18] + t2 * (7 * cam[19] + t2 * 9 * cam[20])))
        f = d / r
        slope = (dd / (1 + r2) - f) / r2
        return x * f, y * f, f + slope * x * x, slope * x * y, slope * x * y, f + slope * y * y
    k1, k2, p1, p2 = cam[17], cam[18], cam[19], cam[20]
    k3, k4, k5, k6 = cam[21], cam[22], cam[23], cam[24]
    r2 = x * x + y * y
    top = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    low = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    f = top / low
    # Derivative of the radial factor with respect to r², times two.
    df = 2 * ((k1 + r2 * (2 * k2 + 3 * r2 * k3)) - f * (k4 + r2 * (2 * k5 + 3 * r2 * k6))) / low
    u = x * f + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
    v = y * f + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
    ux = f + x * x * df + 2 * p1 * y + 6 * p2 * x
    uy = x * y * df + 2 * p1 * x + 2 * p2 * y
    vy = f + y * y * df + 6 * p1 * y + 2 * p2 * x
    return u, v, ux, uy, uy, vy


@njit(cache=True, fastmath=FAST, inline="always")
def project_one(cam, X):  # type: ignore[no-untyped-def]
    """Pixel (u, v) of a world point, the rows of its derivative, and whether it is in front."""
    x = cam[5] * X[0] + cam[6] * X[1] + cam[7] * X[2] + cam[14]
    y = cam[8] * X[0] + cam[9] * X[1] + cam[10] * X[2] + cam[15]
    z = cam[11] * X[0] + cam[12] * X[1] + cam[13] * X[2] + cam[16]
    ok = z > NEAR_M
    iz = 1.0 / z if ok else 1.0
    a, b = x * iz, y * iz
    u, v, ux, uy, vx, vy = bend(cam, a, b)
    px = cam[0] * u + cam[1] * v + cam[3]
    py = cam[2] * v + cam[4]
    # Derivative by the ideal point, then by the camera point, then by the world point.
    pa, pb = cam[0] * ux + cam[1] * vx, cam[0] * uy + cam[1] * vy
    qa, qb = cam[2] * vx, cam[2] * vy
    pc, qc = -(pa * a + pb * b), -(qa * a + qb * b)
    p0 = iz * (pa * cam[5] + pb * cam[8] + pc * cam[11])
    p1 = iz * (pa * cam[6] + pb * cam[9] + pc * cam[12])
    p2 = iz * (pa * cam[7] + pb * cam[10] + pc * cam[13])
    q0 = iz * (qa * cam[5] + qb * cam[8] + qc * cam[11])
    q1 = iz * (qa * cam[6] + qb * cam[9] + qc * cam[12])
    q2 = iz * (qa * cam[7] + qb * cam[10] + qc * cam[13])
    return px, py, p0, p1, p2, q0, q1, q2, ok


@njit(cache=True, fastmath=FAST)
def collapse_views(cams, obs, w2, X, rho2, A, g):  # type: ignore[no-untyped-def]
    """All views of each point as one information matrix.

    Geman–McClure by iterated reweighting: with e = ρ²r²/(ρ²+r²), de/d(r²) = (ρ²/(ρ²+r²))². A point
    behind a camera costs the most it can, ρ², and pulls nowhere.

    Args:
        cams: (C, 26) packed cameras. obs: (C, K, 2) px. w2: (C, K) squared weights, 0 for none.
        X: (K, 3) metres. rho2: ρ² in px².
        A: (K, 6) out: xx, xy, xz, yy, yz, zz of Σ w²·e'·PᵀP.
        g: (K, 3) out: Σ w²·e'·Pᵀr, half the gradient.

    Returns:
        Σ w²·e.
    """
    energy = 0.0
    for k in range(X.shape[0]):
        a0 = a1 = a2 = a3 = a4 = a5 = 0.0
        g0 = g1 = g2 = 0.0
        for c in range(cams.shape[0]):
            w = w2[c, k]
            if w == 0.0:
                continue
            px, py, p0, p1, p2, q0, q1, q2, ok = project_one(cams[c], X[k])
            if not ok:
                energy += w * rho2
                continue
            rx, ry = px - obs[c, k, 0], py - obs[c, k, 1]
            r2 = rx * rx + ry * ry
            t = rho2 / (rho2 + r2)
            energy += w * t * r2
            f = w * t * t
            a0 += f * (p0 * p0 + q0 * q0)
            a1 += f * (p0 * p1 + q0 * q1)
            a2 += f * (p0 * p2 + q0 * q2)
            a3 += f * (p1 * p1 + q1 * q1)
            a4 += f * (p1 * p2 + q1 * q2)
            a5 += f * (p2 * p2 + q2 * q2)
            g0 += f * (p0 * rx + q0 * ry)
            g1 += f * (p1 * rx + q1 * ry)
            g2 += f * (p2 * rx + q2 * ry)
        A[k, 0], A[k, 1], A[k, 2], A[k, 3], A[k, 4], A[k, 5] = a0, a1, a2, a3, a4, a5
        g[k, 0], g[k, 1], g[k, 2] = g0, g1, g2
    return energy


def project_points(camera: Camera, points: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Pixels (N, 2), their derivative (N, 2, 3) per metre, and which points are in front (N,)."""
    pixels, D = np.empty((len(points), 2)), np.empty((len(points), 2, 3))
    front = np.empty(len(points), np.bool_)
    _project_many(pack([camera])[0], np.ascontiguousarray(points, float), pixels, D, front)
    return pixels, D, front


@njit(cache=True, fastmath=FAST, nogil=True)
def _project_many(cam, X, pixels, D, front):  # type: ignore[no-untyped-def]
    for n in range(X.shape[0]):
        px, py, p0, p1, p2, q0, q1, q2, ok = project_one(cam, X[n])
        pixels[n, 0], pixels[n, 1], front[n] = px, py, ok
        D[n, 0, 0], D[n, 0, 1], D[n, 0, 2] = p0, p1, p2
        D[n, 1, 0], D[n, 1, 1], D[n, 1, 2] = q0, q1, q2


@njit(cache=True, fastmath=FAST, nogil=True)
def errors_px(cams, obs, w2, X, out):  # type: ignore[no-untyped-def]
    """Reprojection errors (T, C, K) px of points (T, K, 3); NaN where there is no joint."""
    for t in range(X.shape[0]):
        for c in range(cams.shape[0]):
            for k in range(X.shape[1]):
                out[t, c, k] = np.nan
                if w2[t, c, k] > 0:
                    px, py, _, _, _, _, _, _, ok = project_one(cams[c], X[t, k])
                    rx, ry = px - obs[t, c, k, 0], py - obs[t, c, k, 1]
                    out[t, c, k] = np.sqrt(rx * rx + ry * ry) if ok else np.inf
