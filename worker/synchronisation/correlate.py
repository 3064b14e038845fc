"""Correlations of two signals against their lag, and the lags that suit all cameras together.

Lags are times in the second signal minus times in the first, for the same event.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from worker.synchronisation.result import Curve

Floats = NDArray[np.float64]

_MAX_COMBINATIONS: Final = 4000
_CURVE_POINTS: Final = 401
_WAVE_BAND: Final = (100.0, 7000.0)
_WAVE_SIGNIFICANT: Final = 6.5


@dataclass(frozen=True, slots=True)
class Signal:
    """Values over time on an even grid.

    Attributes:
        values: Shape (channels, samples); channels are compared each with its like.
        start_s: Camera time of the first sample.
        rate: Samples per second.
    """

    values: Floats
    start_s: float
    rate: float

    @property
    def samples(self) -> int:
        """Number of samples."""
        return int(self.values.shape[1])

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.samples / self.rate

    def between(self, start_s: float, end_s: float) -> Signal:
        """The part between two camera times."""
        first = max(0, round((start_s - self.start_s) * self.rate))
        last = max(first, round((end_s - self.start_s) * self.rate))
        return Signal(self.values[:, first:last], self.start_s + first / self.rate, self.rate)


@dataclass(frozen=True, slots=True)
class Correlation:
    """A correlation by lag, -1 to 1; NaN where too little overlaps.

    Attributes:
        start_s: Lag of the first value.
        step_s: Lag between values.
        values: Shape (lags,).
    """

    start_s: float
    step_s: float
    values: Floats

    def at(self, lag_s: float) -> float:
        """The value at a lag, linearly interpolated; 0 outside."""
        place = (lag_s - self.start_s) / self.step_s
        k = int(np.floor(place))
        if not 0 <= k < len(self.values) - 1:
            return 0.0
        a, b = self.values[k], self.values[k + 1]
        if np.isnan(a) or np.isnan(b):
            return 0.0
        return float(a + (b - a) * (place - k))

    def peaks(self, count: int, apart_s: float) -> list[tuple[float, float]]:
        """Highest local maxima as (lag, value), best first, at least so far apart."""
        values = np.nan_to_num(self.values, nan=-1.0)
        inner = values[1:-1]
        where = np.flatnonzero((inner >= values[:-2]) & (inner > values[2:]) & (inner > 0)) + 1
        found: list[tuple[float, float]] = []
        for k in where[np.argsort(-values[where], kind="stable")]:
            lag, value = self._vertex(int(k), values)
            if all(abs(lag - other) >= apart_s for other, _ in found):
                found.append((lag, value))
            if len(found) == count:
                break
        return found

    def peak_near(self, lag_s: float, within_s: float) -> tuple[float, float] | None:
        """The highest local maximum near a lag, or None."""
        low = max(1, int(np.ceil((lag_s - within_s - self.start_s) / self.step_s)))
        high = min(len(self.values) - 1, int((lag_s + within_s - self.start_s) / self.step_s) + 1)
        if high <= low:
            return None
        values = np.nan_to_num(self.values, nan=-1.0)
        k = low + int(np.argmax(values[low:high]))
        if values[k] <= 0 or values[k] < values[k - 1] or values[k] < values[min(k + 1, high)]:
            return None
        return self._vertex(k, values)

    def prominence(self, value: float, apart_s: float, lag_s: float) -> float:
        """How far a peak's value stands out of all that is not near it, in robust deviations."""
        lags = self.start_s + self.step_s * np.arange(len(self.values))
        rest = self.values[(np.abs(lags - lag_s) > apart_s) & ~np.isnan(self.values)]
        if len(rest) < 8:
            return 0.0
        middle = float(np.median(rest))
        spread = 1.4826 * float(np.median(np.abs(rest - middle)))
        return (value - middle) / max(spread, 1e-9)

    def half_width(self, lag_s: float) -> float:
        """How far from a maximum the values have fallen to half of it, seconds."""
        values = np.nan_to_num(self.values, nan=0.0)
        k = int(np.clip(round((lag_s - self.start_s) / self.step_s), 0, len(values) - 1))
        low = values < values[k] / 2
        left, right = np.flatnonzero(low[: k + 1][::-1]), np.flatnonzero(low[k:])
        reach = [int(side[0]) for side in (left, right) if len(side)]
        return self.step_s * (float(np.mean(reach)) if reach else len(values))

    def curve(self, lag_s: float, reach_s: float) -> Curve:
        """A stretch about a lag, thinned for plotting."""
        low = max(0, round((lag_s - reach_s - self.start_s) / self.step_s))
        high = min(len(self.values), round((lag_s + reach_s - self.start_s) / self.step_s) + 1)
        stride = max(1, (high - low) // _CURVE_POINTS)
        values = np.nan_to_num(self.values[low:high])
        pad = -len(values) % stride
        # The largest of each stretch: thinning must not lose the peak.
        thinned = np.pad(values, (0, pad), constant_values=-1.0).reshape(-1, stride).max(axis=1)
        start = self.start_s + self.step_s * (low + (stride - 1) / 2)
        return Curve(start * 1000, self.step_s * stride * 1000, tuple(float(v) for v in thinned))

    def _vertex(self, k: int, values: Floats) -> tuple[float, float]:
        """Top of the parabola through a maximum and its neighbours."""
        if not 0 < k < len(values) - 1:
            return self.start_s + self.step_s * k, float(values[k])
        a, b, c = values[k - 1], values[k], values[k + 1]
        bend = a - 2 * b + c
        shift = 0.0 if bend >= 0 else float(np.clip(0.5 * (a - c) / bend, -0.5, 0.5))
        return self.start_s + self.step_s * (k + shift), float(b - 0.25 * (a - c) * shift)


def normalised(first: Signal, second: Signal, least_overlap_s: float) -> Correlation:
    """Normalised cross-correlation, each lag over its own overlap, averaged over channels.

    Values are weighed by the root of the overlap, so that lags compare by how much they mean.

    Args:
        first: A signal.
        second: Another of the same rate and channels.
        least_overlap_s: Lags with less overlap get NaN.
    """
    n, m = first.samples, second.samples
    length = n + m - 1
    size = fft.next_fast_len(length, real=True)

    def against(x: Floats, y: Floats) -> Floats:
        """Σ x[t]·y[t + lag] for lags from -(n-1) to m-1."""
        product = fft.irfft(fft.rfft(y, size) * np.conj(fft.rfft(x, size)), size)
        return np.asarray(np.concatenate([product[size - (n - 1) :], product[:m]]))

    lags = np.arange(-(n - 1), m)
    begin, end = np.maximum(0, -lags), np.minimum(n, m - lags)
    overlap = (end - begin).astype(np.float64)
    total = np.zeros(length)
    for x, y in zip(first.values, second.values, strict=True):
        x, y = x - x.mean(), y - y.mean()
        sums = [
            _cumulative(x)[end] - _cumulative(x)[begin],
            _cumulative(y)[end + lags] - _cumulative(y)[begin + lags],
            _cumulative(x * x)[end] - _cumulative(x * x)[begin],
            _cumulative(y * y)[end + lags] - _cumulative(y * y)[begin + lags],
        ]
        covariance = against(x, y) - sums[0] * sums[1] / overlap
        vx = np.maximum(sums[2] - sums[0] ** 2 / overlap, 0)
        vy = np.maximum(sums[3] - sums[1] ** 2 / overlap, 0)
        floor = 1e-9 * max(float(np.sum(x * x)) * float(np.sum(y * y)), 1e-30) ** 0.5
        scale = np.sqrt(vx * vy)
        total += np.where(scale > floor, covariance / np.maximum(scale, 1e-30), 0.0)
    # By chance, short overlaps correlate highly: 1/sqrt(overlap) is how much.
    total *= np.sqrt(overlap / overlap.max()) / max(1, len(first.values))
    total[overlap < least_overlap_s * first.rate] = np.nan
    return Correlation(
        (second.start_s - first.start_s) - (n - 1) / first.rate,
        1 / first.rate,
        np.clip(total, -1, 1),
    )


def _cumulative(x: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(x)])


def phat(
    first: Floats, second: Floats, rate: float, band: tuple[float, float]
) -> tuple[Floats, float]:
    """Generalised cross-correlation with phase transform (Knapp and Carter 1976).

    Args:
        first: Samples, shape (n,).
        second: Samples, shape (m,), m ≥ n.
        rate: Samples per second.
        band: Lowest and highest frequency used, Hz.

    Returns:
        Values for lags of 0 to m - n samples (second after first), and the lag of the highest in
        seconds, to a fraction of a sample.
    """
    # Lags of 0 to m - n never wrap round a circle of m samples.
    size = fft.next_fast_len(len(second), real=True)
    cross = fft.rfft(second.astype(np.float32), size)
    cross *= np.conj(fft.rfft(first.astype(np.float32), size))
    frequency = np.arange(len(cross)) * rate / size
    inside = (frequency >= band[0]) & (frequency <= band[1])
    cross /= np.maximum(np.abs(cross), 1e-20)
    cross[~inside] = 0
    used = max(1, int(inside.sum()))
    values = fft.irfft(cross, size)[: len(second) - len(first) + 1]
    values = np.asarray(values, dtype=np.float64) * size / (2 * used)
    # Between samples the correlation is known too: it is a sum of known waves.
    near = np.argmax(values) + np.linspace(-1, 1, 9)
    phase = 2j * np.pi * np.flatnonzero(inside) / size
    wave, turn = cross[inside] * np.exp(phase * near[0]), np.exp(phase * (near[1] - near[0]))
    finer = np.zeros(len(near))
    for n in range(len(near)):
        finer[n] = wave.real.sum() / used
        wave *= turn
    k = int(np.argmax(finer))
    shift = 0.0
    if 0 < k < len(finer) - 1:
        p, q, r = finer[k - 1 : k + 2]
        shift = 0.5 * (p - r) / (p - 2 * q + r) if p - 2 * q + r < 0 else 0.0
    return values, float(near[k] + shift * (near[1] - near[0])) / rate


def waveform_peaks(
    first: Floats, second: Floats, rate: float, *, count: int, apart_s: float
) -> list[float]:
    """Lags at which two whole waveforms are most alike by GCC-PHAT, best first.

    Only those that noise would not reach: 6.5 standard deviations.

    Args:
        first: Samples, shape (n,).
        second: Samples, shape (m,).
        rate: Samples per second.
        count: Lags at most.
        apart_s: Least distance between them.
    """
    n, m = len(first), len(second)
    size = fft.next_fast_len(n + m, real=True)
    cross = fft.rfft(second.astype(np.float32), size)
    cross *= np.conj(fft.rfft(first.astype(np.float32), size))
    frequency = np.arange(len(cross)) * rate / size
    cross /= np.maximum(np.abs(cross), 1e-20)
    cross[(frequency < _WAVE_BAND[0]) | (frequency > _WAVE_BAND[1])] = 0
    values = fft.irfft(cross, size)
    values = np.concatenate([values[size - (n - 1) :], values[:m]])  # lags from -(n - 1) to m - 1
    values /= max(float(values.std()), 1e-20)
    found: list[float] = []
    apart = max(1, round(apart_s * rate))
    for _ in range(count):
        k = int(np.argmax(values))
        if values[k] < _WAVE_SIGNIFICANT:
            break
        found.append((k - (n - 1)) / rate)
        values[max(0, k - apart) : k + apart + 1] = 0
    return found


def together(
    correlations: Mapping[tuple[int, int], Correlation], count: int, *, apart_s: float
) -> dict[int, float]:
    """Starts of cameras that make the sum of all correlations greatest.

    Each pair's best lag may be wrong where something repeats; the right ones agree round every
    loop. Trees of pairs, each with its few best lags, are tried.

    Args:
        correlations: By pair (first, second).
        count: Lags tried per pair.
        apart_s: Least distance between lags tried.

    Returns:
        By camera, o such that a pair's lag is o[first] - o[second].
    """
    cameras = sorted({camera for pair in correlations for camera in pair})
    tops = {pair: c.peaks(count, apart_s) or [(0.0, 0.0)] for pair, c in correlations.items()}
    best, chosen = -np.inf, dict.fromkeys(cameras, 0.0)
    others = len(cameras) - 1
    while others > 1 and count > 1 and count**others * len(cameras) > _MAX_COMBINATIONS:
        count -= 1
    for hub in cameras:
        spokes = [camera for camera in cameras if camera != hub]
        options: list[Sequence[float]] = []
        for spoke in spokes:
            if (hub, spoke) in tops:
                options.append([-lag for lag, _ in tops[hub, spoke][:count]])
            elif (spoke, hub) in tops:
                options.append([lag for lag, _ in tops[spoke, hub][:count]])
            else:
                options.append([0.0])
        for starts in itertools.product(*options):
            trial = dict(zip(spokes, starts, strict=True)) | {hub: 0.0}
            score = sum(
                _near(correlation, trial[i] - trial[j], apart_s / 2)
                for (i, j), correlation in correlations.items()
            )
            if score > best:
                best, chosen = score, trial
    return chosen


def _near(correlation: Correlation, lag_s: float, within_s: float) -> float:
    """The best value near a lag: spokes are only so exact."""
    reach = np.linspace(-within_s, within_s, 5)
    return max(correlation.at(lag_s + float(shift)) for shift in reach)
