"""Reading a flow grid at joints."""

from __future__ import annotations

import numpy as np

from backend.domain.trajectories.evidence import Array, Flags, Flow, Ints, found_at


def sample(flow: Flow | None, at: Array) -> tuple[Array, Array]:
    """Displacement and reliability at points, bilinear between nodes.

    Args:
        flow: Of T - 1 pairs of frames, or None.
        at: (T-1, …, 2) pixels in the first frame of each pair.

    Returns:
        (T-1, …, 2) pixels, 0 where unknown; (T-1, …) reliability in [0, 1], 0 outside of the grid.
    """
    if flow is None or not flow.reliability.size:
        return np.zeros(at.shape), np.zeros(at.shape[:-1])
    rows, columns = flow.reliability.shape[1:]
    shape = (len(at), *(1 for _ in at.shape[1:-1]))
    place = (at - flow.origin.reshape(*shape, 2)) / flow.step.reshape(*shape, 1)
    x, y = place[..., 0], place[..., 1]
    inside = (x >= 0) & (y >= 0) & (x <= columns - 1) & (y <= rows - 1)
    x, y = np.where(inside, x, 0.0), np.where(inside, y, 0.0)
    i = np.minimum(y.astype(int), rows - 2)
    j = np.minimum(x.astype(int), columns - 2)
    v, u = y - i, x - j
    node = (np.arange(len(at)).reshape(shape) * rows + i) * columns + j
    # The four nodes around, in front: (4, T-1, …).
    around = node + np.array((0, 1, columns, columns + 1)).reshape(4, *(1 for _ in node.shape))
    weight = np.stack(((1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u))
    here = flow.displacement.reshape(-1, 2)[around].astype(float)
    trust = flow.reliability.reshape(-1)[around].astype(float)
    good = found_at(here)
    weight = np.where(good, weight, 0.0)
    trust = np.where(np.isnan(trust), 0.0, np.minimum(np.maximum(trust, 0.0), 1.0))
    moved = (weight[..., None] * np.where(good[..., None], here, 0.0)).sum(0)
    return moved, np.where(inside, (weight * trust).sum(0), 0.0)


_DOUBT, _SURE, _REACH = 8.0, 0.7, 2
"""A grid sees what is in front: under a hidden joint it moves with whatever hides it. A joint
counts as seen at a score of .7; below, the link's deviation grows e-fold by each .2. Scores are
taken over five frames."""

_STAYS = 15
"""Frames for which a joint that was seen or hidden stays so where nothing is said of it."""

_LOST = 0.4
"""Share of a score that is left where marks are missing between others."""

_SEEN, _HIDDEN = 0.9, 0.35
"""Scores that a person's word stands for."""


def seen_by(scores: Array, marked: Flags, found: Flags, visibility: Ints) -> Array:
    """(T, 17) scores that tell whether joints are seen, NaN where nothing does.

    Args:
        scores: (T, 17) of marks. marked: (T, 17) where there are any that count.
        found: (T, 17) where a model found anything.
        visibility: (T, 17) what people said, -1 for nothing.
    """
    out = np.where(marked, scores, np.nan)
    out = np.where(visibility == 2, _SEEN, np.where(visibility == 1, _HIDDEN, out))
    n = len(out)
    when = np.arange(n)[:, None]
    known = np.isfinite(out)
    before = np.maximum.accumulate(np.where(known, when, -n), axis=0)
    after = np.minimum.accumulate(np.where(known, when, 2 * n)[::-1], axis=0)[::-1]
    nearest = np.where(when - before <= after - when, before, after)
    near = np.abs(nearest - when) <= _STAYS
    filled = np.take_along_axis(out, np.clip(nearest, 0, max(n - 1, 0)), axis=0)
    # Where a model finds nothing, the picture is bad.
    lost = ~known & ~found & np.take_along_axis(marked, np.clip(nearest, 0, max(n - 1, 0)), axis=0)
    return np.where(lost, _LOST * filled, np.where(near, filled, np.nan))


def doubted(scores: Array) -> Array:
    """(T-1, 17) factor on the deviation of links, by the scores (T, 17) of their joints, NaN where
    nothing tells whether they are seen: that alone is no reason for doubt."""
    n = len(scores)
    known = np.isfinite(scores)
    padded = np.pad(np.where(known, scores, 0.0), ((_REACH, _REACH), (0, 0)))
    counted = np.pad(known.astype(float), ((_REACH, _REACH), (0, 0)))
    total = sum(padded[k : k + n] for k in range(2 * _REACH + 1))
    count = sum(counted[k : k + n] for k in range(2 * _REACH + 1))
    mean = np.where(count > 0, total / np.maximum(count, 1), _SURE)
    return np.asarray(np.exp(_DOUBT * np.clip(_SURE - (mean[:-1] + mean[1:]) / 2, 0.0, None)))


def carried(flow: Flow | None, at: Array, known: Flags) -> Array:
    """Places (T, 17, 2) with gaps filled by following the flow from both ends.

    What the two ways differ by is spread evenly; a way breaks off where there is no flow, and the
    point stays. Without flow this is linear interpolation.

    Args:
        flow: Of T - 1 pairs of frames, or None.
        at: (T, 17, 2), anything where unknown. known: (T, 17).
    """
    n = len(at)
    when = np.arange(n)[:, None]
    before = np.maximum.accumulate(np.where(known, when, -1), axis=0)
    after = np.minimum.accumulate(np.where(known, when, n)[::-1], axis=0)[::-1]
    ahead, back = np.array(at), np.array(at)
    for t in range(1, n):
        open_ = ~known[t] & (before[t] >= 0)
        if open_.any():
            ahead[t, open_] = ahead[t - 1, open_] + _one(flow, t - 1, ahead[t - 1, open_])
    for t in range(n - 2, -1, -1):
        open_ = ~known[t] & (after[t] < n)
        if open_.any():
            # The point of which the flow ends there: by two steps of its fixed point.
            end = back[t + 1, open_]
            start = end - _one(flow, t, end)
            back[t, open_] = end - _one(flow, t, start)
    span = np.maximum(after - before, 1)
    share = np.where(before < 0, 1.0, np.where(after >= n, 0.0, (when - before) / span))
    mixed = (1 - share[..., None]) * ahead + share[..., None] * back
    return np.where(known[..., None], at, mixed)


def _one(flow: Flow | None, t: int, at: Array) -> Array:
    """Displacements (K, 2) of points between frames t and t + 1; 0 where unknown."""
    if flow is None:
        return np.zeros_like(at)
    one = Flow(flow.origin[t : t + 1], flow.step[t : t + 1], flow.displacement[t : t + 1],
               flow.reliability[t : t + 1])  # fmt: skip
    return np.asarray(sample(one, at[None])[0][0])


_FASTEST = 5.0
"""Body sizes a second: marks that move faster did not move but are wrong."""


def quickness(marks: Array, times: Array, sizes: Array) -> Array:
    """(T-1, 17) squared pixels by which marks move from frame to frame where they plausibly do.

    Flow slips off quick limbs. Whether a limb was quick its marks tell; those that jump farther
    than a limb can say nothing.

    Args:
        marks: (T, 17, 2), NaN for none. times: (T,) seconds. sizes: (T,) pixels.
    """
    moved2 = (np.diff(marks, axis=0) ** 2).sum(-1)
    most = (_FASTEST * sizes[1:] * np.diff(times))[:, None]
    return np.where(moved2 < most**2, np.nan_to_num(moved2), 0.0)
