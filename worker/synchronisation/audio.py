"""Clocks by what the cameras heard.

First the loudness of several bands is compared over the whole recording, which finds the offset to
some hundredths of a second wherever it lies and whatever the clocks' drift. Then GCC-PHAT follows
the lag through windows over time, to a fraction of a sample; a line through those that agree gives
lag and drift of a pair. Sound takes 2.9 ms a metre, so cameras a few metres apart hear an event
some milliseconds apart: that is the method's floor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray
from scipy import ndimage

from worker.media.decode import invalid, open_video, read_index
from worker.synchronisation.correlate import Correlation, Signal, normalised, phat, together
from worker.synchronisation.result import Curve, PairLag, Synchronised
from worker.synchronisation.solve import settle, solve

Floats = NDArray[np.float64]
Sound16 = NDArray[np.int16]

RATE: Final = 16_000
TOLERANCE_S: Final = 0.008
"""Sound's way between cameras some metres apart."""
_SILENT: Final = 3.0  # of 32768, root mean square: -81 dB
_GAP_S: Final = 0.05
_HOP: Final = RATE // 100
_BANDS: Final = (80, 200, 400, 700, 1200, 2000, 3200, 5000, 7600)
_PHAT_BAND: Final = (100.0, 7000.0)
_WINDOW_S: Final = 4.0
_WINDOWS: Final = 48
_SIGNIFICANT: Final = 6.0
"""Height of a GCC-PHAT peak in standard deviations; the highest of 10,000 lags of noise has 4."""
_SURE: Final = 0.6
_MOST_DRIFT: Final = 2e-4
_AGREE_S: Final = 0.0015
_PEAKS: Final = 4
_COARSE_SIGMA_S: Final = 0.01
_FINE_SIGMA_S: Final = 0.0003

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Sound:
    """A video's sound, mono.

    Attributes:
        samples: Shape (n,), at ``RATE``.
        start_s: Camera time of the first sample.
    """

    samples: Sound16
    start_s: float

    @property
    def end_s(self) -> float:
        """Camera time after the last sample."""
        return self.start_s + len(self.samples) / RATE

    def between(self, start_s: float, end_s: float) -> Floats:
        """Samples between two camera times, zeros where there are none; about -1 to 1."""
        first = round((start_s - self.start_s) * RATE)
        count = round((end_s - start_s) * RATE)
        out = np.zeros(count)
        low, high = max(0, first), min(len(self.samples), first + count)
        if high > low:
            out[low - first : high - first] = self.samples[low:high] / 32768.0
        return out


def read_sound(path: Path, name: str | None = None) -> Sound:
    """Decode a video's sound, mixed to one channel.

    Raises:
        InvalidInput: not a video, no sound track, a broken or a silent one.
    """
    name = name or path.name
    index = read_index(path, name)
    chunks: list[Sound16] = []
    with open_video(path, name, max_pixels=2**62) as (container, stream):
        base = stream.time_base or 1
        began = float(index.presentation[0] * base) if index.presentation else 0.0
        if not container.streams.audio:
            raise invalid(name, "it has no sound track")
        sound = container.streams.audio[0]
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        start: float | None = None
        count = 0
        try:
            for frame in container.decode(sound):
                at = frame.time if frame.time is not None else None
                if start is None:
                    start = (at or 0.0) - began
                elif at is not None:
                    missing = at - began - start - count / RATE
                    if missing > _GAP_S:  # packets were lost: keep the clock
                        chunks.append(np.zeros(round(missing * RATE), np.int16))
                        count += len(chunks[-1])
                for part in resampler.resample(frame):
                    chunks.append(part.to_ndarray().reshape(-1).astype(np.int16))
                    count += len(chunks[-1])
            for part in resampler.resample(None):
                chunks.append(part.to_ndarray().reshape(-1).astype(np.int16))
        except av.FFmpegError as error:
            if count < RATE:
                raise invalid(name, "its sound track cannot be decoded") from error
    samples = np.concatenate(chunks) if chunks else np.zeros(0, np.int16)
    if len(samples) < RATE // 4:
        raise invalid(name, "its sound track is shorter than a quarter of a second")
    level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)) - samples.mean() ** 2))
    if level < _SILENT:
        raise invalid(name, "its sound track is silent")
    return Sound(samples, start or 0.0)


def loudness(sound: Sound) -> Signal:
    """Log energy of eight bands at 100 Hz, without its slow part."""
    n = len(sound.samples) // _HOP - 1
    edges = np.array(_BANDS)
    window = np.hanning(2 * _HOP)
    bins = np.fft.rfftfreq(2 * _HOP, 1 / RATE)
    band = np.searchsorted(edges, bins, side="right") - 1
    out = np.zeros((len(edges) - 1, n))
    frames = np.lib.stride_tricks.sliding_window_view(sound.samples, 2 * _HOP)[::_HOP]
    for begin in range(0, n, 4096):
        power = np.abs(np.fft.rfft(frames[begin : begin + 4096][: n - begin] * window)) ** 2
        for b in range(len(out)):
            out[b, begin : begin + len(power)] = power[:, band == b].sum(axis=1)
    out = np.log(out + 1e-3 * out.mean(axis=1, keepdims=True) + 1.0)
    out -= ndimage.gaussian_filter1d(out, 100, axis=1, mode="nearest")
    return Signal(out, sound.start_s + _HOP / RATE, RATE / _HOP)


def by_audio(
    videos: Sequence[Path], names: Sequence[str], progress: Progress | None = None
) -> Synchronised:
    """Clocks from the sound of all pairs of cameras.

    Raises:
        InvalidInput: fewer than two videos have sound, or none sound alike.
    """
    sounds, faults = _read_all(videos, names, progress)
    if len(sounds) < 2:
        return solve("audio", names, [], faults, tolerance_s=TOLERANCE_S)
    signals = {i: loudness(sound) for i, sound in sounds.items()}
    coarse: dict[tuple[int, int], Correlation] = {}
    for i, j in combinations(sounds, 2):
        shorter = min(signals[i].duration_s, signals[j].duration_s)
        coarse[i, j] = normalised(signals[i], signals[j], min(max(1.0, 0.2 * shorter), 30.0))
    starts = together(coarse, _PEAKS, apart_s=0.1)
    pairs = []
    for (i, j), correlation in coarse.items():
        expected = starts[i] - starts[j]
        best: PairLag | None = None
        for guess in (expected, *(lag for lag, _ in correlation.peaks(2, 0.1))):
            found = _fine(sounds, i, j, guess)
            if found:  # a chance likeness of waveforms is not one of loudness
                alike = max(correlation.at(found.lag_s + s) for s in (-0.005, 0.0, 0.005))
                found = replace(found, quality=found.quality * float(np.clip(2 * alike, 0.2, 1)))
            if found and (best is None or found.quality > best.quality):
                best = found
            if best and best.quality > _SURE:
                break
        if best is None or best.quality < 0.5:
            best = _coarse(correlation, i, j, sounds, expected) or best
        if best is not None:
            pairs.append(best)
    return solve("audio", names, pairs, faults, tolerance_s=TOLERANCE_S)


def _read_all(
    videos: Sequence[Path], names: Sequence[str], progress: Progress | None
) -> tuple[dict[int, Sound], dict[int, str]]:
    done = 0

    def read(path: Path, name: str) -> Sound:
        nonlocal done
        if progress:
            progress(done, len(videos))
        done += 1
        return read_sound(path, name)

    return settle(videos, names, read)


def _fine(sounds: dict[int, Sound], i: int, j: int, guess_s: float) -> PairLag | None:
    """Follow the lag near a guess through windows; None where nothing stands out."""
    a, b = sounds[i], sounds[j]
    begin = max(a.start_s, b.start_s - guess_s)
    end = min(a.end_s, b.end_s - guess_s)
    span = end - begin
    if span < 0.25:
        return None
    reach = 0.06 + 1.5e-4 * span  # a clock may be 150 ppm off
    length = min(_WINDOW_S, span)
    count = max(1, min(_WINDOWS, int(2 * (span - length) / _WINDOW_S) + 1))
    times, lags, heights = [], [], []
    total: Floats | None = None
    for at in np.linspace(begin, end - length, count):
        x = a.between(at, at + length)
        y = b.between(at + guess_s - reach, at + guess_s + length + reach)
        if np.std(x) < _SILENT / 32768 or np.std(y) < _SILENT / 32768:
            continue
        values, lag = phat(x, y, RATE, _PHAT_BAND)
        height = float(values.max() / max(float(values.std()), 1e-12))
        if height < _SIGNIFICANT:
            continue
        total = values if total is None else total + values
        times.append(at + length / 2)
        lags.append(guess_s - reach + lag)
        heights.append(height)
    if not lags or total is None:
        return None
    return _line(
        i, j, np.array(times), np.array(lags), np.array(heights), total / len(lags),
        guess_s - reach,
    )  # fmt: skip


def _line(
    i: int,
    j: int,
    times: Floats,
    lags: Floats,
    heights: Floats,
    mean: Floats,
    start_s: float,
) -> PairLag:
    """The straight line that most windows agree with."""
    strength = np.clip((heights - 5.0) / 3.0, 0.1, 3.0)
    inside = _agreeing(times, lags, strength)
    t, lag, weight = times[inside], lags[inside], strength[inside]
    centre = float(np.average(t, weights=weight))
    value = float(np.average(lag, weights=weight))
    scatter, slope_out, slope_sigma = _FINE_SIGMA_S, None, None
    if len(t) >= 6 and np.ptp(t) >= 15:
        spread = float(np.average((t - centre) ** 2, weights=weight))
        slope = float(np.average((t - centre) * (lag - value), weights=weight)) / spread
        rest = lag - value - slope * (t - centre)
        scatter = max(_FINE_SIGMA_S, float(np.sqrt(np.average(rest**2, weights=weight))))
        slope_out = slope
        slope_sigma = scatter / np.sqrt(spread * len(t))
    evidence = float(weight.sum())
    share = float(weight.sum() / strength.sum())
    low = max(0, round((value - start_s - 0.02) * RATE))
    shown = mean[low : low + round(0.04 * RATE)] / max(float(np.abs(mean).max()), 1e-12)
    return PairLag(
        i, j, centre, value, scatter / np.sqrt(len(t)) + 1e-4, slope_out, slope_sigma,
        quality=share * evidence / (evidence + 0.7), windows=int(inside.sum()),
        curve=Curve((start_s + low / RATE) * 1000, 1000 / RATE, tuple(float(v) for v in shown)),
    )  # fmt: skip


def _agreeing(times: Floats, lags: Floats, strength: Floats) -> NDArray[np.bool_]:
    """Those on the line through one or two of the points that most of them lie on."""
    best, inside = -1.0, np.zeros(len(lags), dtype=bool)
    for m in range(len(lags)):
        slopes = [0.0]
        slopes += [
            (lags[n] - lags[m]) / (times[n] - times[m])
            for n in range(m + 1, len(lags))
            if times[n] - times[m] > _WINDOW_S
        ]
        for slope in slopes:
            if abs(slope) > _MOST_DRIFT:
                continue
            near = np.abs(lags - lags[m] - slope * (times - times[m])) < _AGREE_S
            support = float(strength[near].sum())
            if support > best:
                best, inside = support, near
    return inside


def _coarse(
    correlation: Correlation, i: int, j: int, sounds: dict[int, Sound], guess_s: float
) -> PairLag | None:
    """The lag by loudness alone, where waveforms have nothing in common."""
    peak = correlation.peak_near(guess_s, 0.1)
    if peak is None:
        return None
    lag, value = peak
    stands_out = correlation.prominence(value, 0.3, lag)
    if stands_out < 6 or value < 0.2:
        return None
    at = (max(sounds[i].start_s, sounds[j].start_s - lag)
          + min(sounds[i].end_s, sounds[j].end_s - lag)) / 2  # fmt: skip
    return PairLag(
        i, j, at, lag, _COARSE_SIGMA_S, quality=min(0.7, value * min(1.0, stands_out / 12)),
        curve=correlation.curve(lag, 1.0),
    )  # fmt: skip
