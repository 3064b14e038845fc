"""How marks err: which are right, and by how much those that are right miss.

A mark is right, with Gaussian noise in the joint's own OKS spread, or wrong and lies anywhere about
the body: a mixture, fitted by expectation maximisation around the trajectory (Dempster, Laird and
Rubin 1977; the weights are those of iteratively reweighted least squares with a redescending loss,
as Geman and McClure's). Whether a mark is right is asked of the trajectory *without* that mark (the
cavity of expectation propagation; Minka 2001), else each mark vouches for itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backend.domain.trajectories.evidence import Array, Flags
from backend.domain.trajectories.settings import Settings
from backend.domain.trajectories.sizes import SPREAD

SURE_SCORE = 0.85
"""Score above which marks are as good as they get."""

_TAILS = 4.0
"""Degrees of freedom of marks on which several views agree about the cavity (Student's t in the
plane): then the trajectory may be wrong, as when flow slips off a quick arm."""

_MEDIAN = 2 * np.log(2)
"""Median of a chi-squared variable of two degrees of freedom."""


def units(sizes: Array) -> Array:
    """OKS spreads (…, 17) of joints of bodies of sizes (…,), pixels."""
    return np.asarray(SPREAD * sizes[..., None])


def said_variance(sizes: Array, glanced: Flags, settings: Settings) -> Array:
    """(…, 17) variance along an axis of what people say of bodies of sizes (…,), pixels².

    Args:
        sizes: Of the bodies. glanced: (…, 17) joints that were let stand where they were shown.
        settings: ``hand``, ``eye`` and ``glance``.
    """
    own = (settings.hand * sizes[..., None]) ** 2
    eye = np.where(glanced, settings.glance, settings.eye)
    return np.asarray(own + (eye * units(sizes)) ** 2)


def prior_odds(scores: Array, trust: Array, settings: Settings) -> Array:
    """Log odds (T, 17) of marks being right, by their scores and the trust (T,) in the option."""
    p = np.clip(trust, 0.02, 0.98)[:, None]
    return np.asarray(
        settings.steepness * (scores - settings.stray) + _OPTION * np.log(p / (1 - p))
    )


_OPTION = 0.3
"""How much of the log odds of an option passes on to each of its joints: they are one fault."""


_AROUND, _AROUND_S = 6, 0.25
"""Frames on each side, and seconds within which, marks say how far this one is to be believed."""

_FEW = 3
"""Frames below which they say nothing: a mark would vouch for itself."""

_USUAL = 0.85
"""Share of right marks around a mark from which they say nothing against it."""


def shared_doubt(right: Array, marked: Flags, times: Array) -> Array:
    """Log odds (T, 17), at most 0, by the share of right marks of the joint around each frame.

    Faults last: a wrong mark that happens to lie where the joint may be would otherwise make the
    trajectory sure of itself.
    """
    n = len(right)
    zero = np.zeros((1, 17))
    sums: list[Array] = [
        np.concatenate((zero, np.cumsum(x.astype(float), axis=0))) for x in (right, marked)
    ]
    low = np.maximum(np.arange(n) - _AROUND, np.searchsorted(times, times - _AROUND_S))
    high = np.minimum(np.arange(n) + _AROUND, np.searchsorted(times, times + _AROUND_S) - 1) + 1
    good, all_ = (s[high] - s[low] for s in sums)
    told = (all_ > 0) & (high - low >= _FEW)[:, None]
    share = np.clip(np.where(told, good / np.maximum(all_, 1), _USUAL), 0.05, _USUAL)
    return np.asarray(np.log(share / (1 - share)) - np.log(_USUAL / (1 - _USUAL)))


def cavity(residual2: Array, variance: Array, weight: Array) -> tuple[Array, Array]:
    """Squared distance and variance of the trajectory without a mark, from those with it.

    Args:
        residual2: Squared distance of the mark to the trajectory.
        variance: Of the trajectory along an axis.
        weight: Precision that the mark gave to it.
    """
    rest = np.clip(1 - weight * variance, 0.02, 1.0)
    return residual2 / rest**2, variance / rest


def right(
    residual2: Array, variance: Array, deviation: Array, prior: Array, wrong: Array,
    supported: Flags | None = None,
) -> Array:  # fmt: skip
    """Probability that marks are right.

    Args:
        residual2: Squared distance to the cavity.
        variance: Of the cavity along an axis.
        deviation: Of right marks. prior: Log odds. wrong: Deviation of wrong marks.
        supported: Marks on which several views agree.
    """
    near = variance + deviation**2
    far = variance + wrong**2
    close = residual2 / (2 * near)
    if supported is not None:
        tails = (_TAILS + 2) / 2 * np.log1p(residual2 / (_TAILS * near))
        close = np.where(supported, tails, close)
    odds = prior + np.log(far / near) - close + residual2 / (2 * far)
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


@dataclass(frozen=True, eq=False)
class Noise:
    """What is known of a camera's noise.

    Attributes:
        jitter: (17,) of right marks, in the joint's own OKS spread.
        slowness: So many neighbouring frames' errors count as one.
        flow_px: Pixels by which a flow link errs.
        slope: Logarithm by which the deviation grows per unit of score below ``SURE_SCORE``.
        lasts: Deviation of errors that no smoothing takes away, in jitters.
        constant: (17, 2) the part of them that is the same in all frames, in jitters.
        whole: (17,) of right marks with lasting errors, by the other views; None where there are
            none.
    """

    jitter: Array
    slowness: float
    flow_px: float
    slope: float
    lasts: float = 1.1
    constant: Array | None = None
    whole: Array | None = None

    def deviation(self, unit: Array, scores: Array) -> Array:
        """Standard deviation (…, 17) of right marks, pixels along an axis."""
        doubt = np.clip(SURE_SCORE - scores, 0.0, None)
        return np.asarray(unit * self.jitter * np.exp(self.slope * doubt))

    def lasting(self, unit: Array, scores: Array) -> Array:
        """The unit (…, 17) of errors that last, pixels: they grow less with doubt."""
        doubt = np.clip(SURE_SCORE - scores, 0.0, None)
        return np.asarray(unit * self.jitter * np.exp(_SLOWLY * self.slope * doubt))


_SLOWLY = 0.5
"""Share of the slope by which errors that last grow with doubt."""

_NEAR = 0.7
"""Seconds about a contradicted mark within which marks start with less weight."""


def tempered(marks: Array, said: Array, deviation: Array, times: Array, start: float) -> Array:
    """Weight factors (T, 17) of marks in the first rounds.

    Faults last. Where a person contradicted a mark, the marks around it are likely wrong in the
    same way; they would hold the trajectory if they were asked first (graduated non-convexity;
    Blake and Zisserman 1987).

    Args:
        marks: (T, 17, 2), NaN for none. said: (T, 17, 2) what people confirmed, NaN for nothing.
        deviation: (T, 17) of right marks. times: (T,) seconds.
        start: The least factor, in (0, 1].
    """
    out = np.ones(deviation.shape)
    if start >= 1:
        return out
    wrong = ((marks - said) ** 2).sum(-1) > (4 * deviation) ** 2
    for t, j in np.argwhere(wrong):
        low, high = np.searchsorted(times, (times[t] - 3 * _NEAR, times[t] + 3 * _NEAR))
        fade = np.exp(-0.5 * ((times[low:high] - times[t]) / _NEAR) ** 2)
        out[low:high, j] = np.minimum(out[low:high, j], start**fade)
    return out


def assumed(settings: Settings, sizes: Array, times: Array | None = None) -> Noise:
    """What is assumed of bodies of sizes (T,) before anything was seen; at times (T,), if given,
    errors of frames that lie far apart are each their own."""
    flow_px = max(settings.flow_px, settings.flow_size * float(np.median(sizes)))
    slowness = settings.slowness
    if times is not None and len(times) > 1:
        slowness = max(min(slowness, settings.slow_s / float(np.median(np.diff(times)))), 1.0)
    return Noise(np.full(17, settings.jitter), slowness, flow_px, settings.slope)


_LAGS = ((1, 2, 4, 7, 10, 20), (1, 2, 3, 4, 6, 12))
"""Frames over which marks are compared; the shorter ones where flow breaks off too often."""

_LEAST = 60
"""Pairs of frames from which a variogram is read."""

SLOWEST, SLOWEST_IN_VIEWS = 2.0, 4.0
"""Errors that last for longer are not smoothed away but counted apart, see ``lasting``; in one view
and in several together. In one view, at 4 marks weighed so little that trajectories followed flow
away from them beside gaps and hidden bodies, the whole body at once: on rendered sessions for
development 1 % of frames became worse, .3 at 2."""

_BRIDGED = 2
"""Pairs of frames without flow across which the displacements around them are taken."""


def learnt(
    marks: Array, moved: Array, unit: Array, use: Flags, linked: Flags, before: Noise,
    slowest: float = SLOWEST,
) -> Noise:  # fmt: skip
    """Noise of marks and flow from their variogram (Matheron 1963).

    Marks minus the summed flow would stand still if neither erred. The squared difference between
    two times grows with their distance: as long as a mark's error lasts, up to twice its variance,
    and by the flow's variance each frame for ever. Medians stand for means: some marks are wrong.

    Args:
        marks: (T, 17, 2). moved: (T-1, 17, 2) by the flow.
        unit: (T, 17) deviation per unit of jitter.
        use: (T, 17) marks that are likely right. linked: (T-1, 17) whether there is flow.
        before: What was assumed so far, kept where there is too little to see.
        slowest: For so many frames errors last at most.
    """
    whole, joined = _bridged(moved, linked)
    for k, lags in enumerate(_LAGS):
        grown, scale = _variogram(marks, whole, unit, use, joined, lags)
        known = np.asarray(np.isfinite(grown).all(0))
        if known.sum() >= 4:
            found = grown[:, known], scale[known], known
            return _read(*found, lags, before, slowest, least=k > 0)
    return before


def _bridged(moved: Array, linked: Flags) -> tuple[Array, Flags]:
    """Displacements with short gaps filled from both sides, and where there are any."""
    out, known = np.where(linked[..., None], moved, 0.0), linked.copy()
    for gap in range(1, _BRIDGED + 1):
        for t in range(1, len(moved) - gap):
            at = ~known[t : t + gap].any(0) & linked[t - 1] & linked[t + gap]
            if at.any():
                out[t : t + gap, at] = (out[t - 1, at] + out[t + gap, at]) / 2
                known[t : t + gap, at] = True
    return out, known


def _variogram(
    marks: Array, moved: Array, unit: Array, use: Flags, linked: Flags, lags: tuple[int, ...]
) -> tuple[Array, Array]:
    """Growth (L, 17) of the squared differences, and mean squared unit (17,); NaN for too few."""
    n = len(marks)
    grown, scale = np.full((len(lags), 17), np.nan), np.full(17, np.nan)
    if n <= 2 * lags[-1]:
        return grown, scale
    zero = np.zeros((1, *moved.shape[1:]))
    still = marks - np.concatenate((zero, np.cumsum(moved, 0)))
    broken = np.concatenate((np.zeros((1, 17)), np.cumsum(~linked, axis=0)))
    for k, lag in enumerate(lags):
        both = use[lag:] & use[:-lag] & (broken[lag:] == broken[:-lag])
        d2 = ((still[lag:] - still[:-lag]) ** 2).sum(-1)
        for j in range(17):
            if both[:, j].sum() >= _LEAST:
                grown[k, j] = np.median(d2[both[:, j], j]) / _MEDIAN
                scale[j] = np.mean(unit[lag:][both[:, j], j] ** 2)
    return grown, scale


def _read(
    grown: Array, scale: Array, known: Flags, lags: tuple[int, ...], before: Noise,
    slowest: float, *, least: bool,
) -> Noise:  # fmt: skip
    """Noise from a variogram (L, K) of the K known joints."""
    far, farther = grown[-2], grown[-1]
    flow = float(np.median(np.maximum((farther - far) / (lags[-1] - lags[-2]), 1e-4)))
    twice = np.maximum(far - lags[-2] * flow, 0.2 * grown[0])
    own2 = twice / 2 / scale
    jitter2 = np.full(17, float(np.median(own2)))
    jitter2[known] = 0.5 * own2 + 0.5 * jitter2[known]
    short = np.array(lags[:-1])
    alike = 1 - (grown[:-1] - short[:, None] * flow) / np.maximum(twice, 1e-9)
    curve = np.clip(np.median(alike, axis=1), 0.0, 1.0)
    slowness = 1 + 2 * float(np.interp(np.arange(1, short[-1] + 1), short, curve).sum())
    if least:
        # Errors that last longer than the lags are not seen.
        slowness = max(slowness, before.slowness)
    return replace(
        before,
        jitter=np.sqrt(np.clip(jitter2, 0.03**2, 1.0)),
        slowness=float(np.clip(slowness, 1.0, slowest)),
        flow_px=float(np.clip(np.sqrt(flow), 0.05, 3.0)),
    )


def jitter_of(away2: Array, variance: Array, unit: Array, use: Flags, now: Array) -> Array:
    """(17,) jitter by the distance to what all other evidence says, as the other views do.

    Args:
        away2: (M, 17) squared distance to the cavity. variance: Of the cavity along an axis.
        unit: (M, 17). use: Marks that are likely right. now: (17,) where too few are.
    """
    own = np.full(17, np.nan)
    for j in range(17):
        at = use[:, j]
        if at.sum() >= 30:
            left = np.median(away2[at, j]) / _MEDIAN - np.median(variance[at, j])
            own[j] = max(left, 0.0) / np.mean(unit[at, j] ** 2)
    if np.isfinite(own).sum() < 4:
        return now
    common = float(np.nanmedian(own))
    mixed = 0.5 * np.where(np.isfinite(own), own, common) + 0.5 * common
    return np.asarray(np.sqrt(np.clip(mixed, 0.03**2, 1.0)))


def slope_of(
    away2: Array, variance: Array, scores: Array, right: Array, unit: Array, now: Noise
) -> Noise:
    """How much more marks of low scores err, by their distances to the cavities.

    Args:
        away2, variance: As in ``jitter_of``. scores: (T, 17). right: (T, 17) chance of being right.
        unit: (T, 17) OKS spreads. now: Of which the slope is learnt.
    """
    scale = (unit * now.jitter) ** 2
    likely = right > 0.5
    low = likely & (scores < 0.65) & (scores > 0.25)
    high = likely & (scores >= 0.75)
    if low.sum() < _LEAST or high.sum() < _LEAST:
        return now

    def mean2(at: Flags) -> float:
        left = np.median(away2[at] / scale[at]) / _MEDIAN - np.median(variance[at] / scale[at])
        return max(float(left), 0.02)

    apart = SURE_SCORE - float(np.median(scores[low]))
    grown = np.log(mean2(low) / mean2(high)) / 2
    return replace(now, slope=float(np.clip(grown / apart, 0.0, 4.0)))
