"""Another body than the infant's: of another size, or not the one that the frames around show."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.limbs import BONES
from backend.domain.limits import LOW_SCORE
from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion.doubts import HALF_BODY, HALF_LARGER, HALF_SMALLER, grown
from backend.domain.suspicion.reference import Reference
from backend.domain.suspicion.tracks import Track, bone_lengths, centres, statures
from backend.domain.suspicion.trajectory import MAX_GAP_S

Array = NDArray[np.float64]

SIZE_COUNTS: Final = 1.0
SCORE_COUNTS: Final = 0.3
"""What a logarithm of size, and a lack of score, count against a stature moved."""

FARTHEST: Final = 1.5
"""Statures beyond which a step counts no more, so that cuts and gaps do not."""

INNOCENT_END: Final = 0.3
"""What a limb's excess counts for the end that jumped less."""

SAME_BODY: Final = 0.08
"""Mean distance of the joints, in statures, up to which two people found are one."""


def limbs_too_long(track: Track, size: Array, usual: Reference, jump: Array) -> Array:
    """(T, 17) statures by which the longest limb at each joint exceeds the longest usual one.

    A bone has two ends: the one that jumped more went astray; where neither jumps, either may have.

    Args:
        track: The infant.
        size: (T,) its size.
        usual: What is usual.
        jump: (T, 17) how far each joint jumps, over its tolerance.
    """
    over = np.nan_to_num(bone_lengths(track.joints) / size[:, None] - usual.limbs)
    moved = np.nan_to_num(jump)
    out = np.zeros((len(track), N_JOINTS))
    for number, bone in enumerate(BONES):
        for here, there in (bone.ends, bone.ends[::-1]):
            innocent = (moved[:, there] > 1) & (moved[:, there] > moved[:, here])
            blame = np.where(innocent, INNOCENT_END, 1.0) * over[:, number]
            out[:, here] = np.maximum(out[:, here], blame)
    return out


def wrong_body(track: Track, size: Array, usual: Reference) -> Array:
    """(T,) how likely it is that another body was chosen than the infant's."""
    with np.errstate(all="ignore"):
        growth = np.log(track.stature / usual.stature)
        near = np.log(track.stature / size)
    larger = np.maximum(grown(growth, HALF_LARGER), grown(near, 0.8 * HALF_LARGER))
    smaller = grown(-growth, HALF_SMALLER)
    return np.maximum(np.maximum(larger, smaller), grown(_better_path(track, usual), HALF_BODY))


def _better_path(track: Track, usual: Reference) -> Array:
    """(T,) by how much the likeliest path through everybody is better than through the chosen.

    People are the chosen one and everybody who was found; a path prefers the infant's size, sure
    people and short ways. Where the chosen one is on the likeliest path, the answer is 0.
    """
    frames = len(track)
    own = track.joints[:, None]
    people = np.concatenate([own, track.others.joints], axis=1)
    if people.shape[1] < 2 or np.isnan(usual.stature):
        return np.zeros(frames)
    sizes, middle = statures(people), centres(people)
    with np.errstate(all="ignore"):
        cost = SIZE_COUNTS * np.abs(np.log(sizes / usual.stature))
    # Who was chosen has no score of its own: that of whoever lies there, or of somebody sure.
    away = np.linalg.norm(people[:, 1:] - own, axis=-1)
    scores = track.others.scores >= LOW_SCORE
    away = np.where(scores, away, np.nan)
    known = np.isfinite(away)
    mean = np.where(known, away, 0).sum(-1) / np.maximum(known.sum(-1), 1)
    same = known.any(-1) & (mean < SAME_BODY * usual.stature)
    lack = SCORE_COUNTS * (1 - np.c_[np.ones(frames), track.others.score])
    cost = cost + lack
    there = np.isfinite(cost) & np.isfinite(middle).all(-1)
    there[:, 1:] &= ~same
    cost = np.where(there, cost, np.inf)
    nobody = ~there.any(axis=1)
    on, back = _chain(cost, middle / usual.stature, track.time, nobody)
    total = on + back
    best = total.min(axis=1)
    chosen = total[:, 0]
    known_best = np.isfinite(best) & np.isfinite(chosen) & ~nobody
    better = np.full(frames, 0.0)
    np.subtract(chosen, best, out=better, where=known_best)
    return better


def _chain(cost: Array, middle: Array, time: Array, nobody: Array) -> tuple[Array, Array]:
    """Shortest paths to each person of each frame, and from it on (without its own cost)."""
    frames = len(cost)
    on, back = np.zeros_like(cost), np.zeros_like(cost)
    on[0] = cost[0]
    ways: list[Array | None] = []
    for t in range(1, frames):
        far = time[t] - time[t - 1] > MAX_GAP_S or nobody[t] or nobody[t - 1]
        way = None
        if not far:
            d = middle[t][:, None] - middle[t - 1][None]
            way = np.minimum(np.nan_to_num(np.hypot(d[..., 0], d[..., 1]), nan=FARTHEST), FARTHEST)
        ways.append(way)
        if way is None:
            start = on[t - 1][np.isfinite(on[t - 1])]
            on[t] = cost[t] + (start.min() if len(start) else 0.0)
        else:
            on[t] = cost[t] + (on[t - 1][None] + way).min(axis=1)
        if nobody[t]:
            on[t] = on[t - 1].min() if np.isfinite(on[t - 1]).any() else 0.0
    for t in range(frames - 2, -1, -1):
        after = back[t + 1] + np.where(np.isfinite(cost[t + 1]), cost[t + 1], np.inf)
        if nobody[t + 1]:
            after = back[t + 1]
        way = ways[t]
        if way is None:
            back[t] = after.min() if np.isfinite(after).any() else 0.0
        else:
            back[t] = (after[:, None] + way).min(axis=0)
    return on, back
