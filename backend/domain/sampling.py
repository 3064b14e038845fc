"""Which frames of videos are taken: every n-th, or so many per second.

With several cameras the instants are chosen once, and every camera gives the frame nearest to each.

- *Every n-th* counts the frames of the first camera; where it was not running, instants go on at
  its usual step. Every frame (n = 1) means every frame of every camera.
- *So many per second* is an even grid that begins with the first camera's first frame
  (:mod:`backend.domain.frame_rates`). An instant of the grid is the first camera's if that has a
  frame for it, else the next one's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backend.domain.errors import InvalidInput
from backend.domain.frame_groups import (
    CameraTimes,
    FrameGroups,
    group_all,
    group_at,
    group_slots,
    instants,
)
from backend.domain.frame_matching import Floats, Ints
from backend.domain.frame_rates import frames_at_rate


@dataclass(frozen=True, slots=True)
class EveryNth:
    """The first frame and every n-th after it."""

    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            raise InvalidInput(f"Every {self.n}-th frame: the step must be 1 or more.")


@dataclass(frozen=True, slots=True)
class AtRate:
    """At most so many frames per second; a video with fewer gives all of its frames."""

    fps: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.fps) and self.fps > 0):
            raise InvalidInput(f"{self.fps} frames per second: the rate must be above 0.")


Sampling = EveryNth | AtRate


def sampling_of(mode: str, value: float) -> Sampling:
    """A choice of frames as requests have it: ``every`` or ``fps`` with its number.

    Raises:
        InvalidInput: the number makes no sense.
    """
    return EveryNth(int(value)) if mode == "every" else AtRate(value)


def frames_taken(times_s: ArrayLike, sampling: Sampling) -> Ints:
    """Indices of the frames of one camera that are taken, ascending.

    Args:
        times_s: Shape (n,), seconds, ascending; the first is the origin of the grid.
        sampling: What is asked for.
    """
    times = np.asarray(times_s, dtype=np.float64)
    if isinstance(sampling, EveryNth):
        return np.arange(0, len(times), sampling.n, dtype=np.int64)
    since = times - times[0] if len(times) else times
    return np.array(frames_at_rate(since.tolist(), sampling.fps), dtype=np.int64)


def sample(cameras: Sequence[CameraTimes], sampling: Sampling) -> FrameGroups:
    """The moments that an import is made of.

    Args:
        cameras: All source frames of each, on one clock; the first is the reference. Each has at
            least one frame.
        sampling: What is asked for.
    """
    first = cameras[0]
    if len(cameras) == 1:
        taken = frames_taken(first.times_s, sampling)
        return FrameGroups(first.times_s[taken], taken[:, None])
    if isinstance(sampling, AtRate):
        origin = float(first.times_s[0])
        return group_slots(cameras, [_on_grid(c.times_s, sampling.fps, origin) for c in cameras])
    if sampling.n == 1:
        return group_all(cameras)
    step = sampling.n * (first.interval_s or max(camera.interval_s for camera in cameras))
    begin = min(float(camera.times_s[0]) for camera in cameras)
    end = max(float(camera.times_s[-1]) for camera in cameras)
    taken = frames_taken(first.times_s, sampling)
    return group_at(cameras, instants(first.times_s, taken.tolist(), step, begin, end))


def _on_grid(times: Floats, fps: float, origin_s: float) -> tuple[Ints, Ints]:
    """Numbers of the grid's points that have a frame, ascending, and that frame's index."""
    since = times - origin_s
    frames = np.array(frames_at_rate(since.tolist(), fps), dtype=np.int64)
    points = np.rint(since[frames] * fps).astype(np.int64)
    # Two frames at the grid's own rate that jitter may round to one point: they have two.
    steps = np.arange(len(points))
    points = np.maximum.accumulate(points - steps) + steps
    return points, frames
