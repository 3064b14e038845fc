"""Everything that is said of a model's joints, from one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray

from backend.domain.evaluation import baseline, intervals, keypoint_errors
from backend.domain.evaluation.average_precision import Curves
from backend.domain.evaluation.conventions import VERSION
from backend.domain.evaluation.facets import JOINT_FACETS, facet
from backend.domain.evaluation.intervals import Clusters, clusters_of
from backend.domain.evaluation.keypoint_errors import ErrorKind
from backend.domain.evaluation.matching import AREA_RANGES, Matches, Pairs, match, pair
from backend.domain.evaluation.pairing import MIN_LOCATED_OKS, Paired, located, nearest
from backend.domain.evaluation.reliability import reliability
from backend.domain.evaluation.results import (
    ErrorKinds,
    Evaluation,
    Measure,
    Measures,
    Part,
    WorstFrame,
)
from backend.domain.evaluation.samples import Predictions, Truths
from backend.domain.skeleton import JOINTS

PCK: Final = (("PCK_box@0.1", 0.1), ("PCK_torso@0.2", 0.2), ("PCKh@0.5", 0.5))
MAX_PARTS: Final = 500
"""Most parts of one facet; of more the first are measured, and a note says so."""

_PART_AP: Final = ("AP", "AP.5", "AR")
_VISIBILITY: Final = ((2, "visible"), (1, "occluded"))


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for.

    Attributes:
        by: Facets, of ``facets.FACETS``.
        resamples: How many for intervals; 0 for none.
        seed: Of the resamples.
        worst: How many of the worst frames are listed.
        with_baseline: Whether the mean pose is measured as well.
    """

    by: Sequence[str] = ("joint",)
    resamples: int = intervals.RESAMPLES
    seed: int = 1
    worst: int = 50
    with_baseline: bool = True


class Model:
    """One set of predictions, with all that follows from it before anything is summed up."""

    def __init__(self, truths: Truths, predictions: Predictions) -> None:
        self.truths = truths
        self.predictions = predictions
        self.lengths = {
            "PCK_box@0.1": keypoint_errors.box_sides(truths),
            "PCK_torso@0.2": keypoint_errors.torso_lengths(truths),
            "PCKh@0.5": keypoint_errors.head_lengths(truths)[0],
        }

    @cached_property
    def pairs(self) -> Pairs:
        """Everybody who could be matched."""
        return pair(self.truths, self.predictions)

    @cached_property
    def matches(self) -> Matches:
        """COCO's matches."""
        return match(self.truths, self.predictions, pairs=self.pairs)

    @cached_property
    def paired(self) -> Paired:
        """The nearest prediction of each person."""
        return nearest(self.truths, self.pairs)

    @cached_property
    def located(self) -> Paired:
        """Who was located."""
        return located(self.truths, self.predictions, self.pairs)

    @cached_property
    def distance(self) -> NDArray[np.float64]:
        """(N, 17) pixels."""
        return keypoint_errors.distances(self.truths, self.predictions, self.paired)

    @cached_property
    def kinds(self) -> NDArray[Any]:
        """(N, 17) kinds of errors."""
        return keypoint_errors.kinds(self.truths, self.predictions, self.located)

    @cached_property
    def per_joint(self) -> dict[str, NDArray[np.float64]]:
        """Values whose means are measures: (N, 17) of joints, (N,) of people."""
        found = {"OKS": self.paired.oks, "AJPE": self.distance}
        for name, threshold in PCK:
            found[name] = keypoint_errors.correct(
                self.truths, self.distance, self.lengths[name], threshold
            )
        return found


def evaluate(
    truths: Truths, predictions: Predictions, options: Options | None = None
) -> Evaluation:
    """Measure predictions.

    Args:
        truths: The ground truth.
        predictions: What is measured, of the same images.
        options: What is asked for.
    """
    return evaluate_model(Model(truths, predictions), options)


def evaluate_model(model: Model, options: Options | None = None) -> Evaluation:
    """Measure predictions of which something else is asked as well."""
    options = options or Options()
    truths, predictions = model.truths, model.predictions
    clusters = clusters_of(truths.facts)
    weights, note = _weights(truths, clusters, options)
    measures = _measures(model, clusters, weights)
    calibration = reliability(
        predictions,
        match(
            truths,
            predictions,
            pairs=model.pairs,
            thresholds=np.array([MIN_LOCATED_OKS]),
            ranges=AREA_RANGES[:1],
        ),
    )
    measures["ECE"] = Measure(calibration.error)
    return Evaluation(
        counts=_counts(model, clusters),
        measures=measures,
        baseline=_baseline(truths, clusters) if options.with_baseline else {},
        parts={name: _parts(name, model, clusters, options) for name in options.by},
        errors=_errors(model),
        reliability=calibration,
        worst=worst_frames(model, options.worst),
        notes=(*_notes(model, note, calibration.why_not), *_left_out(truths, options)),
        settings={
            "conventions": VERSION,
            "resamples": 0 if weights is None else len(weights),
            "seed": options.seed,
            "level": intervals.LEVEL,
            "clusters": clusters.unit,
        },
    )


def _weights(
    truths: Truths, clusters: Clusters, options: Options, images: Any = None
) -> tuple[Int[NDArray[Any], "r c"] | None, str | None]:
    """Resamples of the clusters that have images, and what is to be said of them.

    Only clusters with somebody who counts make an interval worth having; the others bring their
    false alarms.
    """
    occupied = len(_occupied(truths, clusters, images))
    there = np.unique(clusters.of_image if images is None else clusters.of_image[images])
    said = intervals.caution(clusters.unit, occupied)
    enough = clusters.unit is not None and occupied >= intervals.MIN_CLUSTERS
    if not options.resamples or not enough:
        return None, said if options.resamples else None
    weights = np.zeros((options.resamples, len(clusters)), np.int32)
    weights[:, there] = intervals.draw(len(there), options.resamples, options.seed)
    return weights, said


def _occupied(truths: Truths, clusters: Clusters, images: Any = None) -> NDArray[np.intp]:
    image = truths.image[~truths.ignored]
    if images is not None:
        image = image[images[image]]
    return np.unique(clusters.of_image[image])


def _measures(model: Model, clusters: Clusters, weights: Any) -> dict[str, Measure]:
    whole = Curves(model.truths, model.predictions, model.matches).summary()
    drawn: dict[str, Any] = {}
    if weights is not None:
        curves = Curves(model.truths, model.predictions, model.matches, clusters.of_image)
        drawn = curves.summary(weights)
    found = {name: _measure(float(values[0]), drawn.get(name)) for name, values in whole.items()}
    owner = clusters.of_image[model.truths.image]
    for name, values in model.per_joint.items():
        found[name] = _mean(values, owner, weights)
    known = model.distance[np.isfinite(model.distance)]
    found["AJPE_median"] = Measure(float(np.median(known)) if len(known) else None)
    return found


def _measure(value: float, drawn: Any = None) -> Measure:
    if not np.isfinite(value):
        return Measure(None)
    return Measure(value, None if drawn is None else intervals.interval(drawn))


def _mean(values: Any, owner: Any, weights: Any) -> Measure:
    known = values[np.isfinite(values)]
    if not len(known):
        return Measure(None)
    drawn = None if weights is None else intervals.means(values, owner, weights)
    return _measure(float(known.mean()), drawn)


def _baseline(truths: Truths, clusters: Clusters) -> Measures:
    guessed = baseline.mean_pose(truths, clusters.of_image)
    return _measures(Model(truths, guessed), clusters, None)


def _parts(name: str, model: Model, clusters: Clusters, options: Options) -> tuple[Part, ...]:
    if name in JOINT_FACETS:
        return _joint_parts(name, model, clusters, options)
    sorted_by = facet(name, model.truths)
    found = []
    for i, value in enumerate(sorted_by.values[:MAX_PARTS]):
        images = sorted_by.of_image == i
        weights, _ = _weights(model.truths, clusters, options, images)
        found.append(_image_part(value, model, clusters, weights, images))
    return tuple(found)


def _left_out(truths: Truths, options: Options) -> tuple[str, ...]:
    counts = {
        name: len(facet(name, truths).values) for name in options.by if name not in JOINT_FACETS
    }
    return tuple(
        f"By {name} there are {count:,} parts; only the first {MAX_PARTS:,} are measured."
        for name, count in counts.items()
        if count > MAX_PARTS
    )


def _image_part(value: str, model: Model, clusters: Clusters, weights: Any, images: Any) -> Part:
    truths = model.truths
    one = np.where(images, 0, -1)
    whole = Curves(truths, model.predictions, model.matches, one).summary(names=_PART_AP)
    drawn: dict[str, Any] = {}
    if weights is not None:
        of_image = np.where(images, clusters.of_image, -1)
        curves = Curves(truths, model.predictions, model.matches, of_image, clusters=len(clusters))
        drawn = curves.summary(weights, _PART_AP)
    measures = {name: _measure(float(v[0]), drawn.get(name)) for name, v in whole.items()}
    rows = images[truths.image]
    owner = clusters.of_image[truths.image[rows]]
    for name, values in model.per_joint.items():
        measures[name] = _mean(values[rows], owner, weights)
    labelled = (truths.visibility > 0) & truths.measured[:, None]
    people = int((rows & truths.measured).sum())
    return Part(value, int(images.sum()), people, int(labelled[rows].sum()), measures)


def _joint_parts(name: str, model: Model, clusters: Clusters, options: Options) -> tuple[Part, ...]:
    truths = model.truths
    weights, _ = _weights(truths, clusters, options)
    owner = clusters.of_image[truths.image]
    shape = truths.visibility.shape
    if name == "joint":
        parts = [
            (n, np.broadcast_to(np.arange(shape[1]) == j, shape)) for j, n in enumerate(JOINTS)
        ]
    else:
        parts = [(n, truths.visibility == v) for v, n in _VISIBILITY]
    similar = keypoint_errors.similarities(truths, model.predictions, model.paired)
    values = {"similarity": similar, **model.per_joint}
    del values["OKS"]
    found = []
    for part, mask in parts:
        measures = {
            n: _mean(np.where(mask, array, np.nan), owner, weights) for n, array in values.items()
        }
        labelled = int((mask & np.isfinite(similar)).sum())
        found.append(Part(part, None, None, labelled, measures))
    return tuple(found)


def _errors(model: Model) -> ErrorKinds:
    kinds = model.kinds
    named = {kind.name.lower(): kind for kind in ErrorKind if kind is not ErrorKind.UNMEASURED}
    mended = {}
    for name, kind in named.items():
        if kind is ErrorKind.GOOD:
            continue
        better = keypoint_errors.mended(
            model.truths, model.predictions, model.located, kinds == kind
        )
        again = Model(model.truths, better)
        value = float(Curves(model.truths, better, again.matches).summary(names=("AP",))["AP"][0])
        mended[name] = value if np.isfinite(value) else None
    measured = model.truths.measured
    found = model.located.prediction >= 0
    matches = match(
        model.truths,
        model.predictions,
        pairs=model.pairs,
        thresholds=np.array([MIN_LOCATED_OKS]),
        ranges=AREA_RANGES[:1],
    )
    nobody = ~matches.ignored[0, 0] & (matches.truth[0, 0] < 0)
    return ErrorKinds(
        counts={name: int((kinds == kind).sum()) for name, kind in named.items()},
        by_joint={
            joint: {name: int((kinds[:, j] == kind).sum()) for name, kind in named.items()}
            for j, joint in enumerate(JOINTS)
        },
        ap_if_mended=mended,
        located=int((found & measured).sum()),
        missed=int((~found & measured).sum()),
        nobody=int(nobody.sum()),
    )


def worst_frames(model: Model, most: int) -> tuple[WorstFrame, ...]:
    """Frames by the least OKS of their people, lowest first; of equal ones in the order of ids."""
    truths = model.truths
    rows = np.flatnonzero(truths.measured)
    order = rows[np.lexsort((truths.image[rows], model.paired.oks[rows]))]
    _, first = np.unique(truths.image[order], return_index=True)
    found = []
    for row in order[np.sort(first)][:most].tolist():
        image = int(truths.image[row])
        distance = model.distance[row][np.isfinite(model.distance[row])]
        kinds = model.kinds[row]
        wrong = {
            JOINTS[j]: ErrorKind(kind).name.lower()
            for j, kind in enumerate(kinds.tolist())
            if kind > ErrorKind.GOOD
        }
        found.append(
            WorstFrame(
                image_id=truths.image_ids[image],
                oks=float(model.paired.oks[row]),
                person=truths.ids[row] if len(truths.ids) else None,
                distance=float(distance.mean()) if len(distance) else None,
                errors=wrong,
                facts=truths.facts[image],
            )
        )
    return tuple(found)


def _counts(model: Model, clusters: Clusters) -> dict[str, int]:
    truths = model.truths
    return {
        "images": truths.images,
        "people": len(truths),
        "crowds": int(truths.crowd.sum()),
        "without_joints": int(((truths.labelled == 0) & ~truths.crowd).sum()),
        "joints": int(((truths.visibility > 0) & truths.measured[:, None]).sum()),
        "predictions": len(model.predictions),
        "beyond_20_per_image": len(model.predictions) - len(model.pairs.kept),
        "people_without_prediction": int((truths.measured & (model.paired.prediction < 0)).sum()),
        "clusters": len(_occupied(truths, clusters)),
    }


def _notes(model: Model, caution: str | None, not_calibrated: str | None) -> tuple[str, ...]:
    said = []
    if not len(model.predictions):
        said.append("Nobody was predicted: precision and recall are 0 wherever people are.")
    if caution:
        said.append(caution)
    if not keypoint_errors.head_lengths(model.truths)[1]:
        said.append(
            "PCKh divides by the largest distance between labelled joints of the face, because the"
            " ground truth names no head lengths; it cannot be compared with MPII's."
        )
    if not_calibrated and len(model.predictions):
        said.append(f"No calibration error: {not_calibrated}.")
    return tuple(said)
