"""Average precision and recall from matches, for the whole, for parts, and for many resamples.

Source: cocodataset.org, "Detection Evaluation" and "Keypoint Evaluation": precision is made falling
from the right, read at 101 recalls and averaged over ten thresholds of OKS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.evaluation.matching import AREAS, OKS_THRESHOLDS, Matches
from backend.domain.evaluation.samples import Predictions, Truths

RECALLS: Final = np.linspace(0.0, 1.0, 101)
"""Recalls at which precision is read."""

_EPSILON: Final = np.spacing(1)
_CACHED: Final = 1 << 18
"""Numbers that are worked on at a time, so that they stay near the processor."""

SUMMARY: Final[Mapping[str, tuple[str, float | None, str]]] = {
    "AP": ("precision", None, "all"),
    "AP.5": ("precision", 0.5, "all"),
    "AP.75": ("precision", 0.75, "all"),
    "AP_M": ("precision", None, "medium"),
    "AP_L": ("precision", None, "large"),
    "AR": ("recall", None, "all"),
    "AR.5": ("recall", 0.5, "all"),
    "AR.75": ("recall", 0.75, "all"),
    "AR_M": ("recall", None, "medium"),
    "AR_L": ("recall", None, "large"),
}
"""COCO's ten numbers for keypoints: what is averaged, at which threshold (all ten), which areas."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What counts at one threshold, for one area and category.

    Attributes:
        counted: (V,) 1 for predictions that count, by falling score; None where all do.
        hits: (H,) places of those that are right.
        truths: (C,) people to be found in each cluster.
    """

    counted: Int[NDArray[Any], " v"] | None
    hits: Int[NDArray[Any], " h"]
    truths: Int[NDArray[Any], " c"]


Step = tuple[int, int]
"""Indices of an area and of a threshold."""


class Curves:
    """Matches, ordered by score: from them average precision follows for any weights of clusters.

    Args:
        truths: The ground truth.
        predictions: What is measured.
        matches: From ``matching.match``.
        group: (I,) cluster of each image; by default all images are one. Images with -1 are left
            out.
        thresholds: (T,) the least OKS of the matches.
        clusters: How many clusters there are; by default as many as ``group`` names.
    """

    def __init__(
        self,
        truths: Truths,
        predictions: Predictions,
        matches: Matches,
        group: Int[NDArray[Any], " i"] | None = None,
        thresholds: Float[NDArray[Any], " t"] = OKS_THRESHOLDS,
        clusters: int | None = None,
    ) -> None:
        group = np.zeros(truths.images, np.intp) if group is None else group
        self.thresholds = thresholds
        self.clusters = int(group.max(initial=-1)) + 1 if clusters is None else clusters
        self._groups: list[Int[NDArray[Any], " v"]] = []
        self._cuts: list[dict[Step, Cut]] = []
        kept = matches.kept
        # Of equal scores the earlier image goes first.
        by_score = np.argsort(-predictions.score[kept], kind="stable")
        image_group = group[predictions.image[kept]]
        truth_group = group[truths.image]
        areas, steps, _ = matches.truth.shape
        for category in range(truths.categories):
            of_it = (predictions.category[kept] == category) & (image_group >= 0)
            order = by_score[of_it[by_score]]
            self._groups.append(image_group[order].astype(np.intp))
            people = (truths.category == category) & (truth_group >= 0)
            cuts = {}
            for a in range(areas):
                here = truth_group[people & ~matches.truth_ignored[a]]
                wanted = np.bincount(here, minlength=self.clusters)
                for t in range(steps):
                    counted = ~matches.ignored[a, t, order]
                    right = counted & (matches.truth[a, t, order] >= 0)
                    mask = None if counted.all() else counted.astype(np.int32)
                    cuts[a, t] = Cut(mask, np.flatnonzero(right), wanted)
            self._cuts.append(cuts)

    def summary(
        self,
        weights: Int[NDArray[Any], "r c"] | None = None,
        names: tuple[str, ...] = tuple(SUMMARY),
    ) -> dict[str, Float[NDArray[Any], " r"]]:
        """COCO's numbers.

        A cluster that is drawn twice counts as if its images were there twice; of equal scores, the
        copies of a prediction follow one another.

        Args:
            weights: (R, C) how often each cluster is in a resample; by default once.
            names: Which of ``SUMMARY``.

        Returns:
            (R,) by name; NaN where there is nobody to be found (pycocotools says -1).
        """
        if weights is None:
            weights = np.ones((1, self.clusters), np.int32)
        steps = {name: self._steps(name) for name in names}
        wanted = sorted({step for found in steps.values() for step in found})
        shape = (2, len(self._cuts), len(weights))
        known = {step: np.full(shape, np.nan) for step in wanted}
        for category, cuts in enumerate(self._cuts):
            groups = self._groups[category]
            rows = max(1, _CACHED // max(len(groups), 1))
            for begin in range(0, len(weights), rows):
                part = slice(begin, begin + rows)
                chunk = _Chunk(weights[part], groups)
                for step in wanted:
                    known[step][:, category, part] = chunk.averages(cuts[step])
        found = {}
        for name in names:
            row = 0 if SUMMARY[name][0] == "precision" else 1
            values = [known[step][row] for step in steps[name]]
            found[name] = _mean(np.concatenate(values))
        return found

    def _steps(self, name: str) -> list[Step]:
        _, at, area = SUMMARY[name]
        a = AREAS.index(area)
        return [
            (a, t) for t, value in enumerate(self.thresholds) if at is None or np.isclose(value, at)
        ]


def _mean(values: Float[NDArray[Any], "n r"]) -> Float[NDArray[Any], " r"]:
    there = ~np.isnan(values)
    counts = there.sum(axis=0)
    total = np.where(there, values, 0.0).sum(axis=0)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)


class _Chunk:
    """Some resamples: how often each prediction is in each."""

    def __init__(self, weights: Any, groups: Any) -> None:
        self._weights = weights
        self._each = np.stack([row[groups] for row in weights])
        self._all: Any = None

    def averages(self, cut: Cut) -> tuple[Any, Any]:
        """Average precision over the recalls, and greatest recall, of each resample.

        Precision only rises at a prediction that is right, so its envelope is known from those
        alone.
        """
        wanted = self._weights @ cut.truths
        if not len(cut.hits):
            nothing = np.where(wanted > 0, 0.0, np.nan)
            return nothing, nothing
        taken = self._taken(cut)[:, cut.hits]
        right = np.cumsum(self._each[:, cut.hits], axis=1, dtype=np.int32)
        precision = right / (taken + _EPSILON)
        average = np.full(len(wanted), np.nan)
        for i, people in enumerate(wanted.tolist()):
            if people:
                average[i] = _read(precision[i], right[i], people)
        recall = np.where(wanted > 0, right[:, -1] / np.maximum(wanted, 1), np.nan)
        return average, recall

    def _taken(self, cut: Cut) -> Any:
        if cut.counted is not None:
            return np.cumsum(self._each * cut.counted, axis=1, dtype=np.int32)
        if self._all is None:
            self._all = np.cumsum(self._each, axis=1, dtype=np.int32)
        return self._all


def _read(precision: Any, right: Any, people: int) -> float:
    """Mean over the recalls of the best precision at that recall or a higher one."""
    needed = _counts_at(people)
    places = np.searchsorted(right, needed, side="left")
    inside = places[places < len(right)]
    if not len(inside):
        return 0.0
    best = np.maximum.accumulate(np.maximum.reduceat(precision, inside)[::-1])[::-1]
    read = np.zeros(len(RECALLS))
    read[: len(best)] = best
    return float(read.mean())


@lru_cache(maxsize=4096)
def _counts_at(people: int) -> Any:
    """(101,) least whole numbers that, divided by ``people``, reach each recall."""
    guess = np.ceil(RECALLS * people).astype(np.int64)
    guess = np.where((guess - 1) / people >= RECALLS, guess - 1, guess)
    return np.where(guess / people < RECALLS, guess + 1, guess)
