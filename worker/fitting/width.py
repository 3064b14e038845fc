"""From evidence to covariances and an expected error, by numbers learnt from made recordings.

``backend/domain/fit_width.json`` holds them; ``benchmarks/bodies/learn_width.py`` wrote it. They
are few: how much each cause counts, by how much a joint's class widens it, how much a moment's
signs of contradiction do, and at which distance (in standard deviations) half, 80 % and 95 % of
errors lie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.fit_quality import WIDTH_FILE
from worker.fitting.problem import Problem
from worker.fitting.uncertainty import CAUSES, SIGNS, Evidence

Array = NDArray[np.float64]
FILE: Final = WIDTH_FILE

CLASSES: Final = np.array([0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])
"""Of each COCO joint: face, shoulders, elbows, wrists, hips, knees, ankles."""

ALONE, ALONE_MEAN = 1.7, 1.4
"""By how much the intervals, and the expected error, of a moment of a single view are wider than
its information says: what one view sees can be read as another body at another distance, which
noise does not tell. Measured on 14 recordings of seed 5, as the numbers of the file, which were
learnt where two views and more see."""

LEAST_M: Final = 0.001
"""No joint is ever said to be surer than this along one axis."""


@dataclass(frozen=True, eq=False)
class Width:
    """causes: (8,) factors of variance. classes: (7,) factors of length by joint class. signs:
    (10,) powers. expected: of the mean error, per mean standard deviation."""

    causes: Array
    classes: Array
    signs: Array
    expected: float

    def covariance(
        self, causes: Float[Array, "t 8 17 3 3"], signs: Float[Array, "t 10"]
    ) -> Float[Array, "t 17 3 3"]:
        """(T, 17, 3, 3) m², such that the ellipsoids of ``domain.fit_quality`` hold their
        shares."""
        C = np.einsum("i,tikab->tkab", self.causes, causes)
        wider = np.exp(signs @ self.signs)[:, None] * self.classes[CLASSES][None]
        C = C * (wider**2)[..., None, None]
        return np.asarray((C + C.transpose(0, 1, 3, 2)) / 2 + LEAST_M**2 * np.eye(3))

    def expected_mm(self, C: Float[Array, "t 17 3 3"]) -> Float[Array, " t"]:
        """(T,) mean error of the joints to be expected, mm."""
        deviation = np.sqrt(np.trace(C, axis1=2, axis2=3))
        return np.asarray(1000 * self.expected * deviation.mean(1))


@cache
def learnt() -> Width:
    """The numbers in use."""
    value = json.loads(FILE.read_text(encoding="utf-8"))
    if tuple(value["causes"]) != CAUSES or tuple(value["signs"]) != SIGNS:
        raise RuntimeError(f"{FILE.name} was learnt for other causes or signs")
    return Width(
        np.array(list(value["causes"].values())),
        np.array(value["classes"]),
        np.array(list(value["signs"].values())),
        float(value["expected"]),
    )


def covariance_of(evidence: Evidence) -> Float[Array, "t 17 3 3"]:
    """Covariances of a recording's joints."""
    return learnt().covariance(evidence.causes, evidence.signs)


def stated(
    problem: Problem, evidence: Evidence
) -> tuple[Float[Array, "t 17 3 3"], Float[Array, " t"]]:
    """What fits say of themselves: covariances of joints, m², and the mean error expected, mm."""
    C = covariance_of(evidence)
    alone = problem.views_seen == 1
    factor = np.where(alone, ALONE**2, 1.0)
    expected = learnt().expected_mm(C) * np.where(alone, ALONE_MEAN, 1.0)
    return C * factor[:, None, None, None], expected
