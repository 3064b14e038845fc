"""Clocks by what the cameras saw move.

How much moves, and how much of it up and down, goes up and down together in all views. The
cameras' signals are correlated for all pairs; the lags are chosen so that they agree round every
loop, and each is refined to a fraction of a frame by a parabola.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from av import VideoFrame
from numpy.typing import NDArray
from scipy import ndimage

from backend.domain.orientation import Orientation
from worker.media.decode import invalid, open_video, read_index
from worker.media.look import frame_orientation
from worker.media.pixels import upright
from worker.synchronisation.correlate import Correlation, Signal, normalised, together
from worker.synchronisation.result import PairLag, Synchronised
from worker.synchronisation.solve import settle, solve

Floats = NDArray[np.float64]

LONGEST_S: Final = 300.0
"""Seconds from the beginning that are looked at: decoding is slow, and offsets are short."""
_SIDE: Final = 160
_MOST_RATE: Final = 120.0
_SLOW_S: Final = 2.0
_CHANNELS: Final = 3
_PEAKS: Final = 4
_WINDOW_S: Final = 20.0
_DRIFT_FROM_S: Final = 60.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Motion:
    """What moves in a video, between each frame and the next.

    Attributes:
        times: Camera times half-way between frames, shape (n,).
        values: Shape (channels, n): change of brightness, speed, vertical velocity (up positive).
        interval_s: Median seconds between frames.
    """

    times: Floats
    values: Floats
    interval_s: float


def read_motion(
    path: Path, name: str | None = None, *, longest_s: float = LONGEST_S,
    cancelled: Callable[[], None] = lambda: None,
) -> Motion:  # fmt: skip
    """Decode a video, small and grey, and measure what moves.

    Raises:
        InvalidInput: not a video, fewer than 8 frames, broken near its beginning, or all frames
            are alike.
    """
    name = name or path.name
    times: list[float] = []
    values: list[tuple[float, float, float]] = []
    before: NDArray[np.uint8] | None = None
    last = 0.0
    try:
        for at, image in _grey(path, name, longest_s):
            if len(times) % 32 == 0:
                cancelled()
            if before is not None and before.shape == image.shape and at > last:
                times.append((at + last) / 2)
                values.append(_measure(before, image, at - last))
            before, last = image, at
    except av.FFmpegError as error:
        if len(times) < 30:
            raise invalid(name, f"the video is broken at {last:.2f} s") from error
    if len(times) < 7:
        raise invalid(name, "it has fewer than 8 frames, too few to compare")
    found = np.array(values).T
    if float(np.ptp(found[0])) < 1e-4:
        raise invalid(name, "nothing moves in it")
    return Motion(np.array(times), found, float(np.median(np.diff(times))))


def _grey(path: Path, name: str, longest_s: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    index = read_index(path, name)
    with open_video(path, name, max_pixels=2**62) as (container, stream):
        base = float(stream.time_base or 1)
        interval = float(1 / (stream.average_rate or stream.guessed_rate or 25))
        first = index.presentation[0] if index.presentation else None
        scale = min(1.0, _SIDE / max(stream.width, stream.height))
        width = max(16, round(stream.width * scale / 2) * 2)
        height = max(16, round(stream.height * scale / 2) * 2)
        orientation: Orientation | None = None
        for number, frame in enumerate(container.decode(stream)):
            if orientation is None:
                orientation = frame_orientation(frame)
            if frame.pts is None:
                at = number * interval
            else:
                first = frame.pts if first is None else first
                at = (frame.pts - first) * base
            if at > longest_s:
                return
            if at >= 0:
                yield at, upright(_shrunk(frame, width, height), orientation)


def _shrunk(frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    small = frame.reformat(width=width, height=height, format="gray", interpolation="AREA")
    return np.asarray(small.to_ndarray(), dtype=np.uint8)


def _measure(
    before: NDArray[np.uint8], image: NDArray[np.uint8], seconds: float
) -> tuple[float, float, float]:
    """Change of brightness per second, speed and upward velocity in pixels per second."""
    # Lamps that flicker and cameras that adapt change the whole image, which is no motion.
    a = (before - before.mean()) / (before.std() + 2.0)
    b = (image - image.mean()) / (image.std() + 2.0)
    change = float(np.mean(np.abs(b - a)))
    flow = cv2.calcOpticalFlowFarneback(
        before, image, np.zeros((*image.shape, 2), np.float32), 0.5, 3, 13, 2, 5, 1.1, 0
    )
    speed = np.hypot(flow[..., 0], flow[..., 1])
    moving = np.where(speed > 0.1, 1.0, 0.0)
    return (
        change / seconds,
        float((speed * moving).mean()) / seconds,
        -float((flow[..., 1] * moving).mean()) / seconds,
    )


def signal_of(motion: Motion, rate: float) -> Signal:
    """Motion on an even grid, without single wild frames and without its slow part."""
    values = motion.values.copy()
    for row in values:
        wild = ndimage.median_filter(row, 5, mode="nearest")
        spread = 1.4826 * float(np.median(np.abs(row - wild)))
        np.copyto(row, wild, where=np.abs(row - wild) > 6 * spread + 1e-9)
    values[:2] = np.log(values[:2] + 0.1 * values[:2].mean(axis=1, keepdims=True) + 1e-9)
    start, end = motion.times[0], motion.times[-1]
    grid = np.arange(start, end + 1e-9, 1 / rate)
    even = np.stack([np.interp(grid, motion.times, row) for row in values])
    # A faster camera's noise tells nothing: 0.05 s is finer than a limb moves.
    even = ndimage.gaussian_filter1d(even, 0.03 * rate, axis=1, mode="nearest")
    if end - start > 3 * _SLOW_S:
        even -= ndimage.gaussian_filter1d(even, _SLOW_S * rate, axis=1, mode="nearest")
    return Signal(even, float(start), rate)


def by_motion(
    videos: Sequence[Path],
    names: Sequence[str],
    progress: Progress | None = None,
    *,
    longest_s: float = LONGEST_S,
    cancelled: Callable[[], None] = lambda: None,
) -> Synchronised:
    """Clocks from what moves in all pairs of views.

    Raises:
        InvalidInput: in fewer than two videos something moves, or no two move alike.
    """
    done = 0

    def read(path: Path, name: str) -> Motion:
        nonlocal done
        if progress:
            progress(done, len(videos))
        done += 1
        return read_motion(path, name, longest_s=longest_s, cancelled=cancelled)

    motions, faults = settle(videos, names, read)
    intervals = [motion.interval_s for motion in motions.values()] or [1 / 25]
    tolerance = max(intervals) / 2
    if len(motions) < 2:
        return solve("motion", names, [], faults, tolerance_s=tolerance)
    rate = min(_MOST_RATE, 2 / min(intervals))
    signals = {i: signal_of(motion, rate) for i, motion in motions.items()}
    correlations: dict[tuple[int, int], Correlation] = {}
    for i, j in combinations(motions, 2):
        shorter = min(signals[i].duration_s, signals[j].duration_s)
        correlations[i, j] = normalised(signals[i], signals[j], max(0.6, 0.4 * shorter))
    apart = max(0.1, 2 * max(intervals))
    starts = together(correlations, _PEAKS, apart_s=apart)
    pairs = [
        pair
        for (i, j), correlation in correlations.items()
        if (pair := _pair(correlation, signals, i, j, starts, apart, tolerance))
    ]
    return solve("motion", names, pairs, faults, tolerance_s=tolerance)


def _pair(
    correlation: Correlation,
    signals: dict[int, Signal],
    i: int,
    j: int,
    starts: dict[int, float],
    apart_s: float,
    tolerance_s: float,
) -> PairLag | None:
    expected = starts[i] - starts[j]
    peak = correlation.peak_near(expected, apart_s)
    if peak is None:
        return None
    lag, value = peak
    a, b = signals[i], signals[j]
    begin = max(a.start_s, b.start_s - lag)
    end = min(a.start_s + a.duration_s, b.start_s + b.duration_s - lag)
    quality = _quality(correlation, lag, value, apart_s)
    if quality <= 0.02:
        return None
    # A parabola on a top of width w finds it to some tenths of w.
    sigma = max(0.3 * tolerance_s, 0.01 * (1.05 - value) * 4)
    at, slope, slope_sigma, windows = (begin + end) / 2, None, None, 1
    if end - begin >= _DRIFT_FROM_S:
        followed = _follow(a, b, lag, begin, end, apart_s)
        if followed is not None:
            at, lag, slope, slope_sigma, windows = followed
    return PairLag(
        i, j, at, lag, sigma, slope, slope_sigma, quality, windows,
        curve=correlation.curve(lag, min(3.0, max(0.5, (end - begin) / 2))),
    )  # fmt: skip


def _quality(correlation: Correlation, lag: float, value: float, apart_s: float) -> float:
    """From how far the top stands out of all else, and of the next top."""
    stands_out = correlation.prominence(value, apart_s, lag)
    best = max((top for _, top in correlation.peaks(1, apart_s)), default=value)
    rivals = [t for at, t in correlation.peaks(3, apart_s) if abs(at - lag) > apart_s / 2]
    margin = (value - max(rivals, default=0.0)) / max(best, 1e-6)
    sure = float(np.clip((stands_out - 1.5) / 3.5, 0, 1))
    clear = float(np.clip(0.75 + 1.5 * margin, 0.1, 1.0))
    return float(max(0.0, value) ** 0.5) * sure * clear


def _follow(
    a: Signal, b: Signal, lag: float, begin: float, end: float, apart_s: float
) -> tuple[float, float, float, float, int] | None:
    """Lag at the middle and its change, from windows over time."""
    times, lags, tops = [], [], []
    for at in np.arange(begin, end - _WINDOW_S + 1e-6, _WINDOW_S / 2):
        part = normalised(
            a.between(at, at + _WINDOW_S),
            b.between(at + lag - apart_s, at + lag + _WINDOW_S + apart_s),
            0.5 * _WINDOW_S,
        )
        peak = part.peak_near(lag, apart_s)
        if peak is not None and peak[1] > 0.3:
            times.append(at + _WINDOW_S / 2)
            lags.append(peak[0])
            tops.append(peak[1])
    if len(lags) < 5:
        return None
    t, x, weight = np.array(times), np.array(lags), np.array(tops) ** 2
    for _ in range(5):
        centre = float(np.average(t, weights=weight))
        spread = float(np.average((t - centre) ** 2, weights=weight))
        middle = float(np.average(x, weights=weight))
        slope = float(np.average((t - centre) * (x - middle), weights=weight)) / max(spread, 1e-9)
        rest = np.abs(x - middle - slope * (t - centre))
        scale = max(1.4826 * float(np.median(rest)), 1e-3)
        weight = np.array(tops) ** 2 * np.minimum(1.0, (2 * scale / np.maximum(rest, 1e-9)) ** 2)
    # Windows overlap by half, so every second is news.
    sigma = scale / np.sqrt(spread * len(t) / 2)
    return centre, middle, slope, sigma, len(t)
