"""Two signals over time, compared: the best lag, how exact it is, and what else would do.

Windows over time tell how exact a lag is, how it drifts, and whether the signals repeat.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from worker.synchronisation.confidence import SignalFeatures
from worker.synchronisation.correlate import Correlation, Signal, normalised
from worker.synchronisation.result import PairLag

Floats = NDArray[np.float64]

_RIVALS: Final = 4
_DRIFT_FROM_S: Final = 60.0
_WINDOW_S: Final = 20.0
_MIN_WINDOW_S: Final = 2.0
_WINDOWS: Final = 8
_CLEAR: Final = 10.0
_OF_WIDTH: Final = 0.2
"""Of a top's width: how exactly it tells the lag where no windows tell more."""


def measure_signals(
    a: Signal,
    b: Signal,
    correlation: Correlation,
    expected_s: float,
    apart_s: float,
    interval_s: float,
) -> tuple[SignalFeatures, PairLag] | None:
    """The best lag of two signals near the expected one, and what speaks for it.

    Args:
        a: The first camera's signal.
        b: The second's.
        correlation: Of the two.
        expected_s: The lag that suits all cameras together.
        apart_s: Lags nearer to each other are one.
        interval_s: How exactly windows must agree; between frames of the slower camera, for motion.
    """
    peak = correlation.peak_near(expected_s, apart_s)
    if peak is None:
        return None
    lag, value = peak
    begin = max(a.start_s, b.start_s - lag)
    end = min(a.start_s + a.duration_s, b.start_s + b.duration_s - lag)
    others = [
        (at, top) for at, top in correlation.peaks(_RIVALS + 1, apart_s) if abs(at - lag) > apart_s
    ]
    length = min(_WINDOW_S, max(_MIN_WINDOW_S, (end - begin) / (_WINDOWS / 2 + 0.5)))
    times = np.arange(begin, end - length + 1e-6, length / 2)
    tops = [_top(a, b, float(at), length, lag, apart_s) for at in times]
    found = [(at, *top) for at, top in zip(times, tops, strict=True) if top is not None]
    windows = np.array(found).reshape(-1, 3)
    agreeing = np.abs(windows[:, 1] - lag) <= interval_s
    margins = [
        _margin(a, b, windows[:, 0], length, lag, other, interval_s, (value - top) / value)
        for other, top in others
    ]
    at, best, slope, slope_sigma, scatter = _line(
        windows[agreeing] + [length / 2, 0, 0], lag, (begin + end) / 2,
        max(0.5 * interval_s, _OF_WIDTH * correlation.half_width(lag)),
    )  # fmt: skip
    sigma = float(np.hypot(scatter, 0.1 * interval_s))
    features = SignalFeatures(
        value=value,
        stands_out=correlation.prominence(value, apart_s, lag),
        rival=min(max((top for _, top in others), default=0.0) / value, 1.0),
        margin=float(np.clip(min(margins, default=_CLEAR), -_CLEAR, _CLEAR)),
        agreeing=float(agreeing.mean()) if len(windows) else 0.0,
        windows=int(agreeing.sum()),
        overlap_s=end - begin,
        overlap=(end - begin) / min(a.duration_s, b.duration_s),
        scatter=sigma / interval_s,
    )
    near = tuple(
        other
        for (other, top), margin in zip(others, margins, strict=True)
        if top > 0.6 * value and margin < 3
    )
    return features, PairLag(
        0, 1, at, best, sigma, slope, slope_sigma, 0.0, int(agreeing.sum()),
        correlation.curve(lag, min(3.0, max(0.5, (end - begin) / 2))), 0.0, near,
    )  # fmt: skip


def _top(
    a: Signal, b: Signal, at_s: float, length_s: float, lag_s: float, reach_s: float
) -> tuple[float, float] | None:
    """Lag and value of a window's best correlation near a lag."""
    first = a.between(at_s, at_s + length_s)
    second = b.between(at_s + lag_s - reach_s, at_s + lag_s + length_s + reach_s)
    if min(first.samples, second.samples) < 0.5 * length_s * a.rate:
        return None
    return normalised(first, second, 0.5 * length_s).peak_near(lag_s, reach_s)


def _margin(
    a: Signal, b: Signal, times: Floats, length_s: float, lag_s: float, other_s: float,
    interval_s: float, worse: float,
) -> float:  # fmt: skip
    """By how many standard errors windows are more alike at a lag than at another.

    Motion that repeats is as alike a period later; what does not repeat in it shows window by
    window. Where too few windows have both, ``worse`` (relative) has to do.
    """
    more = []
    for at in times:
        here = _top(a, b, float(at), length_s, lag_s, interval_s)
        there = _top(a, b, float(at), length_s, other_s, interval_s)
        if here is not None:
            more.append(here[1] - (there[1] if there is not None else 0.0))
    if len(more) < 3:
        return 3.0 * worse
    spread = max(float(np.std(more, ddof=1)), 0.05)
    return float(np.mean(more) / spread * np.sqrt(len(more) / 2))  # they overlap by half


def _line(
    windows: Floats, lag: float, middle_s: float, unknown_s: float
) -> tuple[float, float, float | None, float | None, float]:
    """Time, lag, slope with its deviation, and the lag's deviation, from windows that agree.

    Where too few do, the lag's deviation is ``unknown_s``.
    """
    if len(windows) < 3:
        return middle_s, lag, None, None, unknown_s
    t, x, weight = windows[:, 0], windows[:, 1], windows[:, 2] ** 2
    news = len(t) / 2  # windows overlap by half
    if np.ptp(t) < _DRIFT_FROM_S or len(t) < 5:
        centre = float(np.average(t, weights=weight))
        mean = float(np.average(x, weights=weight))
        deviation = float(np.sqrt(np.average((x - mean) ** 2, weights=weight)))
        return centre, lag, None, None, float(np.hypot(deviation / np.sqrt(news), (mean - lag) / 2))
    for _ in range(5):
        centre = float(np.average(t, weights=weight))
        spread = float(np.average((t - centre) ** 2, weights=weight))
        mean = float(np.average(x, weights=weight))
        slope = float(np.average((t - centre) * (x - mean), weights=weight)) / max(spread, 1e-9)
        rest = np.abs(x - mean - slope * (t - centre))
        scale = max(1.4826 * float(np.median(rest)), 1e-3)
        weight = windows[:, 2] ** 2 * np.minimum(1.0, (2 * scale / np.maximum(rest, 1e-9)) ** 2)
    return centre, mean, slope, float(scale / np.sqrt(spread * news)), float(scale / np.sqrt(news))
