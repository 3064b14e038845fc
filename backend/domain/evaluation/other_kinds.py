"""Evaluations of bodies in 3D and of postures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.evaluation import intervals, mean_body
from backend.domain.evaluation.baseline import Commonest, commonest
from backend.domain.evaluation.conventions import VERSION
from backend.domain.evaluation.intervals import Clusters
from backend.domain.evaluation.postures import Confusion, confusion, names_of
from backend.domain.evaluation.results import Measure, Measures, measures_json
from backend.domain.postures import GROUP_OF


@dataclass(frozen=True, slots=True)
class BodyEvaluation:
    """Bodies in 3D against the truth.

    Attributes:
        count: Bodies that are compared.
        measures: By the names of ``conventions``; means over the bodies that can be measured.
        baseline: The same of the mean body, as far as it has them; empty where it was not measured.
        unmeasured: Bodies that lack what a measure needs, by measure.
        worst: Rows by falling PA-MPJPE, with all measures.
        notes: What has to be said beside the numbers.
        settings: Seed, resamples, level.
    """

    count: int
    measures: Measures
    baseline: Measures
    unmeasured: Mapping[str, int]
    worst: tuple[tuple[int, Mapping[str, float | None]], ...]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "count": self.count,
            "measures": measures_json(self.measures),
            "baseline": measures_json(self.baseline),
            "baseline_name": mean_body.NAME if self.baseline else "",
            "unmeasured": dict(self.unmeasured),
            "worst": [{"row": row, **values} for row, values in self.worst],
            "notes": list(self.notes),
            "settings": dict(self.settings),
        }


def evaluate_bodies(
    each: Mapping[str, Float[NDArray[Any], " n"]],
    clusters: Clusters,
    *,
    baseline: Mapping[str, Float[NDArray[Any], " n"]] | None = None,
    resamples: int = intervals.RESAMPLES,
    seed: int = 1,
    worst: int = 50,
) -> BodyEvaluation:
    """Sum up what was measured of each body.

    Args:
        each: (N,) millimetres by measure: ``body_errors.body_measures``, of all batches together.
        clusters: Whose each row is.
        baseline: (N,) millimetres that the mean body reaches: ``mean_body.MeanBody.measures``.
        resamples: How many for intervals; 0 for none.
        seed: Of the resamples.
        worst: How many of the worst rows are listed.
    """
    weights, note = _weights(clusters, resamples, seed)

    def summed(of: Mapping[str, Float[NDArray[Any], " n"]]) -> Measures:
        return {name: _mean(values, clusters, weights) for name, values in of.items()}

    pa = each["PA-MPJPE"]
    order = np.argsort(-np.nan_to_num(pa, nan=-1.0), kind="stable")[:worst]
    rows = tuple(
        (int(row), {name: _known(values[row]) for name, values in each.items()}) for row in order
    )
    return BodyEvaluation(
        count=len(pa),
        measures=summed(each),
        baseline=summed({n: v for n, v in (baseline or {}).items() if np.isfinite(v).any()}),
        unmeasured={name: int(np.isnan(values).sum()) for name, values in each.items()},
        worst=rows,
        notes=(note,) if note else (),
        settings=_settings(clusters, weights, seed),
    )


@dataclass(frozen=True, slots=True)
class PostureEvaluation:
    """Postures against the truth.

    Attributes:
        measures: top1, top1_balanced and top1_groups.
        baseline: The same of always saying the most frequent posture, and for groups that group.
        commonest: Which these are.
        confusion: By posture.
        groups: By group; None where the names are not the twelve postures.
        notes: What has to be said beside the numbers.
        settings: Seed, resamples, level.
    """

    measures: Measures
    baseline: Measures
    commonest: Commonest
    confusion: Confusion
    groups: Confusion | None
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As JSON values; rows of confusions are the truth."""
        return {
            "measures": measures_json(self.measures),
            "baseline": measures_json(self.baseline),
            "baseline_name": self.commonest.name,
            "count": int(self.confusion.counts.sum()),
            "confusion": _confusion_json(self.confusion),
            "groups": None if self.groups is None else _confusion_json(self.groups),
            "notes": list(self.notes),
            "settings": dict(self.settings),
        }


def evaluate_postures(
    true: Sequence[str],
    predicted: Sequence[str],
    clusters: Clusters,
    *,
    training: Sequence[str] = (),
    resamples: int = intervals.RESAMPLES,
    seed: int = 1,
) -> PostureEvaluation:
    """Measure postures, frame by frame.

    Args:
        true: Name of each frame's posture (``domain.postures.posture_name``).
        predicted: Name of the likeliest one.
        clusters: Whose each frame is.
        training: Postures of the frames to train on, of which the baseline says the most frequent;
            without them it says that of the true ones, and a note tells so.
        resamples: How many for intervals; 0 for none.
        seed: Of the resamples.
    """
    most = commonest(training, true)
    weights, note = _weights(clusters, resamples, seed)

    def measured(told: Sequence[str], groups_told: Sequence[str] | None) -> Measures:
        right = np.array([a == b for a, b in zip(true, told, strict=True)], float)
        balanced = confusion(names_of([*true, *told]), true, told).balanced
        found = {"top1": _mean(right, clusters, weights), "top1_balanced": Measure(balanced)}
        if groups_told is not None:
            same = [GROUP_OF[a] == b for a, b in zip(true, groups_told, strict=True)]
            found["top1_groups"] = _mean(np.array(same, float), clusters, weights)
        return found

    found = confusion(names_of([*true, *predicted]), true, predicted)
    groups = found.grouped()
    in_groups = None if groups is None else [GROUP_OF[name] for name in predicted]
    one_group = None if groups is None or most.group is None else [most.group] * len(true)
    return PostureEvaluation(
        measures=measured(predicted, in_groups),
        baseline=measured([most.posture] * len(true), one_group),
        commonest=most,
        confusion=found,
        groups=groups,
        notes=(*((note,) if note else ()), most.told),
        settings=_settings(clusters, weights, seed),
    )


def _weights(clusters: Clusters, resamples: int, seed: int) -> tuple[Any, str | None]:
    if not resamples:
        return None, None
    said = intervals.caution(clusters.unit, len(clusters))
    if clusters.unit is None or len(clusters) < intervals.MIN_CLUSTERS:
        return None, said
    return intervals.draw(len(clusters), resamples, seed), said


def _mean(values: Any, clusters: Clusters, weights: Any) -> Measure:
    known = values[np.isfinite(values)]
    if not len(known):
        return Measure(None)
    span = None
    if weights is not None:
        span = intervals.interval(intervals.means(values, clusters.of_image, weights))
    return Measure(float(known.mean()), span)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _settings(clusters: Clusters, weights: Any, seed: int) -> dict[str, Any]:
    return {
        "conventions": VERSION,
        "resamples": 0 if weights is None else len(weights),
        "seed": seed,
        "level": intervals.LEVEL,
        "clusters": clusters.unit,
    }


def _confusion_json(found: Confusion) -> dict[str, Any]:
    return {"names": list(found.names), "counts": found.counts.tolist()}
