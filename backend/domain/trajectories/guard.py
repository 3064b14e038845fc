"""What is said in the end: from the pre-label towards the trajectory, as far as evidence carries.

A smoothed trajectory is nearer to the truth on average and farther in single frames. So the
question is asked frame by frame, in OKS itself: with the truth about the trajectory by N(0, v), v
in OKS spreads², a joint whose trajectory lies d away gains by going the share l of the way

    exp(-|(1 - l) d - e|² / 2) - exp(-|d - e|² / 2),   e ~ N(0, v),

whose mean and variance are known in closed form, since products of Gaussians are Gaussians. Each
joint goes where its mean less c times its variance is greatest; c is the least for which the sum
over the frame falls below 0 with a chance of at most ``worse``. Where no c does, the pre-label
stands. In OKS a joint that lies far off can win no more than its 17th: by squared distances one
joint thirty pixels off paid for a whole body that was believed too readily.

What v says of the way is not all of one kind. What the chain leaves is hardly in line with d,
neither in a joint nor over the joints of a frame: jitter was taken off, and what lasts is not seen.
What is left over that nobody can explain (``sureness``) comes with corrections that were carried to
where they do not hold, and all joints of a frame may have it together.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from backend.domain.trajectories.answer import Source
from backend.domain.trajectories.evidence import Array, Flags, Ints, found_at
from backend.domain.trajectories.noise import said_variance
from backend.domain.trajectories.settings import Settings
from backend.domain.trajectories.sizes import SILHOUETTE, SPREAD

KEPT = 0.4
"""A joint that stays d away from the trajectory errs by about d, not by a Gaussian of that
deviation: this share of d² as variance gives radii that hold at 50, 80 and 95 % on the whole."""

ASIDE = 0.4
"""Share of the chain's variance that counts along the way. Measured on sessions for development:
.45 in a joint, and next to nothing that joints have in common."""

IN_STEP = 1.5
"""And so many times the variance of what nobody can explain, since the joints of a frame have some
of it in common."""

IN_STEP_OF_VIEWS = 1.8
"""The same where several views were taken together: what they share, no view contradicts."""

SHARES = np.linspace(0.0, 1.0, 9)
"""l, from the pre-label to the trajectory."""

STRICTER = np.concatenate(([0.0], np.geomspace(0.02, 50.0, 12)))
"""c, from what gains most to next to nothing."""


def settle(
    marks: Array,
    place: Array,
    deviation: Array,
    said: Array,
    sizes: Array,
    settings: Settings,
    floor: Array | float = 0.0,
    *,
    stands: bool | Flags = False,
    views: bool = False,
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
        stands: Whether pre-labels stand whatever the evidence says, as before anybody said
            anything; or (T,) in which frames.
        views: Whether the trajectory is of several views together.

    Returns:
        (T, 17, 2), (T, 17), (T, 17) of ``Source``.
    """
    known, marked = found_at(place), found_at(marks)
    d = np.where((known & marked)[..., None], place - marks, 0.0)
    gone = np.zeros(marked.shape)
    if not np.all(stands):
        in_step = IN_STEP_OF_VIEWS if views else IN_STEP
        gone = ways(d, deviation, sizes, settings.worse, floor, in_step)
        gone[np.broadcast_to(stands, len(gone))] = 0.0
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
    d: Array, deviation: Array, sizes: Array, worse: float, floor: Array | float = 0.0,
    in_step: float = IN_STEP,
) -> Array:  # fmt: skip
    """(T, 17) shares, 0 to 1, of the ways d (T, 17, 2) that are gone; arguments as in ``settle``.

    Args:
        d: (T, 17, 2) pixels. deviation: (T, 17). sizes: (T,). floor: (T, 17) pixels².
        worse: Greatest chance that a frame becomes worse.
        in_step: Times that the floor counts.
    """
    unit2 = (SPREAD * SILHOUETTE * sizes[:, None]) ** 2
    whole = np.where(np.isfinite(deviation), deviation, 1e6) ** 2
    apart = np.minimum(floor, whole)
    v = (ASIDE * (whole - apart) + in_step * apart) / unit2
    mean, variance = gains((d**2).sum(-1) / unit2, v)
    least = -NormalDist().inv_cdf(worse)
    gone = np.zeros(v.shape)
    rows = np.arange(len(v))
    for strictness in STRICTER:
        best = np.argmax(mean[:, rows] - strictness * variance[:, rows], axis=0)[None]
        gain = np.take_along_axis(mean[:, rows], best, 0)[0].sum(-1)
        risk = np.sqrt(np.take_along_axis(variance[:, rows], best, 0)[0].sum(-1))
        fine = (gain > 0) & (gain >= least * risk)
        gone[rows[fine]] = SHARES[best[0, fine]]
        rows = rows[~fine]
        if not len(rows):
            break
    return gone


def gains(away2: Array, v: Array) -> tuple[Array, Array]:
    """(L, …) mean and variance of what a joint's similarity gains for each of ``SHARES``.

    Args:
        away2: (…) squared way from pre-label to trajectory, OKS spreads².
        v: (…) variance of the truth about the trajectory, along an axis, spreads².
    """
    once, twice = 1 / (1 + v), 1 / (1 + 2 * v)
    left = (1 - SHARES).reshape(-1, *(1,) * away2.ndim)
    mean = once * np.exp(-away2 * left**2 * once / 2)
    mean = mean - mean[0]
    square = twice * np.exp(-away2 * left**2 * twice)
    # The product of two similarities is a Gaussian about the middle, less by what parts them.
    both = twice * np.exp(-away2 * (((1 - left) / 2) ** 2 + ((1 + left) / 2) ** 2 * twice))
    return mean, np.maximum(square + square[0] - 2 * both - mean**2, 0.0)
