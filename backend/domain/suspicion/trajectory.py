"""How far a joint lies from where the frames around it put it, and poses that stand still."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.suspicion.doubts import FROZEN_MOVED, FROZEN_UNKNOWN
from backend.domain.suspicion.tracks import Track, quietly, rolling_median, shifted

Array = NDArray[np.float64]

SCALES: Final[tuple[tuple[int, ...], ...]] = ((1, 2, 3), (3, 5, 7))
"""Frames before and after from which a joint is foretold: those next to it, and, for a fault that
lasts for some frames, those farther away. Each is held to what is usual for it."""

MAX_GAP_S: Final = 0.6
"""Frames farther apart say nothing of each other: infants kick within a third of a second."""

USUAL_TIMES: Final = 6.0
"""A joint may lie so many usual distances from where it is foretold. The usual one is a median, so
that this is about four standard deviations of a normal distribution; movements are none."""

LOCAL_TIMES: Final = 2.5
LOCAL_OVER: Final = 15
"""… and so many times the median of the frames around it: a kick is foretold badly."""

AT_LEAST: Final = 0.035
"""… and so many statures in any case: half of a wrist's OKS constant at an infant's size."""


def foretold(track: Track, offsets: Sequence[int], trusted: Array | None = None) -> Array:
    """(T, 17, 2) where the frames around put each joint; NaN where too few are near.

    The median of straight lines through one frame before and one after, so that a wrong frame among
    them does not count. At the ends, where one side is missing, that of the nearest frames.

    Args:
        track: The infant.
        offsets: How many frames before and after.
        trusted: (T, 17, 2) the joints from which others are foretold, NaN for those that are not
            trusted; the track's own where it is not given.
    """
    time, joints = track.time, track.joints if trusted is None else trusted
    lines: list[Array] = []
    for back in offsets:
        t0, x0 = shifted(time, -back), shifted(joints, -back)
        for on in offsets:
            t1, x1 = shifted(time, on), shifted(joints, on)
            gap = t1 - t0
            near = (gap > 0) & (gap <= MAX_GAP_S)
            share = np.where(near, (time - t0) / np.where(near, gap, 1.0), np.nan)
            lines.append(x0 + (x1 - x0) * share[:, None, None])
    inner = quietly(np.nanmedian, np.array(lines), axis=0)
    nearest = min(offsets)
    for by in (-nearest, nearest):
        near = np.abs(shifted(time, by) - time) <= MAX_GAP_S / 2
        edge = np.where(near[:, None, None], shifted(joints, by), np.nan)
        inner = np.where(np.isfinite(inner), inner, edge)
    return inner


def surprise(track: Track, offsets: Sequence[int], trusted: Array | None = None) -> Array:
    """(T, 17) pixels from each joint to where it is foretold; see :func:`foretold`."""
    away = track.joints - foretold(track, offsets, trusted)
    return np.asarray(np.hypot(away[..., 0], away[..., 1]))


def jumps(track: Track, size: Array, noise: Array, trusted: Array | None = None) -> Array:
    """(T, 17) distance from where each joint is foretold, over its tolerance.

    NaN where it cannot be foretold; see :func:`foretold`.

    Args:
        track: The infant.
        size: (T,) its size.
        noise: (scales, 17) what is usual, in statures.
        trusted: (T, 17, 2) the joints from which others are foretold.
    """
    worst = np.full(track.joints.shape[:2], np.nan)
    for offsets, typical in zip(SCALES, noise, strict=True):
        away = surprise(track, offsets, trusted) / size[:, None]
        local = rolling_median(away, LOCAL_OVER)
        tolerance = np.sqrt(
            AT_LEAST**2
            + (USUAL_TIMES * np.nan_to_num(typical)) ** 2
            + (LOCAL_TIMES * np.nan_to_num(local)) ** 2
        )
        worst = np.fmax(worst, away / tolerance)
    return worst


def frozen(track: Track) -> Array:
    """(T,) how surely a frame only repeats the pose of an earlier one, as a probability.

    Joints that are equal to the last digit in two frames were copied. That is right where the
    picture repeats too.
    """
    out = np.zeros(len(track))
    first: dict[bytes, int] = {}
    repeats: dict[int, list[int]] = defaultdict(list)
    for t, pose in enumerate(track.joints):
        if not np.isfinite(pose).any():
            continue
        key = np.round(np.nan_to_num(pose, nan=-1e6), 2).tobytes()
        if key in first:
            repeats[first[key]].append(t)
        else:
            first[key] = t
    for origin, again in repeats.items():
        last = origin
        for t in again:
            between = track.moved[last + 1 : t + 1]
            known = between[np.isfinite(between)]
            if (known > 0).any():
                out[t] = FROZEN_MOVED
            elif len(known) < len(between):
                out[t] = FROZEN_UNKNOWN
            if out[t] == 0:
                last = t
    return out
