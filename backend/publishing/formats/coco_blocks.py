"""Many annotations looked at together: numpy asks once what would else be asked for each.

Only what is as usual is told here. Whatever may be odd is left to the readers of single elements
(``coco_elements``), which say what is odd, and where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from backend.domain.keypoints import Skeleton, StoredSkeleton
from backend.publishing.formats.coco import CocoImage, Key
from backend.publishing.formats.coco_head import CocoHead
from backend.publishing.formats.coco_joints import number_rows, usual_joints
from backend.publishing.formats.coco_shapes import whole_masks

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a block of annotations before they are read.

    Attributes:
        skeletons: The joints of each in which nothing is odd; None where they are to be read.
        whole: Whether each has a mask with which nothing is odd.
    """

    skeletons: Sequence[Skeleton | None]
    whole: Sequence[bool]


def look_at(elements: Sequence[Any], head: CocoHead, images: Mapping[Key, CocoImage]) -> Looked:
    """Look at a block of annotations.

    Args:
        elements: As they stand in the file.
        head: The file's categories and notation.
        images: The images that are used.
    """
    known = [e if type(e) is dict else {} for e in elements]
    listed = [_plain(images, element.get("image_id")) for element in known]
    skeletons: list[Skeleton | None] = [None] * len(elements)
    joints = [e.get("keypoints") if listed[i] else None for i, e in enumerate(known)]
    for chosen, numbers in number_rows(joints):
        kinds = [_plain(head.categories, known[i].get("category_id")) for i in chosen]
        for category in {c.id: c for c in kinds if c is not None}.values():
            if category.map is None or 3 * len(category.map.joints) != numbers.shape[1]:
                continue
            rows = [row for row, kind in enumerate(kinds) if kind is category]
            places = [listed[chosen[row]] for row in rows]
            clear, found = usual_joints(
                numbers[rows],
                category.map,
                head.notation,
                np.array([p is not None and None not in (p.width, p.height) for p in places]),
                np.array([p.scale for p in places if p is not None]),
            )
            for row, usual, skeleton in zip(rows, clear.tolist(), found, strict=True):
                if usual:
                    skeletons[chosen[row]] = StoredSkeleton(skeleton)
    return Looked(skeletons, whole_masks([e.get("segmentation") for e in known], listed))


def _plain(known: Mapping[Key, T], key: Any) -> T | None:
    """What has a key that is written as a plain number."""
    return known.get(key) if type(key) is int else None
