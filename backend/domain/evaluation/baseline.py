"""What is reached by knowing nothing but the box: the mean pose, put into the true box.

A model that is given true boxes has to be better than this; one that finds people by itself is
given less than the baseline.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray

from backend.domain.evaluation.samples import Predictions, Truths
from backend.domain.skeleton import N_JOINTS

NAME = "mean pose in the true box"


def mean_pose(truths: Truths, cluster: Int[NDArray[Any], " i"]) -> Predictions:
    """One prediction for each person with a box: where each joint lies in a box on average.

    The mean is over the labelled joints of all *other* infants, so that nobody is predicted from
    pictures of themselves; over everybody where there is only one infant. Scores are all 1.

    Args:
        truths: The ground truth.
        cluster: (I,) infant of each image.
    """
    use = np.flatnonzero(~truths.ignored & (truths.box[:, 2:] > 0).all(axis=1))
    box = truths.box[use]
    inside = (truths.joints[use] - box[:, None, :2]) / box[:, None, 2:]
    labelled = truths.visibility[use] > 0
    infant = cluster[truths.image[use]]
    count = int(infant.max(initial=0)) + 1
    sums, counts = np.zeros((count, N_JOINTS, 2)), np.zeros((count, N_JOINTS))
    np.add.at(sums, infant, np.where(labelled[..., None], inside, 0.0))
    np.add.at(counts, infant, labelled)
    rest, others = sums.sum(axis=0) - sums, counts.sum(axis=0) - counts
    everybody = sums.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)[:, None]
    pose = np.where(others[..., None] > 0, rest / np.maximum(others, 1)[..., None], everybody)
    joints = pose[infant] * box[:, None, 2:] + box[:, None, :2]
    return Predictions(
        truths.image[use],
        truths.category[use],
        joints,
        np.ones(len(use)),
        box[:, 2] * box[:, 3],
    )
