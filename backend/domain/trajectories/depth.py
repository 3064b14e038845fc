"""Which joints lie behind the body's own parts, by the order of depth.

The body is made of capsules about its bones, a round head and a trunk of capsules; a joint is
hidden from a camera where the straight line to it runs through another part that begins nearer.
Thicknesses are shares of the stature, from the body model's average infant, and so are meant for
infants: their heads are large and their limbs short and round.
"""

from __future__ import annotations

import numpy as np

from backend.domain.skeleton import JOINTS
from backend.domain.trajectories.evidence import Array, found_at

_AT = JOINTS.index
_FACE = tuple(_AT(n) for n in ("nose", "left_eye", "right_eye", "left_ear", "right_ear"))
_LIMBS = tuple(
    (_AT(f"{side}_{a}"), _AT(f"{side}_{b}"), radius)
    for side in ("left", "right")
    for a, b, radius in (
        ("shoulder", "elbow", 0.16),
        ("elbow", "wrist", 0.13),
        ("hip", "knee", 0.24),
        ("knee", "ankle", 0.17),
    )
)
_TRUNK = tuple(
    (_AT(a), _AT(b), 0.30)
    for a, b in (
        ("left_shoulder", "left_hip"),
        ("right_shoulder", "right_hip"),
        ("left_shoulder", "right_hip"),
        ("right_shoulder", "left_hip"),
        ("left_shoulder", "right_shoulder"),
        ("left_hip", "right_hip"),
    )
)
"""Ends and radius, in lengths of the trunk: it is the part whose length is known best."""

_PARTS = (*_LIMBS, *_TRUNK)
_THICK = np.array([part[2] for part in _PARTS])
_ENDS = np.array([(a, b) for a, b, _ in _PARTS])
_OWN = (np.arange(len(_PARTS))[:, None], slice(None), _ENDS)
"""Which joints are ends of which part, as an index into (L, M, 17)."""

_HEAD = 0.42
"""Radius of the head, in lengths of the trunk."""

_DEEP = 0.12
"""A joint lies within its own part: what covers it begins so much nearer, in lengths of the trunk,
or it is the joint's own skin."""

_SOFT = 0.06
"""And over this length, from hardly to surely."""


def hidden_by_body(joints: Array, eye: Array) -> Array:
    """(M, 17) from 0 to 1 how surely joints lie behind other parts of the body; NaN unknown.

    Args:
        joints: (M, 17, 3) metres, NaN where unknown.
        eye: (3,) the camera's place, metres.
    """
    shoulders = (joints[:, _AT("left_shoulder")] + joints[:, _AT("right_shoulder")]) / 2
    hips = (joints[:, _AT("left_hip")] + joints[:, _AT("right_hip")]) / 2
    with np.errstate(all="ignore"):
        unit = np.nanmedian(np.linalg.norm(shoulders - hips, axis=-1))
    known = found_at(joints)
    if not np.isfinite(unit) or unit <= 0:
        return np.full(joints.shape[:2], np.nan)
    at = np.where(known[..., None], joints, 0.0)
    away = at - eye
    far = np.linalg.norm(away, axis=-1)
    ray = away / np.maximum(far, 1e-9)[..., None]
    depth = np.full(far.shape, -np.inf)
    head = at[:, list(_FACE[3:])].mean(1)
    found = _into_ball(ray, head - eye, _HEAD * unit)
    depth = np.fmax(depth, far - found)
    covers = far - _into_capsules(ray, away[:, _ENDS[:, 0]], away[:, _ENDS[:, 1]], _THICK * unit)
    covers[_OWN] = -np.inf
    depth = np.fmax(depth, np.fmax.reduce(covers))
    sure = np.clip((depth / unit - _DEEP) / _SOFT, 0.0, 1.0)
    return np.where(np.asarray(known.all(1))[:, None], sure, np.nan)


def _into_ball(ray: Array, centre: Array, radius: float) -> Array:
    """(M, 17) where rays from the origin enter balls (M, 3); infinite where they pass by."""
    along = np.einsum("mji,mi->mj", ray, centre)
    square = radius**2 - (centre**2).sum(-1)[:, None] + along**2
    return np.where((square > 0) & (along > 0), along - np.sqrt(np.maximum(square, 0)), np.inf)


def _into_capsules(ray: Array, a: Array, b: Array, radius: Array) -> Array:
    """(L, M, 17) where rays (M, 17, 3) from the origin come within radii (L,) of segments a to b
    (M, L, 3), about: at the nearest approach, less half the chord there."""
    side = b - a
    turned = ray.transpose(0, 2, 1)
    rs, ra = ((x @ turned).transpose(1, 0, 2) for x in (side, a))
    length2, sa, a2 = ((x * y).sum(-1).T[..., None] for x, y in ((side, side), (side, a), (a, a)))
    share = (rs * ra - sa) / np.maximum(np.maximum(length2, 1e-9) - rs**2, 1e-9)
    share = np.minimum(np.maximum(share, 0.0), 1.0)
    along = ra + share * rs
    from_eye = a2 + share * (2 * sa + share * length2)
    square = radius[:, None, None] ** 2 - from_eye + along**2
    return np.where((square > 0) & (along > 0), along - np.sqrt(np.maximum(square, 0)), np.inf)
