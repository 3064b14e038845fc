"""Top-1 of postures and of their groups, by the rules of ``backend.domain``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from backend.domain.evaluation.postures import Confusion, confusion
from backend.domain.posture_geometry import TWELVE
from worker.training.aims.data import classes
from worker.training.aims.networks import GROUPS
from worker.training.material import Sample


class PostureMetric(BaseMetric):  # type: ignore[misc]
    """Shares of people whose group and whose posture is right."""

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """See mmengine."""
        true = data_batch["data_samples"]
        pairs = zip(true["coarse"].tolist(), true["fine"].tolist(), data_samples, strict=True)
        self.results.extend((c, f, said["coarse"], said["fine"]) for c, f, said in pairs)

    def compute_metrics(self, results: list[tuple[int, int, int, int]]) -> dict[str, float]:
        """See mmengine."""
        coarse, fine = tables(results)
        return {
            "top1_coarse": coarse.top1 or 0.0,
            "top1_fine": fine.top1 or 0.0,
            "balanced_fine": fine.balanced or 0.0,
        }


def tables(results: Sequence[tuple[int, int, int, int]]) -> tuple[Confusion, Confusion]:
    """Which group and which posture is taken for which: true and predicted numbers of both."""
    coarse = confusion(GROUPS, [GROUPS[r[0]] for r in results], [GROUPS[r[2]] for r in results])
    fine = confusion(TWELVE, [TWELVE[r[1]] for r in results], [TWELVE[r[3]] for r in results])
    return coarse, fine


def majority(train: Sequence[Sample], of: Sequence[Sample]) -> tuple[float, float]:
    """Top-1 coarse and fine of always saying the commonest class of training: the baseline."""
    found = []
    for level in range(2):
        commonest = Counter(classes(sample)[level] for sample in train).most_common(1)[0][0]
        found.append(sum(classes(sample)[level] == commonest for sample in of) / len(of))
    return found[0], found[1]
