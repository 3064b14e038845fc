"""Which prediction is which person, by OKS, as COCO decides it; all images at once.

Source: cocodataset.org, "Keypoint Evaluation", and the behaviour of pycocotools' ``COCOeval``: the
20 predictions of an image with the highest scores are taken from the highest on; each is given the
free person of highest OKS at or above the threshold, those that count before those that are
ignored; a crowd is never used up. Of equal scores the one that comes first in the file goes first;
of people with equal OKS the last one is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.evaluation.samples import Predictions, Truths
from backend.domain.evaluation.similarity import oks

MAX_PREDICTIONS_PER_IMAGE: Final = 20
"""COCO's maxDets of keypoints."""

OKS_THRESHOLDS: Final = np.linspace(0.5, 0.95, 10)
"""0.5, 0.55 … 0.95."""

AREAS: Final = ("all", "medium", "large")
AREA_RANGES: Final = np.array([[0, 1e5**2], [32**2, 96**2], [96**2, 1e5**2]], float)
"""COCO's ranges of a person's area in pixels, ends included; keypoints have no small people."""

_CHUNK: Final = 4096


@dataclass(frozen=True, slots=True)
class Pairs:
    """People of the truth and predictions of the same image and category.

    Attributes:
        kept: (K,) rows of the predictions that are taken, ordered by category, image, and falling
            score.
        truth_order: (N,) rows of the truth, ordered by category, image and place in the file.
        batches: Images with as many people and as many predictions each, together.
    """

    kept: Int[NDArray[Any], " k"]
    truth_order: Int[NDArray[Any], " n"]
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """B images of D predictions and G people each.

    Attributes:
        predictions: (B, D) places in ``Pairs.kept``, falling scores.
        truths: (B, G) rows of the truth, as in the file.
        oks: (B, D, G).
    """

    predictions: Int[NDArray[Any], "b d"]
    truths: Int[NDArray[Any], "b g"]
    oks: Float[NDArray[Any], "b d g"]


@dataclass(frozen=True, slots=True)
class Matches:
    """What COCO's procedure decided, for A areas and T thresholds.

    Attributes:
        kept: (K,) rows of the predictions that are taken; as in :class:`Pairs`.
        truth: (A, T, K) row of the person that each was given, or -1.
        ignored: (A, T, K) whether the prediction counts neither as right nor as wrong.
        truth_ignored: (A, N) whether a person counts neither as found nor as missed.
        pairs: From which this was decided.
    """

    kept: Int[NDArray[Any], " k"]
    truth: Int[NDArray[Any], "a t k"]
    ignored: Bool[NDArray[Any], "a t k"]
    truth_ignored: Bool[NDArray[Any], "a n"]
    pairs: Pairs


def pair(truths: Truths, predictions: Predictions) -> Pairs:
    """Everybody who could be matched, with their OKS."""
    cells = truths.images * truths.categories
    truth_cell = truths.category.astype(np.int64) * truths.images + truths.image
    cell = predictions.category.astype(np.int64) * truths.images + predictions.image
    truth_order = np.argsort(truth_cell, kind="stable")
    order = np.lexsort((-predictions.score, cell))
    counts = np.bincount(cell, minlength=cells)
    starts = np.cumsum(counts) - counts
    rank = np.arange(len(order)) - starts[cell[order]]
    kept = order[rank < MAX_PREDICTIONS_PER_IMAGE]
    people = np.bincount(truth_cell, minlength=cells)
    people_starts = np.cumsum(people) - people
    taken = np.minimum(counts, MAX_PREDICTIONS_PER_IMAGE)
    taken_starts = np.cumsum(taken) - taken
    both = np.flatnonzero((taken > 0) & (people > 0))
    kind = people[both] * (MAX_PREDICTIONS_PER_IMAGE + 1) + taken[both]
    batches = []
    for value in np.unique(kind).tolist():
        g, d = divmod(value, MAX_PREDICTIONS_PER_IMAGE + 1)
        alike = both[kind == value]
        for begin in range(0, len(alike), _CHUNK):
            here = alike[begin : begin + _CHUNK]
            places = taken_starts[here][:, None] + np.arange(d)
            rows = truth_order[people_starts[here][:, None] + np.arange(g)]
            similar = _similarities(truths, predictions, rows, kept[places])
            batches.append(Batch(places, rows, similar))
    return Pairs(kept, truth_order, tuple(batches))


def _similarities(truths: Truths, predictions: Predictions, rows: Any, taken: Any) -> Any:
    shape = (len(rows), taken.shape[1], rows.shape[1])
    person = np.broadcast_to(rows[:, None, :], shape).ravel()
    found = oks(
        truths.joints[person],
        truths.visibility[person],
        truths.area[person],
        truths.box[person],
        predictions.joints[np.broadcast_to(taken[:, :, None], shape).ravel()],
    )
    return found.reshape(shape)


def match(
    truths: Truths,
    predictions: Predictions,
    *,
    pairs: Pairs | None = None,
    thresholds: Float[NDArray[Any], " t"] = OKS_THRESHOLDS,
    ranges: Float[NDArray[Any], "a 2"] = AREA_RANGES,
) -> Matches:
    """Give predictions to people.

    Args:
        truths: The ground truth.
        predictions: What is measured.
        pairs: From :func:`pair`, if it is there already.
        thresholds: (T,) least OKS.
        ranges: (A, 2) least and greatest area of people who count, pixels.
    """
    pairs = pairs or pair(truths, predictions)
    least, most = ranges[:, 0, None], ranges[:, 1, None]
    truth_ignored = truths.ignored | (truths.area < least) | (truths.area > most)
    shape = (len(ranges), len(thresholds), len(pairs.kept))
    matched = np.full(shape, -1, np.int64)
    ignored = np.zeros(shape, bool)
    for batch in pairs.batches:
        _match_batch(batch, truth_ignored, truths.crowd, thresholds, matched, ignored)
    area = predictions.area[pairs.kept]
    outside = (area < least) | (area > most)
    ignored |= (matched < 0) & outside[:, None]
    return Matches(pairs.kept, matched, ignored, truth_ignored, pairs)


def _match_batch(
    batch: Batch, truth_ignored: Any, crowd: Any, thresholds: Any, matched: Any, ignored: Any
) -> None:
    size, people = batch.truths.shape
    skipped = truth_ignored[:, batch.truths]  # (A, B, G)
    endless = crowd[batch.truths]
    shape = (len(truth_ignored), len(thresholds), size)
    least = np.minimum(thresholds, 1 - 1e-10)[None, :, None]
    free = [np.ones(shape, bool) for _ in range(people)]
    for d in range(batch.predictions.shape[1]):
        best = np.broadcast_to(least, shape).copy()
        chosen = np.full(shape, -1, np.int64)
        regular = np.zeros(shape, bool)
        for second in (False, True):
            for g in range(people):
                of_kind = skipped[:, None, :, g] if second else ~skipped[:, None, :, g]
                if not of_kind.any():
                    continue
                similar = np.broadcast_to(batch.oks[:, d, g], shape)
                better = free[g] & of_kind & (similar >= best)
                if second:
                    better &= ~regular
                np.copyto(best, similar, where=better)
                chosen[better] = g
            if not second:
                regular = chosen >= 0
        given = chosen >= 0
        for g in range(people):
            free[g] &= (chosen != g) | endless[:, g]
        rows = np.where(given, batch.truths[np.arange(size), chosen], -1)
        matched[:, :, batch.predictions[:, d]] = rows
        ignored[:, :, batch.predictions[:, d]] = given & ~regular
