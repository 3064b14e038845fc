"""Which confirmed frames an answer leans on."""

from __future__ import annotations

import numpy as np

from backend.domain.trajectories.evidence import Array, Flags, Ints, SessionEvidence


def leans_of(session: SessionEvidence, camera: int) -> Ints:
    """(T, 2, 2) the confirmed frames before and after each frame, as (camera, frame); -1 for none.

    A frame that was confirmed in part leans on itself first. Other calibrated cameras count where
    they are nearer in time; at the same moment the own camera goes before.
    """
    n = len(session.cameras[camera])
    out = np.full((n, 2, 2), -1, np.int64)
    away = np.full((n, 2), np.iinfo(np.int64).max)
    own = np.flatnonzero(_confirmed(session, camera))
    _nearer(out, away, own, own, camera)
    if camera not in session.calibrated:
        return out
    moments = session.moments
    for other in session.calibrated:
        if other != camera:
            both = (moments[:, camera] >= 0) & (moments[:, other] >= 0)
            here, there = moments[both, camera], moments[both, other]
            said = _confirmed(session, other)[there]
            _nearer(out, away, here[said], there[said], other)
    return out


def nearness(reach: Array, said: Flags) -> Array:
    """(T, 17) correlation of each joint's error with the nearest one that a person confirmed.

    Args:
        reach: (T-1, 17) between neighbouring frames. said: (T, 17) confirmed joints.
    """
    if not len(said):
        return said.astype(float)
    way = np.log(np.maximum(reach, _APART))
    fallen = np.concatenate((np.zeros((1, said.shape[1])), np.cumsum(way, axis=0)))
    # A product of correlations is the exponential of what their logarithms fall between two frames.
    before = fallen - np.minimum.accumulate(np.where(said, fallen, np.inf), axis=0)
    last = np.maximum.accumulate(np.where(said, fallen, -np.inf)[::-1], axis=0)[::-1]
    return np.asarray(np.exp(np.maximum(before, last - fallen)))


_APART = 1e-30
"""Correlation that counts as none."""


def _confirmed(session: SessionEvidence, camera: int) -> Flags:
    """(T,) frames in which a person placed a joint."""
    return np.asarray(session.cameras[camera].said.any(1))


def _nearer(out: Ints, away: Ints, at: Ints, frames: Ints, camera: int) -> None:
    """Put a camera's confirmed frames in where they are nearer than what stands there.

    Args:
        out: (n, 2, 2) and away: (n, 2) the distances of what stands there, both changed.
        at: (K,) rising, the frames of the camera that is asked. frames: (K,) those of ``camera``.
    """
    if not len(at):
        return
    when = np.arange(len(out))
    before = np.searchsorted(at, when, side="right") - 1
    after = np.searchsorted(at, when, side="left")
    for side, index in enumerate((before, after)):
        there = (index >= 0) & (index < len(at))
        k = np.clip(index, 0, len(at) - 1)
        distance = np.where(there, np.abs(at[k] - when), np.iinfo(np.int64).max)
        better = distance < away[:, side]
        out[better, side, 0], out[better, side, 1] = camera, frames[k[better]]
        away[better, side] = distance[better]
