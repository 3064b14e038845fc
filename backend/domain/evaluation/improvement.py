"""Whether one model is better than another on the same people, by more than chance.

Both models see the same images, so their values are compared person by person, and infants, not
frames, are drawn anew (:mod:`backend.domain.evaluation.intervals`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.evaluation.intervals import (
    MIN_CLUSTERS,
    RESAMPLES,
    Interval,
    clusters_of,
    draw,
    interval,
    means,
)


@dataclass(frozen=True, slots=True)
class Improvement:
    """A new model's mean minus an old one's.

    Attributes:
        difference: Positive where the new one is better.
        interval: 95 %; None where there are fewer than five infants.
        infants: How many were drawn from.
        frames: How many values were compared.
    """

    difference: float
    interval: Interval | None
    infants: int
    frames: int

    @property
    def certain(self) -> bool:
        """Whether the whole interval is above 0."""
        return self.interval is not None and self.interval.low > 0


def improvement(
    new: Float[NDArray[np.float64], " n"],
    old: Float[NDArray[np.float64], " n"],
    infants: Sequence[str],
    seed: int = 1,
) -> Improvement:
    """Compare two models.

    Args:
        new: (N,) values of the new model, larger is better.
        old: (N,) the same of the old one.
        infants: Whose each value is.
        seed: Of the resamples.
    """
    off = np.asarray(new, float) - np.asarray(old, float)
    clusters = clusters_of([{"infant": name} for name in infants])
    found = None
    if clusters.unit is not None and len(clusters) >= MIN_CLUSTERS:
        found = interval(means(off, clusters.of_image, draw(len(clusters), RESAMPLES, seed)))
    known = len(clusters) if clusters.unit is not None else 0
    return Improvement(float(off.mean()), found, known, len(off))
