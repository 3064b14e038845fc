"""Cameras' clocks and session time, and which frames belong to one moment.

Session time = camera time + offset + drift · camera time. Camera time counts from the video's first
frame. Two frames belong to one moment when they are no farther apart than half the smaller of their
cameras' sampling steps, and no other frame is nearer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_OFFSET_MS: Final = 24 * 3600 * 1000.0
MOST_DRIFT_PPM: Final = 1000.0
"""More than any camera's crystal is off."""
_ROUND_S: Final = 1e-4


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How a camera's time becomes session time.

    Attributes:
        offset_ms: What to add to the camera's time.
        drift_ppm: How much too slow its clock runs, parts per million.
    """

    offset_ms: float = 0.0
    drift_ppm: float = 0.0

    def session_s(self, camera_s: float) -> float:
        """Session time of a camera time, seconds."""
        return camera_s * (1 + self.drift_ppm * 1e-6) + self.offset_ms / 1000

    def camera_s(self, session_s: float) -> float:
        """Camera time of a session time, seconds."""
        return (session_s - self.offset_ms / 1000) / (1 + self.drift_ppm * 1e-6)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Moments made of frames.

    Attributes:
        times_s: Session time of each moment, ascending.
        members: Per moment, camera → index of the frame in that camera's list.
        residual_s: Per camera, mean distance of its paired frames from their moments; None where
            no frame of it has a partner.
        alone: Per camera, how many of its frames have no partner.
    """

    times_s: tuple[float, ...]
    members: tuple[Mapping[int, int], ...]
    residual_s: Mapping[int, float | None]
    alone: Mapping[int, int]


def sampling_step(times_s: Sequence[float] | Floats) -> float:
    """Median time between frames, seconds; infinite for fewer than two."""
    steps = np.diff(np.sort(np.asarray(times_s, dtype=np.float64)))
    return float(np.median(steps)) if len(steps) else float("inf")


def pair_moments(frames: Mapping[int, Sequence[float]]) -> Pairing:
    """Pair frames of several cameras by session time, each frame in exactly one moment.

    Args:
        frames: Camera → session times of its frames. The first camera gives the moments' times;
            frames of others that fit none make moments of their own.
    """
    times: list[float] = []
    steps: list[float] = []
    owners: list[int] = []
    members: list[dict[int, int]] = []
    distances: dict[int, list[tuple[int, float]]] = {camera: [] for camera in frames}
    for camera, own in frames.items():
        session = np.asarray(own, dtype=np.float64)
        step = sampling_step(session)
        taken = _nearest_first(np.array(times), np.array(steps), session, step)
        for k, at in enumerate(session):
            if k in taken:
                moment = taken[k]
                members[moment][camera] = k
                distances[camera].append((moment, abs(float(at) - times[moment])))
            else:
                times.append(float(at))
                steps.append(step)
                owners.append(camera)
                members.append({camera: k})
    order = sorted(range(len(times)), key=lambda m: (times[m], m))
    alone = dict.fromkeys(frames, 0)
    for together in members:
        if len(together) == 1:
            alone[next(iter(together))] += 1
    for moment, owner in enumerate(owners):  # the frame that gave a moment its time
        if len(members[moment]) > 1:
            distances[owner].append((moment, 0.0))
    residual = {
        camera: float(np.mean([d for _, d in found])) if found else None
        for camera, found in distances.items()
    }
    return Pairing(
        tuple(times[m] for m in order), tuple(members[m] for m in order), residual, alone
    )


def _nearest_first(times: Floats, steps: Floats, session: Floats, step: float) -> dict[int, int]:
    """Frame → moment, nearest pairs first, none twice."""
    if not len(times) or not len(session):
        return {}
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    reach = np.minimum(steps, step) / 2
    if not np.isfinite(reach).all():
        reach = np.where(np.isfinite(reach), reach, 0.5)
    reach = reach + _ROUND_S
    widest = float(reach.max())
    candidates: list[tuple[float, int, int, int]] = []
    low = np.searchsorted(ordered, session - widest)
    high = np.searchsorted(ordered, session + widest, side="right")
    for k in range(len(session)):
        for place in range(int(low[k]), int(high[k])):
            moment = int(order[place])
            distance = abs(float(ordered[place]) - float(session[k]))
            if distance <= reach[moment]:
                # Rounded, so that frames half-way between moments all go the same way.
                candidates.append((round(distance / _ROUND_S), place, k, moment))
    taken: dict[int, int] = {}
    used: set[int] = set()
    for _, _, k, moment in sorted(candidates):
        if k not in taken and moment not in used:
            taken[k] = moment
            used.add(moment)
    return taken


def instants(
    reference: Sequence[float], chosen: Sequence[int], begin_s: float, end_s: float
) -> list[float]:
    """Session times at which frames are wanted.

    Those of the reference camera's chosen frames, carried on at their mean step before its
    beginning and after its end, where only other cameras were running.

    Args:
        reference: Session times of all frames of the reference camera, ascending.
        chosen: Indices of the frames that its sampling takes, ascending, not empty.
        begin_s: Session time from which any camera runs.
        end_s: Session time of the last frame of any camera.
    """
    times = [reference[k] for k in chosen]
    step = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.0
    if step > 0:
        before = int(max(0.0, (times[0] - begin_s + _ROUND_S) // step))
        after = int(max(0.0, (end_s - times[-1] + _ROUND_S) // step))
        times = [times[0] - step * n for n in range(before, 0, -1)] + times
        last = times[-1]
        times += [last + step * n for n in range(1, after + 1)]
    return times


def nearest_frames(camera_s: Sequence[float], wanted_s: Sequence[float]) -> list[int | None]:
    """For each wanted camera time the nearest frame, each frame at most once.

    None where the camera was not running: farther than half a frame from its first or last.

    Args:
        camera_s: Times of all of a video's frames, ascending.
        wanted_s: Camera times, ascending.
    """
    times = np.asarray(camera_s, dtype=np.float64)
    half = sampling_step(times) / 2 if len(times) > 1 else 0.5
    found: list[int | None] = []
    last = -1
    for wanted in wanted_s:
        k = int(np.searchsorted(times, wanted))
        near = [n for n in (k - 1, k) if 0 <= n < len(times)]
        best = min(near, key=lambda n: abs(times[n] - wanted), default=None)
        outside = not len(times) or not times[0] - half <= wanted <= times[-1] + half
        if best is None or outside or best <= last:
            found.append(None)
            continue
        last = best
        found.append(best)
    return found
