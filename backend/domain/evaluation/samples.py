"""What is compared: people of the ground truth and predicted people, as columns.

Images and categories are numbered from 0 in the order of their ids; the rows of people keep the
order of their file, which decides between equal scores as it does in pycocotools.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.skeleton import N_JOINTS

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Truths:
    """The people of a ground truth.

    Attributes:
        image_ids: Ids of all images, in increasing order; also those with nobody in them.
        facts: What is known of each image: file name, infant, source, age …
        categories: How many categories are evaluated.
        ids: Ids of the people, or an empty sequence.
        image: (N,) index of each person's image.
        category: (N,) index of each person's category.
        joints: (N, 17, 2) pixels.
        visibility: (N, 17) 0, 1 or 2.
        area: (N,) pixels: the person's segment.
        box: (N, 4) left, top, width, height in pixels.
        crowd: (N,) whether a person stands for a group of people.
        labelled: (N,) the file's ``num_keypoints``; a person with none is ignored.
        head: (N,) length of the head in pixels; NaN where the file says none.
    """

    image_ids: Sequence[Hashable]
    facts: Sequence[Mapping[str, Any]]
    categories: int
    ids: Sequence[Hashable]
    image: Int[NDArray[Any], " n"]
    category: Int[NDArray[Any], " n"]
    joints: Float[NDArray[Any], "n 17 2"]
    visibility: Int[NDArray[Any], "n 17"]
    area: Float[NDArray[Any], " n"]
    box: Float[NDArray[Any], "n 4"]
    crowd: Bool[NDArray[Any], " n"]
    labelled: Int[NDArray[Any], " n"]
    head: Float[NDArray[Any], " n"]

    def __len__(self) -> int:
        return len(self.image)

    @property
    def images(self) -> int:
        """How many images there are."""
        return len(self.image_ids)

    @property
    def ignored(self) -> Flags:
        """(N,) people who count neither as found nor as missed: crowds, and those without joints.

        As in COCO's keypoint task; pycocotools does not look at a member ``ignore`` there.
        """
        return np.asarray(self.crowd | (self.labelled == 0))

    @property
    def measured(self) -> Flags:
        """(N,) people on whom joints are measured: no crowd, at least one labelled joint."""
        return ~self.crowd & (self.visibility > 0).any(axis=1)


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predicted people.

    Attributes:
        image: (M,) index of each person's image among the truth's.
        category: (M,) index of each person's category among the truth's.
        joints: (M, 17, 2) pixels.
        score: (M,) how sure the model is of the person.
        area: (M,) pixels: of the predicted box, or of the rectangle around all joints.
    """

    image: Int[NDArray[Any], " m"]
    category: Int[NDArray[Any], " m"]
    joints: Float[NDArray[Any], "m 17 2"]
    score: Float[NDArray[Any], " m"]
    area: Float[NDArray[Any], " m"]

    def __len__(self) -> int:
        return len(self.image)

    def with_joints(self, joints: Float[NDArray[Any], "m 17 2"]) -> Predictions:
        """The same people with other joints."""
        return replace(self, joints=joints)


def no_predictions() -> Predictions:
    """Nobody."""
    return Predictions(
        np.zeros(0, np.intp),
        np.zeros(0, np.intp),
        np.zeros((0, N_JOINTS, 2)),
        np.zeros(0),
        np.zeros(0),
    )
