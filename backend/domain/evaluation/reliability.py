"""Whether scores mean what they say: reliability diagram and expected calibration error.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks": predictions are put into bins
by their score; in each the mean score is compared with what was reached. What is reached here is
the OKS with the person that a prediction is of, 0 if it is of nobody: the score under which
ranking by score gives the best AP (Ronchi & Perona 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.evaluation.matching import Matches, Pairs
from backend.domain.evaluation.samples import Predictions

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions with similar scores.

    Attributes:
        low: Least score.
        high: Greatest score, excluded except in the last bin.
        count: How many predictions.
        score: Their mean score; None if there are none.
        oks: Their mean OKS; None if there are none.
    """

    low: float
    high: float
    count: int
    score: float | None
    oks: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """The bins, and their mean distance.

    Attributes:
        bins: Of equal width, from 0 to 1.
        error: Expected calibration error: mean over predictions of |mean score − mean OKS| of their
            bin. None where there is no prediction, or scores are not within 0 … 1.
        count: Predictions that count.
        why_not: Why there is no error.
    """

    bins: tuple[Bin, ...]
    error: float | None
    count: int
    why_not: str | None = None


def reliability(predictions: Predictions, matches: Matches) -> Reliability:
    """Scores against OKS.

    Args:
        predictions: What is measured.
        matches: By COCO's procedure at a single small threshold and all areas; its first area and
            threshold are taken. Predictions that it ignores are left out.
    """
    kept = matches.kept
    reached = matched_oks(matches.pairs, matches.truth[0, 0])
    counts = ~matches.ignored[0, 0]
    score, reached = predictions.score[kept][counts], reached[counts]
    if not len(score):
        return Reliability((), None, 0, "nothing was predicted")
    if score.min() < 0 or score.max() > 1:
        said = f"scores reach from {score.min():g} to {score.max():g}; 0 to 1 is wanted"
        return Reliability((), None, len(score), said)
    place = np.minimum((score * BINS).astype(int), BINS - 1)
    bins = []
    error = 0.0
    for i in range(BINS):
        here = place == i
        count = int(here.sum())
        mean_score = float(score[here].mean()) if count else None
        mean_oks = float(reached[here].mean()) if count else None
        if mean_score is not None and mean_oks is not None:
            error += count / len(score) * abs(mean_score - mean_oks)
        bins.append(Bin(i / BINS, (i + 1) / BINS, count, mean_score, mean_oks))
    return Reliability(tuple(bins), error, len(score))


def matched_oks(pairs: Pairs, truth: Any) -> Float[NDArray[Any], " k"]:
    """(K,) OKS of each prediction with the person it was given, 0 where there is none."""
    found = np.zeros(len(pairs.kept))
    for batch in pairs.batches:
        same = truth[batch.predictions][:, :, None] == batch.truths[:, None, :]
        b, d, g = np.nonzero(same)
        found[batch.predictions[b, d]] = batch.oks[b, d, g]
    return found
