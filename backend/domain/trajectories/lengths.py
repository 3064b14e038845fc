"""The infant's own limbs: bones do not change their length from frame to frame.

Lengths are read from the whole session, where errors of single views and stretches average out;
then each moment's joints are drawn to them, each as far as it is unsure along the bone (the update
of an extended Kalman filter for one soft constraint after the other; Simon 2010, *Kalman filtering
with state constraints*).
"""

from __future__ import annotations

import numpy as np

from backend.domain.limbs import BONES
from backend.domain.trajectories.evidence import Array

_GIVES = 0.07
"""Deviation of a bone's length, as a share of it: joints are seen on the skin, not in the bone, and
a spine bends."""

_FINEST = 1e-8
"""Square metres below which no length is certain."""

_LEAST = 30
"""Moments from which lengths are read."""


def lengths_of(joints: Array) -> Array | None:
    """(B,) lengths of ``limbs.BONES``, from joints (M, 17, 3); None for too few moments."""
    if len(joints) < _LEAST:
        return None
    found = [np.linalg.norm(joints[:, a] - joints[:, b], axis=-1) for a, b in _ENDS]
    with np.errstate(all="ignore"):
        return np.asarray(np.nanmedian(np.stack(found, -1), axis=0))


def drawn_to(joints: Array, covariance: Array, lengths: Array) -> tuple[Array, Array]:
    """Joints (M, 17, 3) and their covariances (M, 17, 3, 3), with bones nearer to lengths (B,)."""
    out, left = joints.copy(), covariance.copy()
    for (a, b), length in zip(_ENDS, lengths, strict=True):
        apart = out[:, a] - out[:, b]
        now = np.linalg.norm(apart, axis=-1)
        known = np.isfinite(now) & bool(np.isfinite(length))
        along = np.where(known[:, None], apart / np.maximum(now, 1e-6)[:, None], 0.0)
        pull_a = np.einsum("mij,mj->mi", left[:, a], along)
        pull_b = np.einsum("mij,mj->mi", left[:, b], along)
        total = ((pull_a + pull_b) * along).sum(-1) + np.fmax((_GIVES * length) ** 2, _FINEST)
        share = np.where(known, (now - length) / total, 0.0)[:, None]
        out[:, a] -= share * pull_a
        out[:, b] += share * pull_b
        for joint, pull in ((a, pull_a), (b, pull_b)):
            left[:, joint] -= pull[:, :, None] * pull[:, None, :] / total[:, None, None]
    return out, left


_ENDS = tuple(bone.ends for bone in BONES)
