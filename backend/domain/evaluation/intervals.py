"""Confidence intervals by drawing infants, not frames, anew.

Frames of one infant resemble each other, so intervals over frames would be far too narrow. Whole
infants are drawn with replacement, as many as there are, and the measure is taken again; the
interval reaches from the 2.5th to the 97.5th percentile of these values. Sources: Efron &
Tibshirani 1993, chapter 13 (percentile interval); Cameron, Gelbach & Miller 2008 (clusters,
and few of them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

MIN_CLUSTERS: Final = 5
"""Fewer infants give no interval: so few can be drawn in too few ways to say anything."""

FEW_CLUSTERS: Final = 20
"""Below this many infants intervals are known to come out too narrow, and are marked so."""

LEVEL: Final = 0.95
RESAMPLES: Final = 1000
MAX_RESAMPLES: Final = 100_000
MAX_UNDEFINED: Final = 0.05
"""Largest share of resamples in which a measure may not exist, for its interval to be given."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """What is drawn: infants, or the next best that is known of every image.

    Attributes:
        unit: ``infant``, ``recording``, or None where nothing is known.
        of_image: (I,) index of each image's cluster; 0 for all where nothing is known.
        names: Names of the clusters.
    """

    unit: str | None
    of_image: Int[NDArray[Any], " i"]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval, both ends, in the measure's unit."""

    low: float
    high: float


def clusters_of(facts: Sequence[Mapping[str, Any]]) -> Clusters:
    """The infants of images; recordings where an image does not name its infant."""
    for unit in ("infant", "recording"):
        values = [fact.get(unit) for fact in facts]
        if values and all(value is not None and value != "" for value in values):
            names = sorted({str(value) for value in values})
            index = {name: i for i, name in enumerate(names)}
            of_image = np.array([index[str(value)] for value in values], np.intp)
            return Clusters(unit, of_image, tuple(names))
    return Clusters(None, np.zeros(len(facts), np.intp), ("all",))


def caution(unit: str | None, count: int) -> str | None:
    """What has to be said of intervals over so many clusters; None where nothing has to.

    Args:
        unit: What is drawn.
        count: How many there are.
    """
    if unit is None:
        return (
            "No intervals: the ground truth does not say which infant is in each image, and frames"
            " of one infant are too much alike to be drawn by themselves."
        )
    what = f"{count} {unit}{'' if count == 1 else 's'}"
    if count < MIN_CLUSTERS:
        return (
            f"No intervals: {what} in the ground truth; fewer than {MIN_CLUSTERS} do not tell how"
            " far the numbers would differ with other infants."
        )
    said = []
    if unit != "infant":
        said.append(
            f"Intervals are over {unit}s, because not every image names its infant; if one infant"
            " is in several, they are too narrow."
        )
    if count < FEW_CLUSTERS:
        said.append(f"Intervals rest on {what} only and are rather too narrow than too wide.")
    return " ".join(said) or None


def draw(count: int, resamples: int, seed: int) -> Int[NDArray[Any], "r c"]:
    """(R, C) how often each of C clusters is in each resample of C draws.

    The same seed gives the same draws with the same version of numpy.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, count, (resamples, count))
    rows = np.repeat(np.arange(resamples), count)
    flat = np.bincount(rows * count + drawn.ravel(), minlength=resamples * count)
    return flat.reshape(resamples, count).astype(np.int32)


def interval(values: Float[NDArray[Any], " r"], level: float = LEVEL) -> Interval | None:
    """The percentile interval; None where too many resamples lack the measure.

    Args:
        values: (R,) the measure in each resample; NaN where it does not exist.
        level: Share of the resamples between the ends.
    """
    there = values[np.isfinite(values)]
    if not len(there) or len(values) - len(there) > MAX_UNDEFINED * len(values):
        return None
    tail = (1 - level) / 2
    low, high = np.quantile(there, [tail, 1 - tail])
    return Interval(float(low), float(high))


def means(
    values: Float[NDArray[Any], "n ..."],
    cluster: Int[NDArray[Any], " n"],
    weights: Int[NDArray[Any], "r c"],
) -> Float[NDArray[Any], " r"]:
    """The mean of values in each resample; NaN values are left out.

    Args:
        values: (N, …).
        cluster: (N,) whose they are.
        weights: (R, C) from :func:`draw`.
    """
    flat = values.reshape(len(values), -1)
    there = np.isfinite(flat)
    sums = np.bincount(cluster, np.where(there, flat, 0.0).sum(axis=1), minlength=weights.shape[1])
    counts = np.bincount(cluster, there.sum(axis=1), minlength=weights.shape[1])
    total, number = weights @ sums, weights @ counts
    return np.where(number > 0, total / np.maximum(number, 1e-300), np.nan)
