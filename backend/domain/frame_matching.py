"""Building moments around given frames: how :mod:`backend.domain.frame_groups` keeps its rule.

Most frames are matched at once, as arrays: where the nearest frames of all cameras are nearest to
each other and nobody else's, there is nothing to weigh. What is left is matched one by one, the
choice with the most cameras and the smallest distance first, so that no two frames stand apart
that are both nearer to each other than to the frames they stand with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NONE: Final = -1
"""In a table of members: the camera has no frame in that moment."""
ROUND_S: Final = 1e-4
"""Times are compared to a tenth of a millisecond, the finest that containers' clocks agree to."""
_TIE_S: Final = 1e-7
"""More than floating point leaves of two equal distances."""

Score = tuple[int, int, int]
Offer = tuple[Score, int, dict[int, int]]


def nearest(times: Floats, wanted: Floats) -> Ints:
    """Index of the nearest time to each wanted one; of two as near, the later.

    Args:
        times: Shape (n,), ascending, not empty.
        wanted: Shape (m,).
    """
    right = np.clip(np.searchsorted(times, wanted), 0, len(times) - 1)
    left = np.maximum(right - 1, 0)
    later = np.abs(times[right] - wanted) <= np.abs(times[left] - wanted) + _TIE_S
    return np.asarray(np.where(later, right, left), dtype=np.int64)


class Matching:
    """Moments in the making: which frame stands where, and which are free.

    Args:
        times: Per camera, shape (n,), ascending.
        intervals: Per camera, seconds from frame to frame.
        limits: Shape (C, C): how far frames of two cameras may lie apart.
    """

    def __init__(self, times: Sequence[Floats], intervals: Sequence[float], limits: Floats) -> None:
        self.times = times
        self.limits = limits
        self.halves = np.asarray(intervals, dtype=np.float64) / 2
        self.slowest_first = sorted(range(len(times)), key=lambda c: (-intervals[c], c))
        self.moment_of = [np.full(len(own), np.nan) for own in times]
        """Per camera and frame, the time of the moment that has it; NaN for free ones."""
        self._at: list[Floats] = []
        self._members: list[Ints] = []

    def free(self, camera: int) -> Ints:
        """Indices of the camera's frames that no moment has yet."""
        return np.flatnonzero(np.isnan(self.moment_of[camera])).astype(np.int64)

    def build(self, eyes: Ints, frames: Ints) -> None:
        """Make a moment around each of these free frames, given by camera and index."""
        at = np.zeros(len(eyes))
        for c, times in enumerate(self.times):
            at[eyes == c] = times[frames[eyes == c]]
        order = np.lexsort((frames, eyes, at))
        eyes, frames, at = eyes[order], frames[order], at[order]
        members = np.full((len(at), len(self.times)), NONE, dtype=np.int64)
        members[np.arange(len(at)), eyes] = frames
        if len(at) and len(self.times) > 1:
            _Filling(self, eyes, at, members).run()
        for c in range(len(self.times)):
            here = members[:, c] != NONE
            self.moment_of[c][members[here, c]] = at[here]
        self._at.append(at)
        self._members.append(members)

    def moments(self) -> tuple[Floats, Ints]:
        """Times (moments,) and members (moments, C) of all, in the order of every camera."""
        if not self._at:
            return np.zeros(0), np.zeros((0, len(self.times)), np.int64)
        at, members = np.concatenate(self._at), np.concatenate(self._members)
        order = np.argsort(at, kind="stable").astype(np.int64)
        if not all(_ascends(members[order, c]) for c in range(len(self.times))):
            order = np.array(list(_in_every_order(at, members)), dtype=np.int64)
        return np.maximum.accumulate(at[order]), members[order]


class _Filling:
    """Moments, each around one frame, that free frames of the other cameras join."""

    def __init__(self, matching: Matching, eyes: Ints, at: Floats, members: Ints) -> None:
        self.matching = matching
        self.times = matching.times
        self.limits = matching.limits
        self.eyes, self.at, self.members = eyes, at, members
        self.taken = [~np.isnan(moments) for moments in matching.moment_of]
        for c, taken in enumerate(self.taken):
            taken[members[eyes == c, c]] = True
        self.bounds = [_moments_around(moments) for moments in matching.moment_of]
        # A frame that lies between frames of moments which lie elsewhere would cross them.
        self.lonely = np.zeros(len(at), bool)
        for c, (low, high) in enumerate(self.bounds):
            rows = np.flatnonzero(eyes == c)
            own = members[rows, c]
            self.lonely[rows] = (low[own] >= at[rows]) | (high[own] <= at[rows])

    def run(self) -> None:
        """Fill all moments."""
        found = self._nearest_free()
        sure = self._beyond_doubt(found)
        self.members[sure] = found[sure]
        for c, taken in enumerate(self.taken):
            column = self.members[sure, c]
            taken[column[column != NONE]] = True
        offers = [
            offer
            for k in np.flatnonzero(~sure & ~self.lonely)
            if (offer := self._best(int(k))) is not None
        ]
        heapify(offers)
        while offers:
            _, k, chosen = heappop(offers)
            if all(self._may_join(k, c, frame) for c, frame in chosen.items()):
                for c, frame in chosen.items():
                    self.members[k, c] = frame
                    self.taken[c][frame] = True
            elif (offer := self._best(k)) is not None:
                heappush(offers, offer)

    def _nearest_free(self) -> Ints:
        """Per moment and camera the nearest free frame within the limit."""
        found = self.members.copy()
        for c, times in enumerate(self.times):
            free = np.flatnonzero(~self.taken[c])
            if not len(free):
                continue
            near = free[nearest(times[free], self.at)]
            low, high = self.bounds[c]
            fits = (
                (self.eyes != c)
                & ~self.lonely
                & (np.abs(times[near] - self.at) <= self.limits[c, self.eyes])
                & (low[near] < self.at)
                & (self.at < high[near])
            )
            found[fits, c] = near[fits]
        return found

    def _beyond_doubt(self, found: Ints) -> NDArray[np.bool_]:
        """Which moments can have their nearest frames: nobody else's, with hardly any nearer."""
        here = found != NONE
        when = np.full(found.shape, np.nan)
        for c, times in enumerate(self.times):
            when[here[:, c], c] = times[found[here[:, c], c]]
        spread = np.nanmax(when, axis=1) - np.nanmin(when, axis=1)
        half = np.where(here, self.matching.halves, np.inf).min(axis=1)
        sure = (here.sum(axis=1) <= 2) | (spread <= half + ROUND_S / 2)
        for c in range(len(self.times)):
            rows = np.flatnonzero(here[:, c])
            clash = np.flatnonzero(np.diff(found[rows, c]) <= 0)
            sure[rows[clash]] = sure[rows[clash + 1]] = False
            joined = rows[self.eyes[rows] != c]
            own = np.abs(when[joined, c] - self.at[joined])
            others = np.abs(when[joined, c] - self.at[nearest(self.at, when[joined, c])])
            sure[joined[others < own - ROUND_S]] = False
        return np.asarray(sure, dtype=np.bool_)

    def _best(self, k: int) -> Offer | None:
        """The best choice of free frames for a moment: most cameras, then the smallest spread.

        Every choice begins at its earliest frame: the moment's own, or one before it.
        """
        at, eye = float(self.at[k]), int(self.eyes[k])
        pools = {c: pool for c in self.matching.slowest_first if (pool := self._pool(k, c))}
        if not pools:
            return None
        earlier = sorted(
            ((when, c, frame) for c, pool in pools.items() for when, frame in pool if when < at),
            reverse=True,
        )
        starts = [(at, eye, NONE), *earlier]
        offers = [self._beginning(k, at, eye, start, pools) for start in starts]
        offers = [offer for offer in offers if offer[2]]
        return min(offers, key=lambda offer: offer[0]) if offers else None

    def _beginning(
        self, k: int, at: float, eye: int, start: tuple[float, int, int],
        pools: dict[int, list[tuple[float, int]]],
    ) -> Offer:  # fmt: skip
        begin, first, frame = start
        here = {eye: at}
        chosen: dict[int, int] = {}
        if frame != NONE:
            here[first], chosen[first] = begin, frame
        end = at
        for c, pool in pools.items():
            if c in here:
                continue
            fitting = [
                (max(0.0, when - end), abs(when - at), when, number)
                for when, number in pool
                if when >= begin
                and all(abs(when - t) <= self.limits[c, other] for other, t in here.items())
            ]
            if fitting:
                growth, _, when, chosen[c] = min(fitting)
                here[c] = when
                end += growth
        score = (
            -len(chosen),
            round((end - begin) / ROUND_S),
            round(sum(abs(when - at) for when in here.values()) / ROUND_S),
        )
        return score, k, chosen

    def _pool(self, k: int, c: int) -> list[tuple[float, int]]:
        """Time and index of the camera's free frames that may join a moment."""
        if c == self.eyes[k]:
            return []
        times, reach = self.times[c], self.limits[c, self.eyes[k]]
        first = int(np.searchsorted(times, self.at[k] - reach))
        last = int(np.searchsorted(times, self.at[k] + reach, side="right"))
        return [(float(times[f]), f) for f in range(first, last) if self._may_join(k, c, f)]

    def _may_join(self, k: int, c: int, frame: int) -> bool:
        """Whether a frame is free and, joined to a moment, leaves all frames in their order."""
        low, high = self.bounds[c]
        if self.taken[c][frame] or not low[frame] < self.at[k] < high[frame]:
            return False
        # Of this filling's moments only those can be crossed whose frames may lie that far away.
        widest = 2 * self.limits[c].max()
        for step in (-1, 1):
            other = k + step
            while 0 <= other < len(self.at) and abs(self.at[other] - self.at[k]) <= widest:
                there = self.members[other, c]
                if there != NONE:
                    if (there - frame) * step < 0:
                        return False
                    break
                other += step
        return True


def _moments_around(moment_of: Floats) -> tuple[Floats, Floats]:
    """Per frame the time of the moment of the last frame up to it that has one, and of the next."""
    known = ~np.isnan(moment_of)
    places = np.arange(len(moment_of))
    before = np.maximum.accumulate(np.where(known, places, NONE)) if len(places) else places
    low = np.where(before == NONE, -np.inf, moment_of[before])
    ahead = np.where(known, places, len(places))
    after = np.minimum.accumulate(ahead[::-1])[::-1] if len(places) else places
    high = np.where(after == len(places), np.inf, moment_of[np.minimum(after, len(places) - 1)])
    return low, high


def _ascends(column: Ints) -> bool:
    own = column[column != NONE]
    return bool((np.diff(own) > 0).all())


def _in_every_order(at: Floats, members: Ints) -> Iterator[int]:
    """Moments so that each camera's frames come in their order, otherwise by time."""
    behind: list[list[int]] = [[] for _ in at]
    waiting = np.zeros(len(at), np.int64)
    for column in members.T:
        rows = np.flatnonzero(column != NONE)
        rows = rows[np.argsort(column[rows], kind="stable")]
        for earlier, later in pairwise(rows.tolist()):
            behind[earlier].append(later)
            waiting[later] += 1
    ready = [(float(at[k]), int(k)) for k in np.flatnonzero(waiting == 0)]
    heapify(ready)
    while ready:
        _, k = heappop(ready)
        yield k
        for later in behind[k]:
            waiting[later] -= 1
            if waiting[later] == 0:
                heappush(ready, (float(at[later]), later))
