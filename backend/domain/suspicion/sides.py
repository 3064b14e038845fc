"""Left and right exchanged for some frames: a pair of joints, or the whole body."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.skeleton import FACE, JOINTS, MIRROR, N_JOINTS, PAIRS
from backend.domain.suspicion.doubts import SAME_SPOT, SAME_SPOT_FACE
from backend.domain.suspicion.tracks import Track
from backend.domain.suspicion.trajectory import MAX_GAP_S

Array = NDArray[np.float64]

AS_IT_IS: Final = 0.004
"""Statures that each exchanged frame costs, so that the fewer frames are called exchanged."""

AT_MOST: Final = 0.5
"""Statures beyond which a step counts no more: beyond that it is another fault."""

OPPOSED: Final = -0.6
"""Cosine between two left-right directions of one body below which they point against each other,
as in ``checks``."""

_EYES, _SHOULDERS, _HIPS = (
    (JOINTS.index(f"left_{part}"), JOINTS.index(f"right_{part}"))
    for part in ("eye", "shoulder", "hip")
)


def exchanged(track: Track, size: Array) -> Array:
    """(T, 17) by how many statures the path is shorter with this frame's sides exchanged.

    Each frame is as it is or exchanged; the shortest path through all frames says which. For every
    frame the shortest path with it exchanged is compared with the shortest with it as it is (the
    min-marginals of a chain; Kohli and Torr 2008). Each pair of joints has a path of its own, and
    the body as a whole one.
    """
    frames, out = len(track), np.zeros((len(track), N_JOINTS))
    if frames < 2:
        return out
    step = _steps(track, size)
    margin = _margins(step)
    for number, (left, right) in enumerate(PAIRS):
        out[:, [left, right]] = margin[:, number, None]
    whole = margin[:, len(PAIRS), None] * np.ones(N_JOINTS)
    whole[:, np.arange(N_JOINTS) == np.array(MIRROR)] = 0
    out = np.maximum(out, whole)
    return np.where(np.isfinite(track.joints).all(-1), out, 0.0)


def opposed(track: Track) -> Array:
    """(T, 17) 1 at joints of two parts of one body whose left and right point against each other.

    Needs no other frame: it is what remains where frames are far apart.
    """
    out = np.zeros((len(track), N_JOINTS))
    for a, b in ((_SHOULDERS, _HIPS), (_EYES, _SHOULDERS)):
        u, v = (track.joints[:, left] - track.joints[:, right] for left, right in (a, b))
        with np.errstate(all="ignore"):
            cosine = (u * v).sum(-1) / (np.linalg.norm(u, axis=-1) * np.linalg.norm(v, axis=-1))
        out[np.ix_(np.nan_to_num(cosine) < OPPOSED, [*a, *b])] = 1.0
    return out


def same_spot(track: Track, size: Array) -> Array:
    """(T, 17) 1 where a joint lies in the same place as its counterpart."""
    out = np.zeros((len(track), N_JOINTS))
    for left, right in PAIRS:
        near = SAME_SPOT_FACE if left in FACE else SAME_SPOT
        away = np.hypot(*np.moveaxis(track.joints[:, left] - track.joints[:, right], -1, 0))
        out[:, [left, right]] = (np.nan_to_num(away, nan=np.inf) < near * size)[:, None]
    return out


def _steps(track: Track, size: Array) -> Array:
    """(T - 1, G, 2) statures moved from a frame to the next if both are alike, or one exchanged."""
    pairs = np.array(PAIRS)
    here, there = track.joints[:-1], track.joints[1:]
    scale = size[:-1, None]

    def away(a: Array, b: Array) -> Array:
        d = np.hypot(*np.moveaxis(a - b, -1, 0)) / scale
        return np.asarray(np.minimum(np.nan_to_num(d), AT_MOST))

    left, right = pairs[:, 0], pairs[:, 1]
    known = np.isfinite(here[:, pairs]).all((2, 3)) & np.isfinite(there[:, pairs]).all((2, 3))
    same = away(here[:, left], there[:, left]) + away(here[:, right], there[:, right])
    other = away(here[:, left], there[:, right]) + away(here[:, right], there[:, left])
    near = np.diff(track.time) <= MAX_GAP_S
    usable = known & near[:, None]
    same, other = np.where(usable, same, 0.0), np.where(usable, other, 0.0)
    count = np.maximum(usable.sum(axis=1, keepdims=True), 1)
    # The whole body's counts like two of its pairs: it is surer than one, not eight times so.
    both = [np.c_[d, 2 * d.sum(axis=1, keepdims=True) / count] for d in (same, other)]
    return np.stack(both, axis=-1)


def _margins(step: Array) -> Array:
    """(T, G) shortest path with a frame as it is, less the shortest with it exchanged."""
    frames, groups = len(step) + 1, step.shape[1]
    on, back = np.zeros((frames, groups, 2)), np.zeros((frames, groups, 2))
    own = np.array([0.0, AS_IT_IS])
    on[0] = own
    for t in range(1, frames):
        same, other = step[t - 1, :, :1], step[t - 1, :, 1:]
        on[t] = np.minimum(on[t - 1] + same, on[t - 1, :, ::-1] + other) + own
    for t in range(frames - 2, -1, -1):
        same, other = step[t, :, :1], step[t, :, 1:]
        after = back[t + 1] + own
        back[t] = np.minimum(after + same, after[:, ::-1] + other)
    total = on + back
    return np.asarray(total[..., 0] - total[..., 1])
