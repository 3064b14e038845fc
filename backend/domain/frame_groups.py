"""Which frames of several cameras show one moment: those whose times agree, not positions.

Two frames agree when they lie at most half a frame of the slower camera apart; a frame's length is
the median distance of a camera's *source* frames, however few of them were taken. A moment holds at
most one frame of each camera, and no frame is in two. Within a moment every two frames agree, as
many cameras as possible take part, and of the choices that are left the one with the smallest
distance in time is made.

Cameras that run at one rate but out of step stay so for a whole recording. Asking half a frame of
every two of three or more such cameras would leave one of them out of every moment, though its
pictures are as near as they can be. Of *m* cameras of one rate, whatever their phases, one frame
each can be chosen within (1 - 1/m) of a frame (the largest of the m gaps round the circle of phases
is at least 1/m), so that is their limit: a half for two, two thirds for three, three quarters for
four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from backend.domain.errors import InvalidInput
from backend.domain.frame_matching import NONE, ROUND_S, Floats, Ints, Matching, nearest

SAME_RATE: Final = 0.01
"""Relative difference below which two cameras run at one rate: 29.97 and 30, not 24 and 25."""


@dataclass(frozen=True, slots=True)
class CameraTimes:
    """When a camera's frames were taken.

    Attributes:
        times_s: Shape (n,), seconds on the clock that all cameras share, ascending.
        interval_s: Seconds from one source frame to the next; 0 where that is not known, as for a
            single picture: then the other camera's frame counts alone.
    """

    times_s: Floats
    interval_s: float

    @classmethod
    def of(cls, times_s: ArrayLike, interval_s: float | None = None) -> CameraTimes:
        """Times of frames, and by default their own median distance.

        Raises:
            InvalidInput: times are not ascending or not finite, or the interval is negative.
        """
        times = np.asarray(times_s, dtype=np.float64)
        if not np.isfinite(times).all() or (np.diff(times) < 0).any():
            raise InvalidInput("The times of a camera's frames must be finite and ascending.")
        interval = frame_interval(times) if interval_s is None else float(interval_s)
        if not (np.isfinite(interval) and interval >= 0):
            raise InvalidInput("The time between a camera's frames must be 0 or more.")
        return cls(times, interval)


@dataclass(frozen=True, slots=True)
class FrameGroups:
    """Moments made of frames.

    Attributes:
        times_s: Shape (moments,), seconds, ascending: the time of the frame that each was built
            around.
        members: Shape (moments, cameras): index of the camera's frame, or ``NONE``. Down each
            column indices ascend.
    """

    times_s: Floats
    members: Ints

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def missing(self) -> list[int]:
        """Per camera, in how many moments it has no frame."""
        return [int(n) for n in (self.members == NONE).sum(axis=0)]

    @property
    def alone(self) -> list[int]:
        """Per camera, in how many moments it is the only one."""
        here = self.members != NONE
        single = here.sum(axis=1) == 1
        return [int(n) for n in (here & single[:, None]).sum(axis=0)]

    @property
    def complete(self) -> int:
        """How many moments all cameras saw."""
        return int((self.members != NONE).all(axis=1).sum())

    def distances(self, cameras: Sequence[CameraTimes]) -> list[float | None]:
        """Per camera, mean seconds from its frames to the moments that it shares with others."""
        shared = (self.members != NONE).sum(axis=1) > 1
        found: list[float | None] = []
        for c, camera in enumerate(cameras):
            rows = shared & (self.members[:, c] != NONE)
            apart = np.abs(camera.times_s[self.members[rows, c]] - self.times_s[rows])
            found.append(float(apart.mean()) if len(apart) else None)
        return found


def frame_interval(times_s: ArrayLike) -> float:
    """Median seconds from one frame to the next; 0 for fewer than two times."""
    steps = np.diff(np.asarray(times_s, dtype=np.float64))
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else 0.0


def limits(intervals_s: Sequence[float]) -> Floats:
    """How far frames of two cameras may lie apart in one moment, seconds, shape (C, C).

    Half a frame of the slower one; see the module's text for three and more of one rate.
    """
    own = np.asarray(intervals_s, dtype=np.float64)
    slower = np.maximum(own[:, None], own[None, :])
    same = np.abs(own[:, None] - own[None, :]) <= SAME_RATE * slower
    alike = np.maximum(2, same.sum(axis=1))
    among = np.minimum(alike[:, None], alike[None, :])
    return slower * np.where(same, 1 - 1 / among, 0.5) + ROUND_S / 2


def group_all(cameras: Sequence[CameraTimes]) -> FrameGroups:
    """Put every frame of every camera into exactly one moment.

    Moments are built around the frames of the slowest camera, then around what the others have
    left, slowest first.
    """
    matching = _matching(cameras)
    for c in sorted(range(len(cameras)), key=lambda c: (-cameras[c].interval_s, c)):
        left = matching.free(c)
        matching.build(np.full(len(left), c), left)
    return FrameGroups(*matching.moments())


def group_slots(cameras: Sequence[CameraTimes], slots: Sequence[tuple[Ints, Ints]]) -> FrameGroups:
    """One moment for each slot that a camera has a frame for, an earlier camera's frame first.

    Args:
        cameras: The first is the reference.
        slots: Per camera the numbers of slots, ascending, and the index of the frame for each. A
            later camera opens a slot only with a frame that no moment has taken yet.
    """
    matching = _matching(cameras)
    filled = np.zeros(0, np.int64)
    for c, (numbers, frames) in enumerate(slots):
        new = ~np.isin(numbers, filled) & np.isin(frames, matching.free(c))
        filled = np.union1d(filled, numbers[new])
        matching.build(np.full(int(new.sum()), c), frames[new])
    return FrameGroups(*matching.moments())


def group_at(cameras: Sequence[CameraTimes], wanted_s: ArrayLike) -> FrameGroups:
    """Choose frames for the wanted instants, so that cameras agree at each of them.

    Each moment is built around the frame nearest to its instant: the first camera's, or where that
    has no picture within half of its frame, the next one's. An instant near which no camera has a
    picture gives no moment.

    Args:
        cameras: The first is the reference.
        wanted_s: Seconds, ascending.
    """
    wanted = np.asarray(wanted_s, dtype=np.float64)
    eyes = np.full(len(wanted), NONE)
    frames = np.full(len(wanted), NONE)
    for c, camera in enumerate(cameras):
        open_ = np.flatnonzero(eyes == NONE)
        if not len(open_) or not len(camera.times_s):
            continue
        best = nearest(camera.times_s, wanted[open_])
        apart = np.abs(camera.times_s[best] - wanted[open_])
        near = apart <= camera.interval_s / 2 + ROUND_S / 2
        eyes[open_[near]], frames[open_[near]] = c, best[near]
    known = eyes != NONE
    eyes, frames = eyes[known], frames[known]
    # One frame may be the nearest to two instants, where these lie closer than its frames.
    _, first = np.unique(np.stack([eyes, frames]), axis=1, return_index=True)
    matching = _matching(cameras)
    matching.build(eyes[np.sort(first)], frames[np.sort(first)])
    return FrameGroups(*matching.moments())


def instants(
    times_s: ArrayLike, chosen: Sequence[int], step_s: float, begin_s: float, end_s: float
) -> Floats:
    """Times at which frames are wanted: the reference camera's, carried on where it paused.

    Args:
        times_s: Times of all frames of the reference camera, ascending.
        chosen: Indices of the frames that its sampling takes, ascending, not empty.
        step_s: Usual time from one wanted frame to the next.
        begin_s: When the first camera began.
        end_s: Time of the last frame of any camera.

    Returns:
        Ascending. Where the camera began later than others, ended earlier, or paused for more than
        one and a half steps, instants follow each other by ``step_s``.
    """
    times = np.asarray(times_s, dtype=np.float64)
    taken = times[np.asarray(chosen, dtype=np.int64)]
    if step_s <= 0:
        return taken
    parts: list[Floats] = []
    before = int(max(0.0, (taken[0] - begin_s + ROUND_S) // step_s))
    parts.append(taken[0] - step_s * np.arange(before, 0, -1))
    pauses = times[:-1][np.diff(times) > 1.5 * step_s]
    last = 0
    for pause in pauses:
        k = int(np.searchsorted(taken, pause, side="right"))  # the first one after the pause
        if not 0 < k < len(taken):
            continue
        parts.append(taken[last:k])
        last = k
        count = round((taken[k] - taken[k - 1]) / step_s) - 1
        if count > 0:
            parts.append(np.linspace(taken[k - 1], taken[k], count + 2)[1:-1])
    parts.append(taken[last:])
    after = int(max(0.0, (end_s - taken[-1] + ROUND_S) // step_s))
    beyond = taken[-1] + step_s * np.arange(1, after + 1)
    parts.append(beyond[beyond > times[-1] + ROUND_S])
    return np.concatenate(parts)


def _matching(cameras: Sequence[CameraTimes]) -> Matching:
    intervals = [camera.interval_s for camera in cameras]
    return Matching([camera.times_s for camera in cameras], intervals, limits(intervals))
