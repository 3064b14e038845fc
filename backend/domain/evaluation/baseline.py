"""What is reached without looking at a picture: the least that a model has to beat.

Joints: the mean pose, put into the true box. A model that is given true boxes has to be better than
this; one that finds people by itself is given less than the baseline. Postures: always the most
frequent one. Bodies in 3D have ``mean_body``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray

from backend.domain.evaluation.samples import Predictions, Truths
from backend.domain.postures import GROUP_OF
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


@dataclass(frozen=True, slots=True)
class Commonest:
    """The posture that the baseline always says.

    Attributes:
        posture: The most frequent one.
        group: The most frequent group; None where a name is none of the twelve postures.
        frames: How many frames it has.
        of: Of how many.
        trained: Whether these are frames to train on, and not the compared ones themselves.
    """

    posture: str
    group: str | None
    frames: int
    of: int
    trained: bool

    @property
    def name(self) -> str:
        """What the baseline is called."""
        return f"always {_words(self.posture)}"

    @property
    def told(self) -> str:
        """What it is, for people."""
        share = f"{self.frames:,} of {self.of:,}"
        where = (
            f"the most frequent posture to train on ({share} frames)"
            if self.trained
            else f"the most frequent posture of the compared frames themselves ({share}), because"
            " none to train on are known: that is the best that a fixed answer can reach"
        )
        groups = "" if self.group is None else f" For groups it says {_words(self.group)}."
        return f"The baseline always says {_words(self.posture)}, {where}.{groups}"


def commonest(training: Sequence[str], true: Sequence[str]) -> Commonest:
    """The most frequent posture to train on, or, without any, of the compared frames.

    Args:
        training: Names of postures of frames to train on; may be empty.
        true: Names of the true postures of the frames that are compared; at least one.
    """
    names = training or true
    posture, frames = _most(names)
    known = all(name in GROUP_OF for name in (*names, *true))
    group = _most([GROUP_OF[name] for name in names])[0] if known else None
    return Commonest(posture, group, frames, len(names), bool(training))


def _most(names: Sequence[str]) -> tuple[str, int]:
    """The most frequent name and its count; of equal ones the first by name."""
    counts = Counter(names)
    return min(counts.items(), key=lambda item: (-item[1], item[0]))


def _words(name: str) -> str:
    return name.replace("_", " ")
