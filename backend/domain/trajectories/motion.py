"""How joints move by themselves: velocities that fade (Uhlenbeck and Ornstein 1930).

A joint's velocity is an Ornstein-Uhlenbeck process and its place the integral of it: it moves on as
it moved for about ``relax`` seconds, then nobody knows. Over long gaps the uncertainty grows as the
root of time, not as its power 1.5, and nothing shoots over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.domain.trajectories.chain import Array
from backend.domain.trajectories.evidence import Flags

Intervals = NDArray[np.float64]


def transitions(dt: Intervals, relax: float) -> tuple[Array, Array, Array]:
    """The prior between neighbours for unit mean square speed.

    Args:
        dt: (T-1,) seconds between states.
        relax: Seconds for which a velocity lasts.

    Returns:
        Blocks of the precision matrix (2, 2, T-1) that a step adds to the state before, to the
        state after, and between them; states are (place, velocity). To be divided by the mean
        square speed along one axis.
    """
    x = dt / relax
    e = np.exp(-x)
    vv = 1 - e**2
    pv = relax * (1 - e) ** 2
    # By its series where the terms cancel.
    pp = relax**2 * np.where(x < 1e-2, 2 / 3 * x**3, 2 * x - 3 + 4 * e - e**2)
    det = pp * vv - pv**2
    inverse = np.array([[vv, -pv], [-pv, pp]]) / det
    one, zero = np.ones_like(x), np.zeros_like(x)
    F = np.array([[one, relax * (1 - e)], [zero, e]])
    between = -np.einsum("ji...,jk...->ik...", F, inverse)
    before = np.einsum("ji...,jk...,kl...->il...", F, inverse, F)
    return before, inverse, between


def local_speeds(square: Array, times: Array, slowest: Array, reach: float = 0.5) -> Array:
    """Mean square speed about each time: infants lie still for a while and kick for a while.

    Args:
        square: (T, N) squared speeds as they are known now.
        times: (T,) seconds.
        slowest: (T, 1) least speed.
        reach: Seconds to each side.

    Returns:
        (T, N): mostly the mean nearby, a little of the whole.
    """
    n = len(times)
    total = np.concatenate((np.zeros((1, square.shape[1])), np.cumsum(square, axis=0)))
    low = np.searchsorted(times, times - reach)
    high = np.searchsorted(times, times + reach, side="right")
    near = (total[high] - total[low]) / (high - low)[:, None]
    mixed = 0.75 * near + 0.25 * square.mean(axis=0) if n else near
    return np.asarray(np.maximum(mixed, slowest**2))


def between_speeds(speeds: Array, places: Array, known: Flags, times: Array, relax: float) -> Array:
    """Mean square speed along an axis between neighbouring frames, also where they are far apart.

    Where frames follow each other closely the velocities in them say it. Over a gap longer than
    ``relax`` they say next to nothing: there it is what the body was displaced by. Infants lie for
    minutes and are laid elsewhere, or crawl off, within one gap: a step whose body moved as a
    whole, and stayed there, was as quick as that. A body that is back one frame later was not
    there; a single joint that lies elsewhere is judged by what is usual for it.

    Args:
        speeds: (T, J) in frames, as in ``local_speeds``. places: (T, J, D). known: (T, J) where
            places are of this frame and not of its neighbours.
        times: (T,) seconds. relax: Seconds for which a velocity lasts.

    Returns:
        (T-1, J).
    """
    out = (speeds[1:] + speeds[:-1]) / 2
    sparse = np.diff(times) > relax
    at = np.flatnonzero(known.sum(1) >= _BODY)
    if not sparse.any() or len(at) < 2:
        return np.asarray(out)
    own, over = (_displaced(places[at], known[at], times[at], lag, relax) for lag in (1, 2))
    usual = np.array([_middle(column) for column in own.T]) / _MEDIAN
    # Who is back one frame later was not there.
    end = np.full((1, own.shape[1]), np.inf)
    stayed = np.fmin(own, np.fmin(np.concatenate((over, end)), np.concatenate((end, over))))
    body = np.array([_middle(row) for row in stayed])[:, None] / _MEDIAN
    # Where all of it moved, each joint as far as it did.
    each = np.where(body > _AS_A_WHOLE * _middle(usual), np.nan_to_num(stayed), 0.0)
    where = np.clip(np.searchsorted(at, np.arange(len(out)), side="right") - 1, 0, len(own) - 1)
    quick = np.maximum(usual, np.maximum(body, each)[where])
    return np.asarray(np.where(sparse[:, None], np.maximum(out, quick), out))


_BODY = 6
"""Joints known from which a displacement is that of the body."""

_AS_A_WHOLE = 4.0
"""Mean square speed over the usual one from which a body moved as a whole: twice as fast."""

_MEDIAN = 2 * np.log(2) / 2
"""Median of the mean square along an axis of a Gaussian in the plane, whose variance is 1."""


def _displaced(places: Array, known: Flags, times: Array, lag: int, relax: float) -> Array:
    """(K-lag, J) mean square speed along an axis that tells of displacements; NaN for unknown."""
    x = (times[lag:] - times[:-lag]) / relax
    scale = 2 * relax**2 * (x - 1 + np.exp(-x))
    moved2 = ((places[lag:] - places[:-lag]) ** 2).mean(-1)
    return np.where(known[lag:] & known[:-lag], moved2 / scale[:, None], np.nan)


def _middle(values: Array) -> float:
    """The median of what is known; 0 where too little is."""
    found = values[np.isfinite(values)]
    return float(np.median(found)) if len(found) >= _BODY else 0.0
