"""What a model did on each frame, one row a frame: its worst person, joint by joint.

The order of badness is :func:`evaluate.worst_frames`'s: the least OKS first, of equal ones the
image with the lower id.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.evaluation import keypoint_errors
from backend.domain.evaluation.evaluate import Model


@dataclass(frozen=True, slots=True)
class FrameColumns:
    """Frames by rising OKS of their worst person.

    Attributes:
        image_ids: (F,) of the truth's file.
        oks: (F,) of the worst person; 0 where nobody was predicted.
        distance: (F,) mean distance of that person's joints in pixels; NaN without a prediction.
        score: (F,) of the prediction nearest to that person; NaN without one.
        joints: (F, 17, 2) of that prediction, as the truth's file counts pixels; NaN likewise.
        similarity: (F, 17) of each labelled joint; NaN where it is not labelled.
        kinds: (F, 17) values of ``ErrorKind``.
        worst_joint: (F,) the labelled joint of the least similarity.
    """

    image_ids: Sequence[Hashable]
    oks: Float[NDArray[Any], " f"]
    distance: Float[NDArray[Any], " f"]
    score: Float[NDArray[Any], " f"]
    joints: Float[NDArray[Any], "f 17 2"]
    similarity: Float[NDArray[Any], "f 17"]
    kinds: Int[NDArray[Any], "f 17"]
    worst_joint: Int[NDArray[Any], " f"]

    def __len__(self) -> int:
        return len(self.image_ids)


def frame_columns(model: Model) -> FrameColumns:
    """Every frame with somebody on whom joints are measured, the worst first."""
    truths, paired = model.truths, model.paired
    people = np.flatnonzero(truths.measured)
    order = people[np.lexsort((truths.image[people], paired.oks[people]))]
    _, first = np.unique(truths.image[order], return_index=True)
    rows = order[np.sort(first)]
    prediction = paired.prediction[rows]
    there = prediction >= 0
    score = np.full(len(rows), np.nan)
    score[there] = model.predictions.score[prediction[there]]
    joints = np.full((len(rows), *truths.joints.shape[1:]), np.nan)
    joints[there] = model.predictions.joints[prediction[there]]
    similarity = keypoint_errors.similarities(truths, model.predictions, paired)[rows]
    distance = model.distance[rows]
    known = np.isfinite(distance)
    mean = np.where(known, distance, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return FrameColumns(
        image_ids=[truths.image_ids[i] for i in truths.image[rows].tolist()],
        oks=paired.oks[rows],
        distance=np.where(known.any(axis=1), mean, np.nan),
        score=score,
        joints=joints,
        similarity=similarity,
        kinds=model.kinds[rows],
        worst_joint=np.nan_to_num(similarity, nan=2.0).argmin(axis=1),
    )
