"""Points seen by cameras, many moments at once: ``projection`` in torch."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from worker.fitting.projection import NEAR_M


def views(
    cams: Float[Tensor, "c 26"], obs: Float[Tensor, "n c k 2"], w2: Float[Tensor, "n c k"],
    X: Float[Tensor, "n k 3"], rho2: float,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Geman–McClure energy (N,) of all views, information (N, K, 3, 3) and half gradient (N, K, 3).

    A point behind a camera costs the most it can, ρ², and pulls nowhere.
    """
    pixels, P, front = project(cams, X)
    r = pixels - obs
    r2 = (r * r).sum(-1)
    t = rho2 / (rho2 + r2)
    given = w2 > 0
    energy = torch.where(front, t * r2, torch.full_like(r2, rho2))
    total = torch.where(given, w2 * energy, torch.zeros_like(r2)).sum((1, 2))
    f = torch.where(given & front, w2 * t * t, torch.zeros_like(r2))
    fP = f[..., None, None] * P
    A = torch.einsum("nckia,nckib->nkab", fP, P)
    g = torch.einsum("nckia,ncki->nka", fP, r)
    return total, A, g


def project(cams: Tensor, X: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Pixels (N, C, K, 2), their derivative by the point (N, C, K, 2, 3), and what is in front."""
    R = cams[:, 5:14].reshape(-1, 3, 3)
    local = torch.einsum("cij,nkj->ncki", R, X) + cams[:, None, 14:17]
    z = local[..., 2]
    front = z > NEAR_M
    iz = torch.where(front, 1 / torch.where(front, z, torch.ones_like(z)), torch.ones_like(z))
    a, b = local[..., 0] * iz, local[..., 1] * iz
    u, v, ux, uy, vx, vy = _bend(cams, a, b)
    fx, skew, fy, cx, cy = (cams[:, i, None] for i in range(5))
    pixels = torch.stack([fx * u + skew * v + cx, fy * v + cy], -1)
    pa, pb = fx * ux + skew * vx, fx * uy + skew * vy
    qa, qb = fy * vx, fy * vy
    rows = torch.stack(
        [torch.stack([pa, pb, -(pa * a + pb * b)], -1),
         torch.stack([qa, qb, -(qa * a + qb * b)], -1)], -2,
    )  # fmt: skip
    return pixels, iz[..., None, None] * torch.einsum("nckij,cjl->nckil", rows, R), front


def _bend(cams: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    """Distort ideal (x, y) of each camera; the bent point and its 2 × 2 derivative."""
    k1, k2, p1, p2, k3, k4, k5, k6 = (cams[:, i, None] for i in range(17, 25))
    r2 = x * x + y * y
    top = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    low = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    f = top / low
    df = 2 * ((k1 + r2 * (2 * k2 + 3 * r2 * k3)) - f * (k4 + r2 * (2 * k5 + 3 * r2 * k6))) / low
    cross = x * y * df + 2 * p1 * x + 2 * p2 * y
    brown = (
        x * f + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
        y * f + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
        f + x * x * df + 2 * p1 * y + 6 * p2 * x,
        cross, cross,
        f + y * y * df + 6 * p1 * y + 2 * p2 * x,
    )  # fmt: skip
    fisheye = cams[:, 25, None] > 0.5
    if not bool(fisheye.any()):
        return brown
    r = r2.sqrt()
    middle = r < 1e-8
    safe = torch.where(middle, torch.ones_like(r), r)
    theta = torch.arctan(safe)
    t2 = theta * theta
    d = theta * (1 + t2 * (k1 + t2 * (k2 + t2 * (p1 + t2 * p2))))
    dd = 1 + t2 * (3 * k1 + t2 * (5 * k2 + t2 * (7 * p1 + t2 * 9 * p2)))
    one, zero = torch.ones_like(r), torch.zeros_like(r)
    g = torch.where(middle, one, d / safe)
    slope = torch.where(middle, zero, (dd / (1 + r2) - d / safe) / (safe * safe))
    wide = (
        x * g, y * g, g + slope * x * x, slope * x * y, slope * x * y, g + slope * y * y,
    )  # fmt: skip
    return tuple(torch.where(fisheye, w, n) for w, n in zip(wide, brown, strict=True))
