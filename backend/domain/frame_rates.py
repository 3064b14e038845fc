"""Which frames of a video stand for so many a second.

The wanted instants are an even grid from the video's time 0. Each takes the frame nearest to it,
and each frame stands for one instant at most. Files round times to milliseconds, phones stamp
frames a little early or late, and 29.97 is sold as 30: nothing that is off by a fraction of a frame
may drop a frame or take one twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

_ABOUT_EQUAL: Final = 1 / 8
"""Of the time between two frames: so much nearer an instant is no nearer."""
_REACH: Final = 3 / 4
"""Of a step of the grid: how far a frame may be from its instant where another one is in its place.
Half a step is where the next instant is nearer; the rest is for times that jitter there."""
_APART: Final = 0.7
"""Of a step of the grid: frames so far apart come at the grid's own rate, and both are taken."""


@dataclass(slots=True)
class _Taken:
    frame: int
    instant: int
    off: float


def frames_at_rate(times_s: Sequence[float | Fraction], fps: float | Fraction) -> list[int]:
    """Indices of the frames nearest to 0, 1/fps, 2/fps, … seconds, each once, ascending.

    A video with fewer frames a second than asked for gives all of its frames, and an instant that
    no frame is near to (a gap, the end) gives none. Of two frames about equally near, the one is
    taken that keeps the distance between frames even, else the earlier.

    Args:
        times_s: Seconds of each frame since the video's first, ascending.
        fps: Frames per second, above 0.
    """
    rate = float(fps)
    positions = [float(time_s) * rate for time_s in times_s]
    taken: list[_Taken] = []
    for frame, at in enumerate(positions):
        nearest = math.floor(at + 0.5)
        if not taken or nearest > taken[-1].instant:
            taken.append(_Taken(frame, nearest, at - nearest))
        else:
            _compare(taken, frame, at)
    return [one.frame for place, one in enumerate(taken) if not _is_spare(place, taken, positions)]


def _is_spare(place: int, taken: Sequence[_Taken], positions: Sequence[float]) -> bool:
    """Whether a frame at the edge of a gap, or at the end, stands for an instant without frames.

    Had filming gone on, the next frame would have been nearer. It is kept where the next frame that
    is taken is a whole step away: then it is all that there is of that time.
    """
    one = taken[place]
    here = positions[one.frame]
    side = 1 if one.off < 0 else -1  # where the instant lies
    before, beyond = one.frame - side, one.frame + side
    if abs(one.off) > 0.5 or not 0 <= before < len(positions):
        return False
    if 0 <= beyond < len(positions) and abs(positions[beyond] - one.instant) < _REACH:
        return False
    if abs(one.off) <= (0.5 + _ABOUT_EQUAL) * abs(here - positions[before]):
        return False
    if not 0 <= place - side < len(taken):
        return False
    return abs(here - positions[taken[place - side].frame]) < 1


def _compare(taken: list[_Taken], frame: int, at: float) -> None:
    """Two frames for one instant: both if they come at the grid's rate, else the nearer."""
    last = taken[-1]
    apart = at - (last.instant + last.off)
    off = at - last.instant
    if apart >= _APART:
        free = len(taken) > 1 and taken[-2].instant < last.instant - 1
        if free and last.off + 1 <= _REACH:
            last.instant, last.off = last.instant - 1, last.off + 1
            taken.append(_Taken(frame, last.instant + 1, off))
            return
        if 1 - off <= _REACH:
            taken.append(_Taken(frame, last.instant + 1, off - 1))
            return
    nearer = abs(last.off) - abs(off)
    if abs(nearer) <= _ABOUT_EQUAL * apart and len(taken) > 1:
        before = taken[-2].off
        nearer = abs(last.off - before) - abs(off - before) - _ABOUT_EQUAL * apart
    if nearer > 0:
        taken[-1] = _Taken(frame, last.instant, off)
