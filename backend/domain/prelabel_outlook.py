"""What pre-labels of a recording are worth before anybody looked, and whether it is unlike others.

A model's score says little by itself: sure of itself on adults, it may be as sure and wrong on
infants. What it is worth is learnt from recordings whose frames were approved: there, score and
truth are both known. A curve that never falls maps one to the other (isotonic regression, Barlow
et al. 1972), every recording with equal weight.

How far such a forecast is off is measured on those recordings themselves, each forecast from all
the others. With m of them, the error of another one like them lies within the smallest and the
largest of these errors in (m - 1) of (m + 1) cases (rank statistics: no shape of the errors is
assumed). In the same way a recording is called *unlike* the others where its scores are farther
from theirs than any of theirs is from the rest (two-sample Kolmogorov–Smirnov distance): by chance
that happens to one of m + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

Array = NDArray[np.float64]

MIN_KNOWN: Final = 5
"""With fewer approved recordings neither a range nor a difference is told."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Pre-labels of an approved recording, beside what people made of them.

    Attributes:
        scores: (n,) of the person proposed in each kept frame; 0 where nobody was found.
        oks: (n,) similarity of the proposal to the approved joints; 0 where nobody was found.
    """

    scores: Float[Array, " n"]
    oks: Float[Array, " n"]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Similarity to expect at a score; between the points in straight lines."""

    scores: Float[Array, " k"]
    oks: Float[Array, " k"]

    def __call__(self, scores: Float[Array, " n"]) -> Float[Array, " n"]:
        """Similarity to expect, 0 … 1."""
        return np.asarray(np.interp(scores, self.scores, self.oks))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of a recording's pre-labels.

    Attributes:
        expected: Mean similarity (OKS), 0 … 1.
        low: The range's lower end; None with too few known recordings.
        high: Its upper end.
        distance: Of its scores from those of known recordings, 0 (alike) … 1.
        usual: The largest distance of a known recording from the rest; None with too few.
    """

    expected: float
    low: float | None
    high: float | None
    distance: float
    usual: float | None

    @property
    def unlike(self) -> bool | None:
        """Whether its scores are farther off than those of any known recording."""
        return None if self.usual is None else self.distance > self.usual


def coverage(known: int) -> float:
    """Share of recordings like the known ones whose truth lies in the range that is told."""
    return (known - 1) / (known + 1)


def curve(known: Sequence[Known]) -> Curve:
    """The curve that never falls and is nearest to the known recordings, by least squares.

    Raises:
        ValueError: there is no frame.
    """
    scores = np.concatenate([one.scores for one in known])
    oks = np.concatenate([one.oks for one in known])
    weight = np.concatenate([np.full(len(one.scores), 1 / len(one.scores)) for one in known])
    places, at = np.unique(scores, return_inverse=True)
    weights = np.bincount(at, weight)
    means = np.bincount(at, weight * oks) / weights
    blocks: list[list[float]] = []  # mean, weight, first, last
    for place, mean, heavy in zip(places, means, weights, strict=True):
        blocks.append([float(mean), float(heavy), float(place), float(place)])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            later, block = blocks.pop(), blocks[-1]
            both = block[1] + later[1]
            block[0] = (block[0] * block[1] + later[0] * later[1]) / both
            block[1], block[3] = both, later[3]
    edges = np.array([[first, last] for _, _, first, last in blocks]).ravel()
    return Curve(edges, np.repeat([block[0] for block in blocks], 2))


def distance(one: Float[Array, " n"], others: Sequence[Float[Array, " m"]]) -> float:
    """Largest difference of two cumulative distributions; the others with equal weight each."""
    places = np.unique(np.concatenate([one, *others]))
    mine = np.searchsorted(np.sort(one), places, side="right") / len(one)
    theirs = [np.searchsorted(np.sort(x), places, side="right") / len(x) for x in others]
    return float(np.abs(mine - np.mean(theirs, axis=0)).max())


@dataclass(frozen=True, slots=True, eq=False)
class Forecaster:
    """Forecasts recordings of one model.

    Attributes:
        known: Approved recordings.
        errors: (m,) true mean similarity minus the forecast from all others; empty with too few.
        distances: (m,) of each from the others; empty with too few.
    """

    known: Sequence[Known]
    curve: Curve
    errors: Float[Array, " m"]
    distances: Float[Array, " m"]

    def outlook(self, scores: Float[Array, " n"]) -> Outlook:
        """What to expect of a recording with these scores (n,), n at least 1."""
        expected = float(self.curve(scores).mean())
        far = distance(scores, [one.scores for one in self.known])
        if not len(self.errors):
            return Outlook(expected, None, None, far, None)
        low, high = expected + self.errors.min(), expected + self.errors.max()
        return Outlook(
            expected,
            float(np.clip(low, 0, 1)),
            float(np.clip(high, 0, 1)),
            far,
            float(self.distances.max()),
        )


def forecaster(known: Sequence[Known]) -> Forecaster:
    """Learn from approved recordings.

    Args:
        known: At least one, each with at least one frame.
    """
    errors, distances = [], []
    if len(known) >= MIN_KNOWN:
        for at, one in enumerate(known):
            rest = [*known[:at], *known[at + 1 :]]
            errors.append(float(one.oks.mean() - curve(rest)(one.scores).mean()))
            distances.append(distance(one.scores, [other.scores for other in rest]))
    return Forecaster(known, curve(known), np.array(errors), np.array(distances))
