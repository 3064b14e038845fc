"""Bodies of two files compared, with the mean body beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.evaluation.body_errors import body_measures
from backend.domain.evaluation.mean_body import MeanBody
from backend.publishing.evaluation.body_files import Bodies, BodyPairs

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Compared:
    """What was measured of each body.

    Attributes:
        each: (N,) millimetres by measure.
        baseline: (N,) millimetres that the mean body reaches, by measure.
        note: What the mean body is of.
    """

    each: dict[str, NDArray[np.float64]]
    baseline: dict[str, NDArray[np.float64]]
    note: str


def compare(
    pairs: BodyPairs, training: Iterable[Bodies] | None, report: Told | None = None
) -> Compared:
    """Measure predicted bodies, and the mean body.

    Args:
        pairs: The bodies that belong together.
        training: Bodies to train on, whose mean the baseline is. Without any it is the mean of the
            true bodies of all other infants.
        report: Told how many of how many are done.
    """
    infant = pairs.clusters.of_image
    mean = MeanBody() if training is not None else MeanBody(len(pairs.clusters))
    if training is not None:
        for joints, vertices in training:
            mean.add(joints, vertices, np.zeros(len(joints), np.intp))
    if not mean.bodies:
        done = 0
        mean = MeanBody(len(pairs.clusters))
        for joints, vertices in pairs.true_bodies():
            mean.add(joints, vertices, infant[done : done + len(joints)])
            done += len(joints)
        training = None
    found: dict[str, list[Any]] = {}
    beside: dict[str, list[Any]] = {}
    done = 0
    for batch in pairs.batches():
        count = len(batch[0])
        for name, values in body_measures(*batch).items():
            found.setdefault(name, []).append(values)
        whose = infant[done : done + count]
        for name, values in mean.measures(batch[1], batch[3], whose).items():
            beside.setdefault(name, []).append(values)
        done += count
        if report is not None:
            report(done, len(pairs))
    return Compared(_joined(found), _joined(beside), _note(pairs, mean, training is not None))


def _note(pairs: BodyPairs, mean: MeanBody, trained: bool) -> str:
    if not mean.bodies:
        return "There is no baseline: of no true body both shoulders and both hips are known."
    if trained:
        of = f"of {mean.bodies:,} bodies to train on"
    elif mean.groups > 1:
        of = f"of the compared bodies of all other {pairs.clusters.unit}s, because none to train on"
        of += " are known that could be compared"
    else:
        of = "of the compared bodies themselves, because no others are known: that is the best that"
        of += " a fixed body can reach"
    return (
        f"The baseline is the mean body {of}, put where the true pelvis is and turned as the true"
        " trunk: it knows nothing else."
    )


def _joined(found: dict[str, list[Any]]) -> dict[str, NDArray[np.float64]]:
    return {name: np.concatenate(values) for name, values in found.items()}
