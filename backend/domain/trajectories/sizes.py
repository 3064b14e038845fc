"""How large the infant is in the image, frame by frame."""

from __future__ import annotations

import numpy as np

from backend.domain.limbs import BONES
from backend.domain.skeleton import SIGMAS
from backend.domain.trajectories.evidence import Array, found_at

SPREAD = 2 * np.array(SIGMAS)
"""(17,) OKS's k: how far a joint may be off, as a share of the body's size."""

FILLED = 0.4
"""Share of the rectangle around the joints that an infant's body fills, about."""

SILHOUETTE = 1.35
"""And the root of the area of the whole silhouette, by which OKS is measured, is so many times the
root of that: heads, hands and feet reach beyond their joints. On rendered infants 1.2 to 1.5."""

NARROWEST = 0.2
"""A body seen along its axis still fills this share of the square of its longer side."""

_FROM = np.array([bone.ends[0] for bone in BONES])
_TO = np.array([bone.ends[1] for bone in BONES])
_SHARE = np.array([bone.stature for bone in BONES])


def frame_sizes(joints: Array) -> Array:
    """Root of the body's area (…,) from its joints (…, 17, 2), NaN joints left out; NaN where
    fewer than six are known."""
    known = found_at(joints)
    low = np.where(known[..., None], joints, np.inf).min(-2)
    high = np.where(known[..., None], joints, -np.inf).max(-2)
    enough = known.sum(-1) >= 6
    span = np.where(enough[..., None], high - low, np.nan)
    area = np.maximum(span[..., 0] * span[..., 1], NARROWEST * span.max(-1) ** 2)
    return np.asarray(np.sqrt(FILLED * area))


def statures(joints: Array) -> Array:
    """How tall a body (…,) would be stretched out, pixels, from joints (…, 17, 2); NaN unknown.

    Foreshortening makes bones look shorter, never longer: the upper quartile of bones over their
    share of the stature, as in ``candidates.apparent_stature``.
    """
    bones = np.linalg.norm(joints[..., _TO, :] - joints[..., _FROM, :], axis=-1) / _SHARE
    known = np.isfinite(bones)
    few = known.sum(-1) < 3
    ranked = np.sort(np.where(known, bones, np.inf), axis=-1)
    at = np.maximum(np.ceil(0.75 * known.sum(-1)).astype(int) - 1, 0)
    value = np.take_along_axis(ranked, at[..., None], -1)[..., 0]
    return np.asarray(np.where(few, np.nan, value))


def smooth_sizes(sizes: Array, reach: int = 15) -> Array:
    """(T,) running median of sizes with gaps, gaps filled from the nearest frames.

    Where nothing is known at all, 100 px.
    """
    n = len(sizes)
    known = np.flatnonzero(np.isfinite(sizes) & (sizes > 1))
    if not len(known):
        return np.full(n, 100.0)
    filled = np.interp(np.arange(n), known, sizes[known])
    padded = np.pad(filled, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    some = np.sort(windows[:, ::3], axis=1)
    return np.asarray((some[:, (some.shape[1] - 1) // 2] + some[:, some.shape[1] // 2]) / 2)
