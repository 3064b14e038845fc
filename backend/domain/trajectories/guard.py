"""What is said in the end: the trajectory, but for frames in which it may well be worse.

A smoothed trajectory is nearer to the truth on average and farther in single frames. So the
question is asked frame by frame: of the joints that would be moved by d, the truth lies about the
trajectory with covariance V; then moving changes the frame's loss by |d|² - 2 d·e with e of
covariance V, summed in OKS spreads. As many joints are moved, the surest first, as keep the chance
that the frame becomes worse below ``worse``; often that is all of them or none, since over many
joints the gain is surer than for one.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from backend.domain.trajectories.answer import Source
from backend.domain.trajectories.evidence import Array, Flags, Ints, found_at
from backend.domain.trajectories.noise import said_variance
from backend.domain.trajectories.settings import Settings
from backend.domain.trajectories.sizes import SPREAD

KEPT = 0.4
"""A joint that stays d away from the trajectory errs by about d, not by a Gaussian of that
deviation: this share of d² as variance gives radii that hold at 50, 80 and 95 % on the whole."""

_TOGETHER = 0.1
"""Share of the errors' variance that the joints of a frame have in common: flow, clocks and
calibrations err for all of them."""


def settle(
    marks: Array,
    place: Array,
    deviation: Array,
    said: Array,
    sizes: Array,
    settings: Settings,
) -> tuple[Array, Array, Ints]:
    """Positions, their deviations and sources.

    Args:
        marks: (T, 17, 2) the pre-label as it came, NaN for none.
        place: (T, 17, 2) the trajectory, NaN where unknown.
        deviation: (T, 17) of the trajectory, along an axis, model error included.
        said: (T, 17, 2) what people confirmed, NaN where nobody did.
        sizes: (T,) of the body, pixels.
        settings: ``worse``, ``hand`` and ``eye``.

    Returns:
        (T, 17, 2), (T, 17), (T, 17) of ``Source``.
    """
    known, marked = found_at(place), found_at(marks)
    d = np.where((known & marked)[..., None], place - marks, 0.0)
    move = movable(d, deviation, sizes, settings.worse) | ~marked
    positions = np.where((move & known)[..., None], place, marks)
    off2 = np.where(move, 0.0, KEPT * (d**2).sum(-1))
    sigma = np.where(known, np.sqrt(deviation**2 + off2), np.inf)
    sigma = np.where(~known & marked, settings.wrong * sizes[:, None], sigma)
    source = np.where(
        found_at(positions),
        np.where(move, Source.INFERRED, Source.PRE_LABEL),
        Source.NOTHING,
    )
    sure = found_at(said)
    positions[sure] = said[sure]
    placed = said_variance(sizes, np.zeros(sure.shape, bool), settings)
    sigma = np.where(sure, np.sqrt(placed), sigma)
    source[sure] = Source.CONFIRMED
    return positions, sigma, source


def movable(d: Array, deviation: Array, sizes: Array, worse: float) -> Flags:
    """(T, 17) joints that are moved by d (T, 17, 2)."""
    unit = SPREAD * sizes[:, None]
    # OKS stops falling a few spreads away: what is gained is bounded, what is lost as well.
    gain = (d**2).sum(-1) / unit**2
    risk = 2 * np.sqrt(gain) * deviation / unit
    sureness = np.where(gain > 0, gain / np.maximum(risk, 1e-12), 0.0)
    order = np.argsort(-sureness, axis=1)
    gains = np.cumsum(np.take_along_axis(gain, order, 1), axis=1)
    risks = np.take_along_axis(risk, order, 1)
    alone = np.cumsum(risks**2, axis=1)
    shared = np.cumsum(risks, axis=1) ** 2
    total = np.sqrt((1 - _TOGETHER) * alone + _TOGETHER * shared)
    fine = (gains >= -NormalDist().inv_cdf(worse) * total) & (
        np.take_along_axis(gain, order, 1) > 0
    )
    last = np.where(fine.any(1), fine.shape[1] - 1 - np.argmax(fine[:, ::-1], axis=1), -1)
    chosen = np.arange(d.shape[1])[None] <= last[:, None]
    out = np.zeros(chosen.shape, bool)
    np.put_along_axis(out, order, chosen, 1)
    return np.asarray(out & (gain > 0))
