"""A lag of two sounds, followed through windows over time by GCC-PHAT.

Each window gives the lag at which the two waveforms are most alike, near a guess. A straight line
through those that agree is lag and drift. How many agree, how far they stand out, and how well
another lag would do, tell how far to trust it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from worker.synchronisation.correlate import phat
from worker.synchronisation.sound import RATE, SILENT, Sound

Floats = NDArray[np.float64]

PHAT_BAND: Final = (100.0, 7000.0)
WINDOW_S: Final = 4.0
SIGNIFICANT: Final = 6.0
"""Height of a GCC-PHAT peak in standard deviations; the highest of 10,000 lags of noise has 4."""
FINE_SIGMA_S: Final = 0.0003
_WINDOWS: Final = 48
_MIN_S: Final = 0.25
_MAX_DRIFT: Final = 2e-4
_AGREE_S: Final = 0.0015
_LOOSE_S: Final = 0.03
_BESIDE_S: Final = 0.003
"""A peak's own width, and that of early reflections."""
_AT_S: Final = 0.001
_JUMP_SHARE: Final = 0.25
_CLEAR_HEIGHT: Final = 12.0
_SUM_SIGNIFICANT: Final = 6.5
"""The highest of 100,000 sums of noise has 4.5."""
_SUMMED_DRIFT: Final = 1e-4
_MAX_SUMMED: Final = 2e7
_PART: Final = 2.5
"""Standard deviations from which on a window takes part in a sum."""


@dataclass(frozen=True, slots=True)
class Windows:
    """What windows over time say of a lag near a guess.

    Attributes:
        grid: Times of the first camera at which windows begin, shape (n,).
        length_s: Of a window.
        times: Middles of the windows in which both are heard, shape (m,).
        lags: Lag of the highest peak of each, seconds, shape (m,).
        heights: Of that peak, in standard deviations, shape (m,).
        curves: GCC-PHAT by lag, in standard deviations, shape (m, lags).
        start_s: Lag of the curves' first value.
        span_s: Seconds during which both recorded.
    """

    grid: Floats
    length_s: float
    times: Floats
    lags: Floats
    heights: Floats
    curves: Floats
    start_s: float
    span_s: float

    def along(self, lag_s: float, slope: float, centre_s: float) -> Floats:
        """Sum of the curves along a line over the root of their number; its lag in the middle."""
        places = (lag_s + slope * (self.times - centre_s) - self.start_s) * RATE
        length = self.curves.shape[1]
        reach = length // 2
        padded = np.pad(self.curves, ((0, 0), (reach, reach)))
        firsts = np.clip(np.rint(places), 0, length - 1).astype(int)
        total = np.zeros(2 * reach + 1)
        for row, first in zip(padded, firsts, strict=True):
            part = row[first : first + len(total)]
            total[: len(part)] += part
        return np.asarray(total / np.sqrt(len(padded)), np.float64)

    def heights_at(self, lag_s: float, slope: float, centre_s: float) -> dict[float, float]:
        """By the time of a window, its height on a line."""
        out = {}
        for time, curve in zip(self.times, self.curves, strict=True):
            at = round((lag_s + slope * (time - centre_s) - self.start_s) * RATE)
            near = round(_AT_S * RATE)
            part = curve[max(0, at - near) : max(0, at + near + 1)]
            out[round(float(time), 4)] = float(part.max()) if len(part) else 0.0
        return out


@dataclass(frozen=True, slots=True)
class Line:
    """A line that windows agree on.

    Attributes:
        at_s: Time of the first camera at which ``lag_s`` holds.
        lag_s: The lag.
        slope: Its change per second; None where the windows span too little.
        slope_sigma: Its standard deviation.
        scatter_s: Root mean square distance of the windows from it.
        wander_s: Largest distance of several windows in a row: the clocks run unevenly.
        height: Of the windows' mean along it, in standard deviations of what noise would give.
        second: Height of the mean's highest other top over it.
        share: Share of the strength of all windows in which something stands out.
        windows: How many agree.
        heard: How many windows there are in which both are heard.
        jump_s: By how much the lag jumps, where the other windows agree on another one.
        jump_at_s: When, by the first camera's time.
    """

    at_s: float
    lag_s: float
    slope: float | None
    slope_sigma: float | None
    scatter_s: float
    wander_s: float
    height: float
    second: float
    share: float
    windows: int
    heard: int
    jump_s: float | None = None
    jump_at_s: float | None = None

    @property
    def score(self) -> float:
        """Of two lines, the one with more has more for it."""
        return self.height * self.share


def follow(
    a: Sound, b: Sound, guess_s: float, *, most: int = _WINDOWS,
    same: Windows | None = None, thin: int = 1,
) -> Windows | None:  # fmt: skip
    """Look at windows near a guess; None where too little overlaps or one of the two is silent.

    Args:
        a: The first camera's sound.
        b: The second's.
        guess_s: Lag of the second after the first.
        most: Windows at most.
        same: Take these windows, as far as both recorded them, to compare guesses by the same.
        thin: Take only every n-th of these.
    """
    begin = max(a.start_s, b.start_s - guess_s)
    end = min(a.end_s, b.end_s - guess_s)
    span = end - begin
    if span < _MIN_S:
        return None
    reach = 0.06 + 1.5e-4 * span  # a clock may be 150 ppm off
    length = min(WINDOW_S, span) if same is None else same.length_s
    if same is None:
        count = max(1, min(_WINDOWS, int(2 * (span - length) / WINDOW_S) + 1))
        grid = np.linspace(begin, end - length, count)
        if count > most:  # where something is to be heard
            loud = [float(a.between(at, at + length).std()) for at in grid]
            grid = grid[np.sort(np.argsort(loud)[-most:])]
    else:
        grid = same.grid[::thin]
        grid = grid[(grid >= begin - 1e-6) & (grid + length <= end + 1e-6)]
    times, lags, heights, curves = [], [], [], []
    for at in grid:
        x = a.between(at, at + length)
        y = b.between(at + guess_s - reach, at + guess_s + length + reach)
        if np.std(x) < SILENT / 32768 or np.std(y) < SILENT / 32768:
            continue
        values, lag = phat(x, y, RATE, PHAT_BAND)
        values = values / max(float(values.std()), 1e-12)
        times.append(at + length / 2)
        lags.append(guess_s - reach + lag)
        heights.append(float(values.max()))
        curves.append(values)
    if not times:
        return None
    shortest = min(len(curve) for curve in curves)
    return Windows(
        grid, length, np.array(times), np.array(lags), np.array(heights),
        np.array([curve[:shortest] for curve in curves]), guess_s - reach, span,
    )  # fmt: skip


def line_of(seen: Windows) -> Line | None:
    """The straight line that most windows agree with; None where nothing stands out.

    Where windows by themselves do not tell, as in loud noise or much echo, their sum along a line
    may.
    """
    line = _by_tops(seen)
    if line is None or line.height < _CLEAR_HEIGHT:
        stacked = _by_sum(seen)
        if stacked is not None and (line is None or stacked.height > line.height):
            return stacked
    return line


def _by_tops(seen: Windows) -> Line | None:
    """The line through the highest tops of windows."""
    clear = seen.heights >= SIGNIFICANT
    if not clear.any():
        return None
    times, lags, heights = seen.times[clear], seen.lags[clear], seen.heights[clear]
    strength = np.clip((heights - 5.0) / 3.0, 0.1, 3.0)
    inside = _agreeing(times, lags, strength)
    t, lag, weight = times[inside], lags[inside], strength[inside]
    centre = float(np.average(t, weights=weight))
    value = float(np.average(lag, weights=weight))
    scatter, slope, slope_sigma = FINE_SIGMA_S, None, None
    if len(t) >= 6 and np.ptp(t) >= 15:
        spread = float(np.average((t - centre) ** 2, weights=weight))
        slope = float(np.average((t - centre) * (lag - value), weights=weight)) / spread
        rest = lag - value - slope * (t - centre)
        scatter = max(FINE_SIGMA_S, float(np.sqrt(np.average(rest**2, weights=weight))))
        slope_sigma = scatter / np.sqrt(spread * len(t))
    off = lags - value - (slope or 0.0) * (times - centre)
    jump = _jump(times, lags, strength, inside, off)
    mean = seen.along(value, slope or 0.0, centre)
    height, second, _ = _top_of(mean)
    return Line(
        centre, value, slope, slope_sigma, scatter, _wander(off[np.abs(off) < _LOOSE_S]),
        height, second, float(weight.sum() / strength.sum()), int(inside.sum()),
        len(seen.times), *(jump or (None, None)),
    )  # fmt: skip


def _by_sum(seen: Windows) -> Line | None:
    """The line along which the sum of all windows is highest."""
    count, length = seen.curves.shape
    span = float(np.ptp(seen.times))
    step = 3.0 / RATE / max(span, 1.0)
    slopes = np.arange(-_SUMMED_DRIFT, _SUMMED_DRIFT + step, step) if span else np.zeros(1)
    if count < 2 or len(slopes) * count * length > _MAX_SUMMED:
        return None
    centre = float(seen.times.mean())
    best = (0.0, 0.0, 0)
    for slope in slopes:
        total = np.zeros(length)
        for time, curve in zip(seen.times, seen.curves, strict=True):
            total += np.roll(curve, -round(slope * (time - centre) * RATE))
        k = int(np.argmax(total))
        if total[k] > best[0]:
            best = (float(total[k]), float(slope), k)
    lag = seen.start_s + best[2] / RATE
    height, second, shift = _top_of(seen.along(lag, best[1], centre))
    if height < _SUM_SIGNIFICANT:
        return None
    own = np.array(list(seen.heights_at(lag, best[1], centre).values()))
    long = span >= 15
    sigma = 2 * FINE_SIGMA_S
    return Line(
        centre, lag + shift, best[1] if long else None,
        2 * sigma * sqrt(12 / count) / span if long else None, sigma, 0.0, height, second,
        1.0, int((own > _PART).sum()), count,
    )  # fmt: skip


def _top_of(mean: Floats) -> tuple[float, float, float]:
    """Height of the top in the middle, of the highest other one over it, and where it is.

    Args:
        mean: Sum of windows along a line, divided by the root of their number; the line's lag is
            in the middle.
    """
    middle, near, beside = len(mean) // 2, round(_AT_S * RATE), round(_BESIDE_S * RATE)
    k = middle - near + int(np.argmax(mean[middle - near : middle + near + 1]))
    rest = np.concatenate([mean[: max(0, k - beside)], mean[k + beside + 1 :]])
    scale = max(1.0, float(rest.std())) if len(rest) else 1.0
    top = float(mean[k])
    second = float(rest.max()) / max(top, 1e-9) if len(rest) else 1.0
    return top / scale, min(second, 1.0), (k - middle) / RATE


def _agreeing(times: Floats, lags: Floats, strength: Floats) -> NDArray[np.bool_]:
    """Those on the line through one or two of the points that most of them lie on."""
    best, inside = -1.0, np.zeros(len(lags), dtype=bool)
    for m in range(len(lags)):
        slopes = [0.0]
        slopes += [
            (lags[n] - lags[m]) / (times[n] - times[m])
            for n in range(m + 1, len(lags))
            if times[n] - times[m] > WINDOW_S
        ]
        for slope in slopes:
            if abs(slope) > _MAX_DRIFT:
                continue
            near = np.abs(lags - lags[m] - slope * (times - times[m])) < _AGREE_S
            support = float(strength[near].sum())
            if support > best:
                best, inside = support, near
    return inside


def _wander(off: Floats) -> float:
    """The largest median of five in a row."""
    if len(off) < 5:
        return float(np.abs(np.median(off))) if len(off) else 0.0
    rows = np.lib.stride_tricks.sliding_window_view(off, 5)
    return float(np.abs(np.median(rows, axis=1)).max())


def _jump(
    times: Floats, lags: Floats, strength: Floats, inside: NDArray[np.bool_], off: Floats
) -> tuple[float, float] | None:
    """Where the windows that disagree agree among themselves, before or after the others."""
    rest = ~inside
    if rest.sum() < 3 or strength[rest].sum() < _JUMP_SHARE * strength.sum():
        return None
    others = _agreeing(times[rest], lags[rest], strength[rest])
    if others.sum() < 3 or strength[rest][others].sum() < _JUMP_SHARE * strength.sum():
        return None
    here, there = times[inside], times[rest][others]
    if np.median(there) < np.median(here):
        at = (float(there.max()) + float(here.min())) / 2
    else:
        at = (float(here.max()) + float(there.min())) / 2
    return float(np.median(off[rest][others])), at
