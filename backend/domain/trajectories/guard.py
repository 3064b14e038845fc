"""What is said in the end: from the pre-label towards the trajectory, as far as evidence carries.

A smoothed trajectory is nearer to the truth on average and farther in single frames. So the
question is asked frame by frame: with the truth about the trajectory with covariance V, going the
shares l of the ways d changes the frame's loss by -g,

    g = sum l (2 - l) |d|^2 + 2 l d.e,   e of covariance V, all in OKS spreads.

Half of the way gains three quarters of what the whole way does, and is half as likely to be too
far. Where g is too unsure, joints go less far, the unsure ones first: l = 1 / (1 + 4 c v), v the
variance of the joint, gains most for any chance of getting worse; c is the least that keeps this
chance below ``worse``. Where no c does, the pre-label stands.

What V says of the way is not all of one kind. What the chain leaves is hardly in line with d,
neither in a joint nor over the joints of a frame: jitter was taken off, and what lasts is not seen.
What is left over that nobody can explain (``sureness``) comes with corrections that were carried to
where they do not hold, and all joints of a frame may have it together.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from backend.domain.trajectories.answer import Source
from backend.domain.trajectories.evidence import Array, Ints, found_at
from backend.domain.trajectories.noise import said_variance
from backend.domain.trajectories.settings import Settings
from backend.domain.trajectories.sizes import SPREAD

KEPT = 0.4
"""A joint that stays d away from the trajectory errs by about d, not by a Gaussian of that
deviation: this share of d² as variance gives radii that hold at 50, 80 and 95 % on the whole."""

ASIDE = 0.4
"""Share of the chain's variance that counts along the way. Measured on sessions for development:
.45 in a joint, and next to nothing that joints have in common."""

IN_STEP = 3.0
"""And so many times the variance of what nobody can explain, since the joints of a frame have some
of it in common: 17 joints with a correlation of .12."""

STRICTER = np.concatenate(([0.0], np.geomspace(0.02, 200.0, 14)))
"""c, from the whole way to next to nothing."""


def settle(
    marks: Array,
    place: Array,
    deviation: Array,
    said: Array,
    sizes: Array,
    settings: Settings,
    floor: Array | float = 0.0,
    *,
    stands: bool = False,
) -> tuple[Array, Array, Ints]:
    """Positions, their deviations and sources.

    Args:
        marks: (T, 17, 2) the pre-label as it came, NaN for none.
        place: (T, 17, 2) the trajectory, NaN where unknown.
        deviation: (T, 17) of the trajectory, along an axis, model error included.
        said: (T, 17, 2) what people confirmed, NaN where nobody did.
        sizes: (T,) of the body, pixels.
        settings: ``worse``, ``hand`` and ``eye``.
        floor: (T, 17) the part of the deviation's square that nobody can explain, pixels².
        stands: Whether pre-labels stand whatever the evidence says: nobody said anything yet.

    Returns:
        (T, 17, 2), (T, 17), (T, 17) of ``Source``.
    """
    known, marked = found_at(place), found_at(marks)
    d = np.where((known & marked)[..., None], place - marks, 0.0)
    gone = np.zeros(marked.shape) if stands else ways(d, deviation, sizes, settings.worse, floor)
    way = np.where(marked, gone, 1.0)
    positions = np.where(marked[..., None], marks + way[..., None] * d, place)
    positions = np.where((way == 1)[..., None] & known[..., None], place, positions)
    off2 = KEPT * (1 - way) ** 2 * (d**2).sum(-1)
    sigma = np.where(known, np.sqrt(deviation**2 + off2), np.inf)
    sigma = np.where(~known & marked, settings.wrong * sizes[:, None], sigma)
    source = np.where(
        found_at(positions),
        np.where(way > 0, Source.INFERRED, Source.PRE_LABEL),
        Source.NOTHING,
    )
    sure = found_at(said)
    positions[sure] = said[sure]
    placed = said_variance(sizes, np.zeros(sure.shape, bool), settings)
    sigma = np.where(sure, np.sqrt(placed), sigma)
    source[sure] = Source.CONFIRMED
    return positions, sigma, source


def ways(
    d: Array, deviation: Array, sizes: Array, worse: float, floor: Array | float = 0.0
) -> Array:
    """(T, 17) shares, 0 to 1, of the ways d (T, 17, 2) that are gone; arguments as in ``settle``.

    Args:
        d: (T, 17, 2) pixels. deviation: (T, 17). sizes: (T,). floor: (T, 17) pixels².
        worse: Greatest chance that a frame becomes worse.
    """
    unit2 = (SPREAD * sizes[:, None]) ** 2
    whole = np.where(np.isfinite(deviation), deviation, 1e6) ** 2
    apart = np.minimum(floor, whole)
    v = (ASIDE * (whole - apart) + IN_STEP * apart) / unit2
    d2 = (d**2).sum(-1) / unit2
    share = 1 / (1 + 4 * STRICTER[:, None, None] * v)
    gain = (d2 * share * (2 - share)).sum(-1)
    risk = 2 * np.sqrt((d2 * share**2 * v).sum(-1))
    fine = (gain >= -NormalDist().inv_cdf(worse) * risk) & (gain > 0)
    first = np.argmax(fine, axis=0)
    chosen = np.take_along_axis(share, first[None, :, None], axis=0)[0]
    return np.asarray(np.where(fine.any(0)[:, None] & (d2 > 0), chosen, 0.0))
