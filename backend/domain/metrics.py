"""Distances between bodies in 3D, as the field reports them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

Array = NDArray[np.float64]

_HIPS = (11, 12)


def mpjpe(predicted: Float[Array, "*n 17 3"], true: Float[Array, "*n 17 3"]) -> Float[Array, "*n"]:
    """Mean per-joint position error after bringing the pelvises together (Ionescu et al. 2014).

    Args:
        predicted: (…, 17, 3) COCO joints, metres.
        true: (…, 17, 3); NaN joints are left out.

    Returns:
        (…,) millimetres. The pelvis is the middle of the hips.
    """
    p, t = np.asarray(predicted, float), np.asarray(true, float)
    p = p - p[..., _HIPS, :].mean(axis=-2, keepdims=True)
    t = t - t[..., _HIPS, :].mean(axis=-2, keepdims=True)
    return np.asarray(1000 * np.nanmean(np.linalg.norm(p - t, axis=-1), axis=-1))


def similarity(
    source: Float[Array, "n 3"], target: Float[Array, "n 3"]
) -> tuple[float, Float[Array, "3 3"], Float[Array, "3"]]:
    """Scale, rotation (3, 3) and translation (3,) that bring points (N, 3) nearest to others.

    Umeyama (1991), without mirroring.
    """
    s, t = np.asarray(source, float), np.asarray(target, float)
    ms, mt = s.mean(axis=0), t.mean(axis=0)
    U, D, Vt = np.linalg.svd((t - mt).T @ (s - ms))
    S = np.array([1.0, 1.0, np.sign(np.linalg.det(U @ Vt))])
    R = U @ np.diag(S) @ Vt
    scale = float((D * S).sum() / max(((s - ms) ** 2).sum(), 1e-12))
    return scale, R, mt - scale * R @ ms


def pa_mpjpe(
    predicted: Float[Array, "*n joints 3"], true: Float[Array, "*n joints 3"]
) -> Float[Array, "*n"]:
    """MPJPE after similarity Procrustes with scale, millimetres (as in 4D-Humans).

    Args:
        predicted: (…, 17, 3) metres.
        true: (…, 17, 3) metres; NaN joints are left out.

    Returns:
        (…,) millimetres.
    """
    p, t = np.asarray(predicted, float), np.asarray(true, float)
    flat_p, flat_t = p.reshape(-1, *p.shape[-2:]), t.reshape(-1, *t.shape[-2:])
    out = np.empty(len(flat_p))
    for i, (a, b) in enumerate(zip(flat_p, flat_t, strict=True)):
        known = np.isfinite(a).all(-1) & np.isfinite(b).all(-1)
        scale, R, at = similarity(a[known], b[known])
        out[i] = 1000 * np.linalg.norm(scale * a[known] @ R.T + at - b[known], axis=-1).mean()
    return out.reshape(p.shape[:-2])
