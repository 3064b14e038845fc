"""Scores of key points, as COCO defines them, for every recipe that says joints of images."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from mmengine.evaluator import BaseMetric
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from backend.domain.estimates import PoseEstimate
from backend.domain.skeleton import SIGMAS
from worker.training.coco_file import as_coco
from worker.training.material import Sample

NAMES: Final = ("AP", "AP50", "AP75", "AR", "OKS")


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a model says of one image.

    Attributes:
        number: Of the image, as :func:`~worker.training.coco_file.as_coco` counts them.
        people: Joints in continuous pixels, as estimators give them.
    """

    number: int
    people: Sequence[PoseEstimate]


class KeypointScores(BaseMetric):  # type: ignore[misc]
    """AP, AP50, AP75, AR by pycocotools, and the mean OKS of the best person for each infant.

    Takes :class:`Found` from the model's ``predict``.

    Args:
        part: The samples that are predicted.
    """

    default_prefix = None

    def __init__(self, part: Sequence[Sample]) -> None:
        super().__init__(prefix="")
        self.part = part

    def process(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """See mmengine."""
        self.results += [(found.number, list(found.people)) for found in data_samples]

    def compute_metrics(
        self, results: Sequence[tuple[int, list[PoseEstimate]]]
    ) -> dict[str, float]:
        """See mmengine."""
        people: dict[int, list[PoseEstimate]] = {}
        for number, found in results:
            people.setdefault(number, []).extend(found)
        return keypoint_scores(self.part, people)


def keypoint_scores(
    part: Sequence[Sample], people: Mapping[int, Sequence[PoseEstimate]]
) -> dict[str, float]:
    """Scores of predictions for a side.

    Args:
        part: The samples.
        people: By the image's number.
    """
    truth = as_coco(part)
    for annotation in truth["annotations"]:
        flat = annotation["keypoints"]
        for at in range(0, len(flat), 3):
            if flat[at + 2] > 0:
                # Estimates are continuous; joints of COCO files are indices.
                flat[at] += 0.5
                flat[at + 1] += 0.5
    results = [
        {
            "image_id": number,
            "category_id": 1,
            "keypoints": np.column_stack([person.keypoints, person.scores]).ravel().tolist(),
            "score": person.score,
        }
        for number, found in people.items()
        for person in found
    ]
    oks = _best_oks(truth, people)
    if not results:
        return dict.fromkeys(NAMES, 0.0)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(results), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    ap, ap50, ap75, _, _, ar = (float(v) for v in evaluation.stats[:6])
    return dict(zip(NAMES, (ap, ap50, ap75, ar, oks), strict=True))


def _best_oks(truth: Mapping[str, Any], people: Mapping[int, Sequence[PoseEstimate]]) -> float:
    best = []
    for annotation in truth["annotations"]:
        joints = np.asarray(annotation["keypoints"], float).reshape(-1, 3)
        found = people.get(annotation["image_id"], ())
        best.append(
            max((oks_of(joints, p.keypoints, annotation["area"]) for p in found), default=0.0)
        )
    return float(np.mean(best)) if best else 0.0


def oks_of(joints: NDArray[np.float64], found: NDArray[np.float64], area: float) -> float:
    """Object keypoint similarity of a found person to the true one (COCO)."""
    there = joints[:, 2] > 0
    if not there.any():
        return 0.0
    squared = ((found[:, :2] - joints[:, :2]) ** 2).sum(axis=1)
    reach = 2 * max(area, 1.0) * (2 * np.asarray(SIGMAS)) ** 2
    return float(np.exp(-squared / reach)[there].mean())
