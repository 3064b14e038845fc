"""Clocks by what the cameras saw move.

How much moves, and how much of it up and down, goes up and down together in all views. The
cameras' signals are correlated for all pairs; the lags are chosen so that they agree round every
loop, and each is refined to a fraction of a frame by a parabola. Windows over time tell how exact
that is, how the clocks drift, and whether the motion repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from worker.synchronisation.confidence import motion_confidence, motion_distinct
from worker.synchronisation.correlate import Correlation, Signal, normalised, together
from worker.synchronisation.footage import Footage, motion_through
from worker.synchronisation.movement import MAX_S, Motion, signal_of
from worker.synchronisation.result import PairLag, Synchronised
from worker.synchronisation.signals import measure_signals
from worker.synchronisation.solve import Precision, settle, solve

_MAX_RATE: Final = 120.0
_PEAKS: Final = 4

Progress = Callable[[int, int], None]


def by_motion(
    videos: Sequence[Footage],
    names: Sequence[str],
    progress: Progress | None = None,
    *,
    longest_s: float = MAX_S,
    cancelled: Callable[[], None] = lambda: None,
) -> Synchronised:
    """Clocks from what moves in all pairs of views.

    Raises:
        InvalidInput: in fewer than two videos something moves, or no two move alike.
    """
    done = 0

    def read(footage: Footage, name: str) -> Motion:
        nonlocal done
        if progress:
            progress(done, len(videos))
        done += 1
        return motion_through(footage, name, longest_s=longest_s, cancelled=cancelled)

    motions, faults = settle(videos, names, read)
    return clocks_of_motions(motions, names, faults)


def clocks_of_motions(
    motions: Mapping[int, Motion], names: Sequence[str], faults: Mapping[int, str]
) -> Synchronised:
    """Clocks from what moves.

    Args:
        motions: By camera; those without are in ``faults``.
        names: Of all cameras.
        faults: By camera, why nothing could be watched.

    Raises:
        InvalidInput: fewer than two motions, or none alike.
    """
    intervals = {i: motion.interval_s for i, motion in motions.items()}
    ends = {i: float(motion.times[-1]) for i, motion in motions.items()}
    pairs = lags_of_motions(motions) if len(motions) > 1 else []
    return solve(
        "motion", names, pairs, faults, tolerance_s=max(intervals.values(), default=0.04) / 2,
        precision=Precision(intervals, ends),
    )  # fmt: skip


def lags_of_motions(motions: Mapping[int, Motion]) -> list[PairLag]:
    """The lag of each pair in which something was found."""
    rate, apart = grid_of([motion.interval_s for motion in motions.values()])
    signals = {i: signal_of(motion, rate) for i, motion in motions.items()}
    correlations: dict[tuple[int, int], Correlation] = {}
    for i, j in combinations(motions, 2):
        overlap = least_overlap(signals[i], signals[j])
        correlations[i, j] = normalised(signals[i], signals[j], overlap)
    starts = together(correlations, _PEAKS, apart_s=apart)
    pairs = []
    for (i, j), correlation in correlations.items():
        interval = max(motions[i].interval_s, motions[j].interval_s)
        found = measure_signals(
            signals[i], signals[j], correlation, starts[i] - starts[j], apart, interval
        )
        if found is not None:
            features, pair = found
            quality, distinct = motion_confidence(features), motion_distinct(features)
            doubt = None
            if pair.rivals_s:
                every = ", ".join(f"{lag - pair.lag_s:+.2f} s" for lag in pair.rivals_s[:3])
                doubt = f"what they see repeats: it would fit almost as well at {every}"
            judged = replace(pair, quality=quality, distinct=distinct, doubt=doubt)
            pairs.append(replace(judged, first=i, second=j, method="motion"))
    return pairs


def grid_of(intervals_s: Sequence[float]) -> tuple[float, float]:
    """Samples per second at which motions are compared, and how near lags are one."""
    return min(_MAX_RATE, 2 / min(intervals_s)), max(0.1, 2 * max(intervals_s))


def least_overlap(first: Signal, second: Signal) -> float:
    """Seconds that two motions must have in common."""
    return max(0.6, 0.15 * min(first.duration_s, second.duration_s))
