"""Errors of marks that last: what a pre-labeller does wrong for long, read from what people said.

A model puts a hip too high in every frame of a camera, and an ankle too far left for a second. No
smoothing takes such errors away, but a confirmed frame shows them, and they are alike nearby. Of
each camera and joint they are a Gaussian process: a constant and a part that fades (ordinary
kriging; Matheron 1963, Rasmussen and Williams 2006), in units of the joint's jitter at its score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.domain.trajectories.evidence import Array, Flags, found_at
from backend.domain.trajectories.leans import nearness
from backend.domain.trajectories.noise import Noise

FADES = 0.7
"""Seconds after which the part that is not constant is alike by 1/e."""

CONSTANT = 0.3
"""Share of the lasting errors' variance that is constant."""

MOST = 100
"""So many confirmed frames are asked at once: the work grows with their cube."""

_AROUND, _AROUND_S = 7, 0.25
"""Frames on each side of a confirmed one, and seconds within which, marks say what theirs errs by:
farther away the trajectory does not tell the motion."""

_WRONG = 4.0
"""Jitters beyond which marks did not err but were on something else."""

_SHORT = 0.2
"""What jitter adds to misses, in its variance: the trajectory between them takes much of it."""

_LARGE = 0.9
"""Quantile of misses by which their spread is read."""

_USUAL, _COUNTED = 1.1, 60.0
"""Lasting errors are about as large as what changes from frame to frame, until so many confirmed
joints say otherwise."""


@dataclass(frozen=True, eq=False)
class Lasting:
    """What is known of lasting errors.

    Attributes:
        offset: (T, 17, 2) by which marks err, in jitters.
        left: (T, 17) variance of what is not known of it.
        constant: (17, 2) the part that holds for the whole camera.
        size: Deviation of lasting errors, in jitters.
    """

    offset: Array
    left: Array
    constant: Array
    size: float


def misses(
    times: Array, marks: Array, place: Array, said: Array, firm: Array, right: Array,
    fast: Array, scale: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """By how much marks miss what people said, and the variance of that, both in jitters.

    The marks of a few frames are asked together: between them the trajectory tells the motion.

    Args:
        times: (T,) seconds.
        marks: (T, 17, 2). place: (T, 17, 2) the trajectory. said: (T, 17, 2) what people said, NaN
            for nothing. firm: (T, 17) its variance, pixels². right: (T, 17) chance of marks.
        fast: (T, 17) jitter, and scale: (T, 17) the unit of what lasts, pixels.

    Returns:
        (K, 17, 2) and (K, 17) at the frames in which anybody spoke; infinite variance for nothing.
    """
    spoken = found_at(said)
    at = np.flatnonzero(spoken.any(1))
    shift = np.where(spoken[at][..., None], said[at] - place[at], 0.0)
    n = len(marks)
    total, count = np.zeros((len(at), 17, 2)), np.zeros((len(at), 17))
    for k in range(-_AROUND, _AROUND + 1):
        t = np.clip(at + k, 0, n - 1)
        near = (at + k == t) & (np.abs(times[t] - times[at]) <= _AROUND_S)
        weight = np.where((right[t] > 0.5) & near[:, None], 1.0, 0.0)
        total += weight[..., None] * (marks[t] - place[t] - shift) / scale[t][..., None]
        count += weight
    known = spoken[at] & (count >= 1)
    mean = total / np.maximum(count, 1)[..., None]
    known &= (mean**2).sum(-1) < _WRONG**2
    # Jitter of neighbouring frames is partly the same.
    variance = ((0.5 + 0.5 / np.maximum(count, 1)) * fast[at] ** 2 + firm[at]) / scale[at] ** 2
    return np.where(known[..., None], mean, 0.0), np.where(known, variance, np.inf)


def size_of(miss: Array, variance: Array) -> float:
    """Deviation of lasting errors in jitters, by the misses at confirmed frames.

    People leave what is nearly right, so that small misses are not seen: the large ones tell.
    """
    known = np.isfinite(variance)
    if not known.any():
        return _USUAL
    found = np.quantile((miss[known] ** 2).sum(-1), _LARGE) / (-2 * np.log(1 - _LARGE))
    found -= _SHORT
    n = float(known.sum())
    return float(
        np.clip(np.sqrt((_COUNTED * _USUAL**2 + n * max(found, 0.0)) / (_COUNTED + n)), 0.2, 3.0)
    )


def nothing(n: int, size: float = _USUAL, constant: Array | None = None) -> Lasting:
    """Where nobody said anything."""
    fixed = np.zeros((17, 2)) if constant is None else constant
    return Lasting(np.tile(fixed, (n, 1, 1)), np.full((n, 17), size**2), fixed, size)


def lasting(
    times: Array, spoken: Array, miss: Array, variance: Array, size: float,
    constant: Array | None = None,
) -> Lasting:  # fmt: skip
    """What confirmed frames say of all others.

    Args:
        times: (T,) seconds. spoken: (K,) seconds of the confirmed frames.
        miss: (K, 17, 2) and variance: (K, 17) as in ``misses``.
        size: Deviation in jitters. constant: (17, 2) from an earlier solution.
    """
    if len(spoken) > MOST:
        kept = np.unique(np.linspace(0, len(spoken) - 1, MOST).astype(int))
        spoken, miss, variance = spoken[kept], miss[kept], variance[kept]
    if not len(spoken) or not np.isfinite(variance).any():
        return nothing(len(times), size, constant)
    fixed = np.zeros((17, 2)) if constant is None else constant
    whole = size**2
    level = whole * CONSTANT * (1.0 if constant is None else 0.3)
    moves = whole * (1 - CONSTANT)
    own = level + moves * np.exp(-np.abs(spoken[:, None] - spoken) / FADES)
    noise = np.where(np.isfinite(variance), variance, 1e6).T
    A = own[None] + noise[:, :, None] * np.eye(len(spoken))
    inverse = np.linalg.inv(A)
    weights = np.einsum("jkl,ljc->jkc", inverse, miss - fixed[None])
    across = level + moves * np.exp(-np.abs(times[:, None] - spoken) / FADES)
    offset = fixed[None] + np.einsum("tk,jkc->tjc", across, weights)
    known = np.einsum("tk,jkl->jtl", across, inverse)
    left = level + moves - np.einsum("jtl,tl->tj", known, across)
    found = fixed + level * weights.sum(1)
    return Lasting(offset, np.maximum(left, 0.02 * whole), found, size)


def read(
    times: Array, marks: Array, place: Array, said: Array, firm: Array, right: Array,
    fast: Array, scale: Array, now: Noise, local: bool,
) -> Lasting:  # fmt: skip
    """What confirmed frames of a camera say of its marks.

    Args:
        times: (T,) seconds. marks, place, said, firm, right, fast, scale: As in ``misses``.
        now: As learnt before. local: Whether the frames are a part, and ``now`` of the whole.
    """
    before = now.constant if local else None
    spoken = found_at(said).any(1)
    if not spoken.any():
        return nothing(len(marks), now.lasts, before)
    miss, variance = misses(times, marks, place, said, firm, right, fast, scale)
    size = now.lasts if local else size_of(miss, variance)
    return lasting(times, times[spoken], miss, variance, size, before)


def passed_on(reach: Array, said: Flags, right: Array, scale: Array, left: Array) -> Array:
    """(T, 17) variance along an axis that lasting errors of marks leave in the trajectory.

    All of it where marks alone carry it, nothing where a person spoke or where there are no marks.

    Args:
        reach: (T-1, 17) correlation of neighbouring errors. said: (T, 17) what people placed.
        right: (T, 17) chance of marks. scale: (T, 17) jitter. left: (T, 17) as in ``Lasting``.
    """
    carried = nearness(reach, right > 0.5) ** 2
    return np.asarray(freed(reach, said) * carried * left * scale**2)


def reach_with(reach: Array, variance: Array, added: Array, times: Array) -> Array:
    """(T-1, 17) correlation of neighbouring errors, those that last among them.

    Args:
        reach: (T-1, 17) without them. variance: (T, 17) without them. added: (T, 17) theirs.
        times: (T,) seconds.
    """
    alike = CONSTANT + (1 - CONSTANT) * np.exp(-np.diff(times) / FADES)
    own = reach * np.sqrt(variance[1:] * variance[:-1])
    whole = np.sqrt((variance + added)[1:] * (variance + added)[:-1])
    both = own + alike[:, None] * np.sqrt(added[1:] * added[:-1])
    return np.asarray(np.clip(both / np.maximum(whole, 1e-12), 0.0, 1.0))


_FLOW_FADES = 12
"""Frames for which a link errs as the one before: where texture is poor or a limb turns, flow lags
behind all the way, and errors add up in step."""


def drifted(near: Flags) -> Array:
    """(T, 17) factor on the variance of a trajectory that flow alone carries away from evidence.

    Args:
        near: (T, 17) where there are marks that are right, or what people said.
    """
    n = len(near)
    when = np.arange(n)[:, None]
    before = np.maximum.accumulate(np.where(near, when, -n), axis=0)
    after = np.minimum.accumulate(np.where(near, when, 2 * n)[::-1], axis=0)[::-1]
    away = np.minimum(when - before, after - when)
    return np.where(near.any(0), np.clip(away, 1, _FLOW_FADES), 1).astype(float)


def freed(reach: Array, said: Flags) -> Array:
    """(T, 17) share of the errors that what people said nearby does not take away."""
    return np.asarray(np.clip(1 - nearness(reach, said) ** 2, 0.0, 1.0))
