"""Clocks by what the cameras heard.

First the loudness of several bands is compared over the whole recording, which finds the offset to
some hundredths of a second wherever it lies and whatever the clocks' drift; short recordings are
compared by their waveforms as well. Then GCC-PHAT follows each of the likeliest lags through
windows over time, to a fraction of a sample. The lag that most windows agree on is taken; how well
the next best one would do tells whether the sound repeats. Sound takes 2.9 ms a metre, so cameras
a few metres apart hear an event some milliseconds apart: that is the method's floor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.confidence import SURE
from worker.synchronisation.confidence import (
    SoundFeatures,
    loudness_confidence,
    loudness_distinct,
    sound_confidence,
    sound_distinct,
)
from worker.synchronisation.correlate import (
    Correlation,
    Signal,
    normalised,
    together,
    waveform_peaks,
)
from worker.synchronisation.follow import Line, Windows, follow, line_of
from worker.synchronisation.footage import Footage, frame_times_of, sound_of
from worker.synchronisation.result import Curve, PairLag, Synchronised
from worker.synchronisation.signals import measure_signals
from worker.synchronisation.solve import Precision, interval_of, settle, solve
from worker.synchronisation.sound import RATE, Sound, loudness

Floats = NDArray[np.float64]

TOLERANCE_S: Final = 0.008
"""Sound's way between cameras some metres apart."""
WAY_S: Final = 0.0026
"""Standard deviation of that way: 0.9 m."""
_MAX_WAVEFORM: Final = 2**23
"""Samples of both sounds together up to which whole waveforms are compared."""
_CANDIDATES: Final = 10
_APART_S: Final = 0.03
_MIN_OF_BEST: Final = 0.4
_PEAKS: Final = 4
_PREFERRED: Final = 0.8
_FIRST_WINDOWS: Final = 6
_RIVAL_WINDOWS: Final = 12
_BETTER: Final = 3.0
"""Standard deviations by which a window fits better."""
_CLEAR: Final = 10.0
"""Standard errors from which on a rival is none."""
LOUD_APART_S: Final = 0.1
LOUD_AGREE_S: Final = 0.03

Progress = Callable[[int, int], None]


def by_audio(
    videos: Sequence[Footage], names: Sequence[str], progress: Progress | None = None
) -> Synchronised:
    """Clocks from the sound of all pairs of cameras.

    Raises:
        InvalidInput: fewer than two videos have sound, or none sound alike.
    """
    done = 0

    def read(footage: Footage, name: str) -> tuple[Sound, float]:
        nonlocal done
        if progress:
            progress(done, len(videos))
        done += 1
        return sound_of(footage, name), interval_of(frame_times_of(footage, name))

    found, faults = settle(videos, names, read)
    return clocks_of_sounds(
        {i: sound for i, (sound, _) in found.items()}, names, faults,
        {i: interval for i, (_, interval) in found.items()},
    )  # fmt: skip


def clocks_of_sounds(
    sounds: Mapping[int, Sound],
    names: Sequence[str],
    faults: Mapping[int, str],
    intervals_s: Mapping[int, float],
) -> Synchronised:
    """Clocks from sounds.

    Args:
        sounds: By camera; those without are in ``faults``.
        names: Of all cameras.
        faults: By camera, why it has no sound.
        intervals_s: By camera, seconds between frames.

    Raises:
        InvalidInput: fewer than two sounds, or none alike.
    """
    ends = {i: sound.end_s for i, sound in sounds.items()}
    pairs = lags_of_sounds(sounds) if len(sounds) > 1 else []
    return solve(
        "audio", names, pairs, dict(faults), tolerance_s=TOLERANCE_S,
        precision=Precision(intervals_s, ends, WAY_S),
    )  # fmt: skip


def lags_of_sounds(sounds: Mapping[int, Sound]) -> list[PairLag]:
    """The lag of each pair in which something was found."""
    signals = {i: loudness(sound) for i, sound in sounds.items()}
    coarse: dict[tuple[int, int], Correlation] = {}
    for i, j in combinations(sounds, 2):
        overlap = least_overlap(signals[i], signals[j])
        coarse[i, j] = normalised(signals[i], signals[j], overlap)
    starts = together(coarse, _PEAKS, apart_s=0.1)
    pairs = []
    for (i, j), correlation in coarse.items():
        expected = starts[i] - starts[j]
        pair = _pair(sounds[i], sounds[j], signals[i], signals[j], correlation, expected)
        if pair is not None:
            pairs.append(replace(pair, first=i, second=j))
    return pairs


def least_overlap(first: Signal, second: Signal) -> float:
    """Seconds that two sounds must have in common."""
    return min(max(1.0, 0.1 * min(first.duration_s, second.duration_s)), 30.0)


def _pair(
    a: Sound, b: Sound, first: Signal, second: Signal, correlation: Correlation, expected: float
) -> PairLag | None:
    """The surer of waveform and loudness; where both say the same, the finer of the two."""
    fine = _by_waveform(a, b, correlation, expected)
    if fine is not None and fine.quality >= SURE:
        return fine
    rough = _by_loudness(first, second, correlation, expected)
    if rough is None or (fine is not None and fine.quality >= rough.quality):
        return fine
    if fine is None:
        return rough
    if abs(fine.lag_s - rough.lag_s) <= LOUD_AGREE_S:  # both heard the same: no second witness
        return replace(fine, quality=rough.quality, distinct=min(fine.distinct, rough.distinct))
    return replace(rough, doubt=rough.doubt or fine.doubt)


def _by_waveform(a: Sound, b: Sound, correlation: Correlation, expected: float) -> PairLag | None:
    features, line, seen, found = measure_pair(a, b, correlation, expected)
    if line is None or seen is None:
        return None
    rivals = tuple(rival.line.lag_s for rival in found if rival.is_near)
    doubt = _repeats(line.lag_s, rivals)
    changes = [(rival.line.lag_s - line.lag_s, rival.instead_from_s) for rival in found]
    for jump, at in [*changes, (line.jump_s, line.jump_at_s)]:
        if jump is not None and at is not None:
            doubt = (
                f"about {_clock(at)} their lag changes by {abs(jump) * 1000:.0f} ms: "
                "one of them lost sound or pictures there"
            )
    sigma = float(np.hypot(line.scatter_s / np.sqrt(line.windows) + 1e-4, line.wander_s / 2))
    return PairLag(
        0, 1, line.at_s, line.lag_s, sigma, line.slope, line.slope_sigma,
        sound_confidence(features), line.windows, _curve(seen, line), sound_distinct(features),
        rivals, "audio", doubt,
    )  # fmt: skip


def _by_loudness(
    first: Signal, second: Signal, correlation: Correlation, expected: float
) -> PairLag | None:
    """The lag by loudness alone, where echo leaves waveforms nothing in common."""
    found = measure_signals(first, second, correlation, expected, LOUD_APART_S, LOUD_AGREE_S)
    if found is None:
        return None
    features, pair = found
    return replace(
        pair, quality=loudness_confidence(features), distinct=loudness_distinct(features),
        method="audio", doubt=_repeats(pair.lag_s, pair.rivals_s),
    )  # fmt: skip


def _repeats(lag_s: float, rivals_s: Sequence[float]) -> str | None:
    if not rivals_s:
        return None
    every = ", ".join(f"{rival - lag_s:+.2f} s" for rival in rivals_s[:3])
    return f"what they hear repeats: it would fit almost as well at {every}"


def measure_pair(
    a: Sound, b: Sound, correlation: Correlation, expected: float
) -> tuple[SoundFeatures, Line | None, Windows | None, Sequence[Rival]]:
    """The best lag of two sounds, what speaks for it, and the other lags.

    Args:
        a: The first camera's sound.
        b: The second's.
        correlation: Of their loudness.
        expected: The lag that suits all cameras together.
    """
    followed: list[Line] = []
    for guess in _candidates(a, b, correlation, expected):
        seen = follow(a, b, guess, most=_FIRST_WINDOWS)
        line = line_of(seen) if seen is not None else None
        if line is not None and all(abs(line.lag_s - o.lag_s) > _APART_S for o in followed):
            followed.append(line)
    if not followed:
        return SoundFeatures(), None, None, ()
    first = max(followed, key=lambda line: line.score)
    suits = [
        line
        for line in followed
        if abs(line.lag_s - expected) < 0.1 and line.score > _PREFERRED * first.score
    ]
    tried = [suits[0] if suits else first]
    while True:
        seen = follow(a, b, tried[-1].lag_s)
        line = line_of(seen) if seen is not None else None
        if seen is None or line is None:
            return SoundFeatures(), None, None, ()
        rivals = [o for o in followed if abs(o.lag_s - line.lag_s) > _APART_S]
        found = _compare(a, b, line, seen, rivals)
        better = min(found, key=lambda rival: rival.margin, default=None)
        if better is None or better.margin > -1 or better.line in tried:
            break
        tried.append(better.line)
    alike = max(correlation.at(line.lag_s + shift) for shift in (-0.01, -0.005, 0.0, 0.005, 0.01))
    features = SoundFeatures(
        height=line.height,
        share=line.share,
        heard=line.windows / max(1, line.heard),
        windows=line.windows,
        second=line.second,
        rival=min(max((rival.level for rival in found), default=0.0), 1.0),
        margin=min((rival.margin for rival in found), default=_CLEAR),
        alike=alike,
        overlap_s=seen.span_s,
        overlap=seen.span_s / min(a.end_s - a.start_s, b.end_s - b.start_s),
        wander_s=line.wander_s,
    )
    return features, line, seen, found


def _candidates(a: Sound, b: Sound, correlation: Correlation, expected: float) -> list[float]:
    """Lags worth following, likeliest first."""
    peaks = correlation.peaks(_CANDIDATES, 0.1)
    best = peaks[0][1] if peaks else 0.0
    lags = [expected, *(lag for lag, value in peaks if value > _MIN_OF_BEST * best)]
    if len(a.samples) + len(b.samples) <= _MAX_WAVEFORM:
        found = waveform_peaks(
            a.samples / 32768, b.samples / 32768, RATE, count=6, apart_s=_APART_S
        )
        lags += [lag + b.start_s - a.start_s for lag in found]
    kept: list[float] = []
    for lag in lags:
        if all(abs(lag - other) > _APART_S for other in kept):
            kept.append(lag)
    return kept


@dataclass(frozen=True, slots=True)
class Rival:
    """Another lag beside the best one.

    Attributes:
        line: The other lag.
        level: Mean height of windows at it over that at the best.
        margin: By how many standard errors windows fit better at the best.
        instead_from_s: Time at which windows change from one lag to the other, where they do.
    """

    line: Line
    level: float
    margin: float
    instead_from_s: float | None = None

    @property
    def is_near(self) -> bool:
        """Whether it would do nearly as well."""
        return self.level > 0.5 and self.margin < 5


def _compare(a: Sound, b: Sound, line: Line, seen: Windows, rivals: Sequence[Line]) -> list[Rival]:
    """How near other lags come, and how surely they are worse, window by window.

    Sound that repeats fits as well a period later. Where something else is heard too, each window
    fits a little better at the right lag. A lag at which the two recorded none of these windows
    cannot be compared so: it counts by how far it stands out itself.
    """
    found = []
    mine = seen.heights_at(line.lag_s, line.slope or 0.0, line.at_s)
    thin = max(1, len(seen.grid) // _RIVAL_WINDOWS)
    for other in rivals:
        same = follow(a, b, other.lag_s, same=seen, thin=thin)
        its = same.heights_at(other.lag_s, other.slope or 0.0, other.at_s) if same else {}
        both = np.array([(mine[t], its[t]) for t in its if t in mine])
        if not len(both):
            found.append(Rival(other, min(other.height / max(line.height, 1e-9), 1.0), 0.0))
            continue
        more = both[:, 0] - both[:, 1]
        spread = float(more.std(ddof=1)) if len(more) > 1 else float(abs(more[0]))
        margin = float(more.mean()) / max(spread / np.sqrt(len(more)), 0.3)
        level = float(np.maximum(both[:, 1], 0).mean() / max(both[:, 0].mean(), 1e-9))
        when = np.array([t for t in its if t in mine])
        found.append(Rival(other, level, min(margin, _CLEAR), _change(when, more)))
    return found


def _change(times: Floats, more: Floats) -> float | None:
    """When windows begin, or cease, to fit better at another lag; None where they do not."""
    here, there = times[more > _BETTER], times[more < -_BETTER]
    if min(len(here), len(there)) < 2 or len(here) + len(there) < 0.7 * len(times):
        return None
    first, last = (here, there) if here.max() < there.min() else (there, here)
    return float(first.max() + last.min()) / 2 if first.max() < last.min() else None


def _curve(seen: Windows, line: Line) -> Curve:
    """GCC-PHAT about the line, averaged over the windows."""
    mean = seen.along(line.lag_s, line.slope or 0.0, line.at_s)
    middle, reach = len(mean) // 2, round(0.02 * RATE)
    shown = mean[middle - reach : middle + reach + 1] / max(float(np.abs(mean).max()), 1e-12)
    start = (line.lag_s - reach / RATE) * 1000
    return Curve(start, 1000 / RATE, tuple(float(v) for v in shown))


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
