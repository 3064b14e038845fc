"""People of two domains cut out of their images, with heat maps; and AP of what is predicted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from numpy.typing import NDArray
from torch.utils.data import Dataset

from worker.adapters.openmmlab import registry

registry()

from mmpose.codecs import MSRAHeatmap  # noqa: E402

from backend.domain.evaluation.average_precision import Curves  # noqa: E402
from backend.domain.evaluation.matching import match  # noqa: E402
from backend.domain.evaluation.samples import Predictions, Truths  # noqa: E402
from backend.domain.evaluation.similarity import oks  # noqa: E402
from worker.training.crops import Crops, drawn, joints_in  # noqa: E402
from worker.training.material import Sample  # noqa: E402

Array = NDArray[np.float64]
SOURCE, TARGET = 0.0, 1.0


class PeopleOfDomains(Dataset[dict[str, Any]]):
    """People with joints, each of one of two domains.

    Args:
        source: Samples of the first domain, such as renders.
        target: Of the second.
        size: Of the cuts.
        sigma: Of the heat maps' blobs, in pixels of the maps.
        labelled: How many of the target's samples are labelled; of the others only the image
            counts.
        vary: Whether cuts are varied at random, by torch's generator.
    """

    def __init__(
        self,
        source: Sequence[Sample],
        target: Sequence[Sample],
        size: tuple[int, int],
        sigma: float,
        labelled: int | None = None,
        vary: bool = False,
    ) -> None:
        self.samples = [*source, *target]
        self._source = len(source)
        self._labelled = len(source) + (len(target) if labelled is None else labelled)
        self._vary = vary
        self._crops = Crops(self.samples, size)
        self._codec = MSRAHeatmap(size, (size[0] // 4, size[1] // 4), sigma)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> dict[str, Any]:
        """A cut, its heat maps and weights, and its domain."""
        how: Any = {}
        if self._vary:
            rng = np.random.default_rng(int(torch.randint(1 << 62, ())))
            how = drawn(rng, turn=0.6, grow=0.15, shift=0.04)
        matrix = self._crops.matrix(number, **how)
        joints = joints_in(self.samples[number], matrix, how.get("flip", False))
        # mmpose's pixel centres lie at whole numbers.
        told = (joints[None, :, 2] > 0).astype(np.float32)
        found = self._codec.encode(joints[None, :, :2].astype(np.float32) - 0.5, told)
        weights = found["keypoint_weights"][0] * (number < self._labelled)
        return {
            "image": self._crops.cut(number, matrix),
            "heatmaps": torch.from_numpy(found["heatmaps"]),
            "weights": torch.from_numpy(weights.astype(np.float32)),
            "domain": SOURCE if number < self._source else TARGET,
            "number": number,
            "matrix": matrix,
            "sample": self.samples[number],
        }


def batch_of(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Items into a batch."""
    samples: dict[str, Any] = {
        name: torch.stack([item[name] for item in items]) for name in ("heatmaps", "weights")
    }
    samples["domain"] = torch.tensor([item["domain"] for item in items])
    samples["number"] = torch.tensor([item["number"] for item in items])
    samples["matrix"] = np.stack([item["matrix"] for item in items])
    samples["samples"] = [item["sample"] for item in items]
    return {"inputs": torch.stack([item["image"] for item in items]), "data_samples": samples}


class BoxedAP(BaseMetric):  # type: ignore[misc]
    """AP and mean OKS of people whose boxes are given."""

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """See mmengine."""
        asked = data_batch["data_samples"]
        for said, sample, matrix in zip(
            data_samples, asked["samples"], asked["matrix"], strict=True
        ):
            joints, heights = peaks(said["heatmaps"])
            back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))
            at = joints @ back[:2, :2].T + back[:2, 2]
            self.results.append((sample, at, float(heights.mean())))

    def compute_metrics(self, results: list[tuple[Sample, Array, float]]) -> dict[str, float]:
        """See mmengine."""
        samples, joints, scores = zip(*results, strict=True)
        return boxed_scores(samples, np.array(joints), np.array(scores))


def peaks(heatmaps: NDArray[np.float32]) -> tuple[Array, Array]:
    """(17, 2) joints in pixels of a cut of four times the size, and (17,) the maps' heights.

    A quarter of a pixel towards the higher neighbour, as Pose-ResNet has it.
    """
    count, height, width = heatmaps.shape
    flat = heatmaps.reshape(count, -1)
    best = flat.argmax(axis=1)
    y, x = np.divmod(best, width)
    at = np.stack([x, y], axis=1).astype(float)
    joint = np.arange(count)
    for axis, (place, size) in enumerate(((x, width), (y, height))):
        inner = (place > 0) & (place < size - 1)
        step = np.zeros((count, 2), int)
        step[:, axis] = 1
        up, down = (
            heatmaps[
                joint,
                np.clip(y + sign * step[:, 1], 0, height - 1),
                np.clip(x + sign * step[:, 0], 0, width - 1),
            ]
            for sign in (1, -1)
        )
        at[:, axis] += np.where(inner, 0.25 * np.sign(up - down), 0.0)
    return at * 4 + 0.5, flat.max(axis=1).astype(float)


def boxed_scores(samples: Sequence[Sample], joints: Array, scores: Array) -> dict[str, float]:
    """AP, AP.5 and mean OKS of one prediction for each sample. joints: (n, 17, 2) pixels."""
    n = len(samples)
    there = np.array([s.joints for s in samples], float)
    visibility, box = there[:, :, 2].astype(int), np.array([s.box for s in samples], float)
    area = np.array([s.area for s in samples], float)
    one = np.zeros(n, np.intp)
    truths = Truths(
        image_ids=range(n),
        facts=[{} for _ in samples],
        categories=1,
        ids=range(n),
        image=np.arange(n),
        category=one,
        joints=there[:, :, :2],
        visibility=visibility,
        area=area,
        box=box,
        crowd=np.zeros(n, bool),
        labelled=(visibility > 0).sum(axis=1),
        head=np.full(n, np.nan),
    )
    size = np.ptp(joints, axis=1).prod(axis=1)
    predictions = Predictions(np.arange(n), one, joints, scores, size)
    found = Curves(truths, predictions, match(truths, predictions)).summary()
    similar = oks(there[:, :, :2], visibility, area, box, joints)
    return {name: float(found[name][0]) for name in ("AP", "AP.5")} | {"OKS": float(similar.mean())}
