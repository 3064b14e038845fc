"""How joints move by themselves: velocities that fade (Uhlenbeck and Ornstein 1930).

A joint's velocity is an Ornstein-Uhlenbeck process and its place the integral of it: it moves on as
it moved for about ``relax`` seconds, then nobody knows. Over long gaps the uncertainty grows as the
root of time, not as its power 1.5, and nothing shoots over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.domain.trajectories.chain import Array

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
