"""Distances between bodies in 3D, as the field reports them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

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


def similarities(
    source: Float[Array, "n j 3"], target: Float[Array, "n j 3"], known: Bool[Flags, "n j"]
) -> tuple[Float[Array, " n"], Float[Array, "n 3 3"], Float[Array, "n 3"]]:
    """:func:`similarity` of many sets of points at once.

    Args:
        source: (N, J, 3).
        target: (N, J, 3).
        known: (N, J) points that take part.

    Returns:
        Scales (N,), rotations (N, 3, 3), translations (N, 3); NaN where fewer than three points
        take part.
    """
    count = known.sum(axis=1)
    weight = known[..., None] / np.maximum(count, 1)[:, None, None]
    s, t = np.where(known[..., None], source, 0.0), np.where(known[..., None], target, 0.0)
    ms, mt = (weight * s).sum(axis=1), (weight * t).sum(axis=1)
    ds = np.where(known[..., None], s - ms[:, None], 0.0)
    dt = np.where(known[..., None], t - mt[:, None], 0.0)
    U, D, Vt = np.linalg.svd(dt.transpose(0, 2, 1) @ ds)
    S = np.ones((len(s), 3))
    S[:, 2] = np.sign(np.linalg.det(U @ Vt))
    R = (U * S[:, None, :]) @ Vt
    scale = (D * S).sum(axis=1) / np.maximum((ds**2).sum(axis=(1, 2)), 1e-12)
    scale = np.where(count >= 3, scale, np.nan)
    return scale, R, mt - scale[:, None] * (R @ ms[..., None])[..., 0]


def pa_mpjpe(
    predicted: Float[Array, "*n joints 3"], true: Float[Array, "*n joints 3"]
) -> Float[Array, "*n"]:
    """MPJPE after similarity Procrustes with scale, millimetres (as in 4D-Humans).

    Args:
        predicted: (…, 17, 3) metres.
        true: (…, 17, 3) metres; NaN joints are left out.

    Returns:
        (…,) millimetres; NaN where fewer than three joints are known.
    """
    p, t = np.asarray(predicted, float), np.asarray(true, float)
    flat_p, flat_t = p.reshape(-1, *p.shape[-2:]), t.reshape(-1, *t.shape[-2:])
    known = np.isfinite(flat_p).all(-1) & np.isfinite(flat_t).all(-1)
    scale, R, at = similarities(flat_p, flat_t, known)
    moved = scale[:, None, None] * flat_p @ R.transpose(0, 2, 1) + at[:, None]
    error = np.where(known, np.linalg.norm(moved - flat_t, axis=-1), 0.0)
    mean = error.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.asarray(1000 * np.where(known.sum(axis=1) >= 3, mean, np.nan)).reshape(p.shape[:-2])
