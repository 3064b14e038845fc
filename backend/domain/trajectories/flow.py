"""Reading a flow grid at joints."""

from __future__ import annotations

import numpy as np

from backend.domain.trajectories.evidence import Array, Flow


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
    t = np.arange(len(at)).reshape(shape)
    moved, sure = np.zeros(at.shape), np.zeros(at.shape[:-1])
    for a, b, w in (
        (0, 0, (1 - v) * (1 - u)),
        (0, 1, (1 - v) * u),
        (1, 0, v * (1 - u)),
        (1, 1, v * u),
    ):
        here = flow.displacement[t, i + a, j + b].astype(float)
        trust = np.clip(np.nan_to_num(flow.reliability[t, i + a, j + b].astype(float)), 0.0, 1.0)
        good = np.isfinite(here).all(-1)
        moved += np.where(good, w, 0.0)[..., None] * np.nan_to_num(here, posinf=0.0, neginf=0.0)
        sure += np.where(good, w * trust, 0.0)
    return moved, np.where(inside, sure, 0.0)


_DOUBT, _SURE, _REACH = 8.0, 0.7, 2
"""A grid sees what is in front: under a hidden joint it moves with whatever hides it. A joint
counts as seen at a score of .7; below, the link's deviation grows e-fold by each .2. Scores are
taken over five frames."""


def doubted(scores: Array) -> Array:
    """(T-1, 17) factor on the deviation of links, by the scores (T, 17) of their joints."""
    n = len(scores)
    padded = np.pad(scores, ((_REACH, _REACH), (0, 0)), mode="edge")
    windows = [padded[k : k + n] for k in range(2 * _REACH + 1)]
    mean = np.mean(windows, axis=0)
    return np.asarray(np.exp(_DOUBT * np.clip(_SURE - (mean[:-1] + mean[1:]) / 2, 0.0, None)))
