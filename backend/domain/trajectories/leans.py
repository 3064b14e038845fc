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
    forward, backward = said.astype(float), said.astype(float)
    for t in range(1, len(said)):
        np.maximum(forward[t], reach[t - 1] * forward[t - 1], out=forward[t])
        back = len(said) - 1 - t
        np.maximum(backward[back], reach[back] * backward[back + 1], out=backward[back])
    return np.asarray(np.maximum(forward, backward))


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
