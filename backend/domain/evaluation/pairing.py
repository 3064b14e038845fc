"""One prediction for each person, where errors of joints are measured instead of detections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.evaluation.matching import AREA_RANGES, Pairs, match
from backend.domain.evaluation.samples import Predictions, Truths

MIN_LOCATED_OKS: Final = 0.1
"""Least OKS of a prediction whose errors are told apart (Ronchi & Perona 2017)."""


@dataclass(frozen=True, slots=True)
class Paired:
    """The prediction of each person.

    Attributes:
        prediction: (N,) row, or -1 where there is none.
        oks: (N,) their OKS; 0 where there is none, NaN for people on whom nothing is measured.
    """

    prediction: Int[NDArray[Any], " n"]
    oks: Float[NDArray[Any], " n"]


def nearest(truths: Truths, pairs: Pairs) -> Paired:
    """The prediction most like each person, whatever its score.

    The most similar two of an image are paired first; each is used once; no OKS is too small.
    Crowds and people without labelled joints take part in nothing.
    """
    chosen = np.full(len(truths), -1, np.int64)
    found = np.where(truths.measured, 0.0, np.nan)
    for batch in pairs.batches:
        left = np.where(truths.measured[batch.truths][:, None, :], batch.oks, -1.0)
        size, predictions, people = left.shape
        rows = np.arange(size)
        for _ in range(min(predictions, people)):
            place = left.reshape(size, -1).argmax(axis=1)
            d, g = np.divmod(place, people)
            value = left[rows, d, g]
            here = value >= 0
            person = batch.truths[rows, g][here]
            chosen[person] = pairs.kept[batch.predictions[rows, d][here]]
            found[person] = value[here]
            left[rows, d, :] = -1
            left[rows, :, g] = -1
    return Paired(chosen, found)


def located(truths: Truths, predictions: Predictions, pairs: Pairs) -> Paired:
    """The prediction that COCO's procedure gives to each person at an OKS of 0.1 or more."""
    matches = match(
        truths,
        predictions,
        pairs=pairs,
        thresholds=np.array([MIN_LOCATED_OKS]),
        ranges=AREA_RANGES[:1],
    )
    person = matches.truth[0, 0]
    chosen = np.full(len(truths), -1, np.int64)
    given = (person >= 0) & ~matches.ignored[0, 0]
    chosen[person[given]] = matches.kept[given]
    chosen[~truths.measured] = -1
    found = np.where(truths.measured, 0.0, np.nan)
    for batch in pairs.batches:
        same = pairs.kept[batch.predictions][:, :, None] == chosen[batch.truths][:, None, :]
        b, d, g = np.nonzero(same)
        found[batch.truths[b, g]] = batch.oks[b, d, g]
    return Paired(chosen, found)
