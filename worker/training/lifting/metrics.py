"""Measures lifted joints by the rules of ``backend.domain``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from numpy.typing import NDArray

from backend.domain.evaluation.lifted import lifted_errors
from backend.multiview.bodies.model_file import OPEN_BODY, open_body
from worker.synthesis.joints import head_length
from worker.synthesis.open_infants import posable
from worker.training.lifting.coordinates import placed
from worker.training.lifting.data import Lifted
from worker.training.material import Body, Sample

Array = NDArray[np.float64]


class LiftingMetric(BaseMetric):  # type: ignore[misc]
    """MPJPE, PCKh and AJPE of what a lifting network says of a data set."""

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """See mmengine."""
        asked = data_batch["data_samples"]
        joints = placed(np.array([s["said"] for s in data_samples]), asked["squares"])
        self.results.extend(zip(asked["samples"], joints, strict=True))

    def compute_metrics(self, results: list[tuple[Sample, Array]]) -> dict[str, float]:
        """See mmengine."""
        return measured([one for one, _ in results], np.array([joints for _, joints in results]))


def measured(samples: Sequence[Sample], predicted: Array) -> dict[str, float]:
    """All measures of (n, 17, 3) predicted joints in the cameras' axes, metres."""
    true = np.array([s.joints_3d for s in samples], float)
    heads = np.array([np.nan if s.body is None else head_of(s.body) for s in samples])
    Ks = np.array([s.K for s in samples], float)
    return lifted_errors(predicted, true, heads, _seen(predicted, Ks), _seen(true, Ks))


def _seen(joints: Array, Ks: Array) -> Array:
    ahead = joints / np.maximum(joints[..., 2:], 1e-3)
    return np.asarray(np.einsum("nij,nkj->nki", Ks, ahead)[..., :2])


def head_of(body: Body) -> float:
    """Length in metres of the head of a fitted open infant; NaN of another body model."""
    if body.model != OPEN_BODY:
        return float("nan")
    return _head(tuple(np.round(body.betas, 4))) * body.scale


@cache
def _head(betas: tuple[float, ...]) -> float:
    infant = posable(open_body(), np.array(betas), 0.72)
    return head_length(infant.body) / infant.scale


def mean_pose(train: Lifted, of: Lifted) -> Array:
    """(n, 17, 3): the training set's mean pose and place, put where each person's box is.

    The plain baseline: what is said without looking at more than the box.
    """
    mean = train.targets().mean(axis=0)
    return placed(np.tile(mean, (len(of), 1)), of.squares(range(len(of))))
