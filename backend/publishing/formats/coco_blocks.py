"""Many annotations looked at together: numpy asks once what would else be asked for each.

Only what is as usual is told here. Whatever may be odd is left to the readers of single elements
(``coco_elements``), which say what is odd, and where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.domain.keypoints import Skeleton, StoredSkeleton
from backend.domain.skeleton import N_JOINTS
from backend.publishing.formats.coco import CocoImage, Key
from backend.publishing.formats.coco_head import CocoHead
from backend.publishing.formats.coco_joints import usual_joints
from backend.publishing.formats.coco_kept import Block
from backend.publishing.formats.coco_people import PeopleColumns
from backend.publishing.formats.coco_shapes import whole_masks
from backend.publishing.formats.coco_usual import Placing, usual_people

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a block of annotations before they are read.

    Attributes:
        joints: (annotations, 51) the joints of each, where they are known.
        known: In the joints of which of them nothing is odd; the others are to be read.
        whole: Whether each has a mask with which nothing is odd.
        usual: Those with whom nothing at all is odd; the others are to be read.
    """

    joints: NDArray[np.float64]
    known: Sequence[bool]
    whole: Sequence[bool]
    usual: PeopleColumns

    def skeleton(self, index: int) -> Skeleton | None:
        """The joints of an annotation, if nothing is odd with them."""
        return StoredSkeleton(self.joints[index]) if self.known[index] else None


def look_at(
    block: Block,
    head: CocoHead,
    images: Mapping[Key, CocoImage],
    placing: Placing | None = None,
) -> Looked:
    """Look at a block of annotations.

    Args:
        block: The annotations.
        head: The file's categories and notation.
        images: The images that are used.
        placing: With it, :attr:`Looked.usual` are moved into the product's pixels.
    """
    elements = block.elements
    known = [e if type(e) is dict else {} for e in elements]
    listed = [_plain(images, element.get("image_id")) for element in known]
    found = np.zeros((len(elements), 3 * N_JOINTS))
    clear = np.zeros(len(elements), dtype=bool)
    for chosen, numbers in block.rows:
        kinds = [
            _plain(head.categories, known[i].get("category_id")) if listed[i] else None
            for i in chosen
        ]
        for category in {c.id: c for c in kinds if c is not None}.values():
            if category.map is None or 3 * len(category.map.joints) != numbers.shape[1]:
                continue
            rows = [row for row, kind in enumerate(kinds) if kind is category]
            at = [chosen[row] for row in rows]
            places = [listed[i] for i in at]
            clear[at], found[at] = usual_joints(
                numbers[rows],
                category.map,
                head.notation,
                np.array([p is not None and None not in (p.width, p.height) for p in places]),
                np.array([p.scale for p in places if p is not None]),
            )
    known_joints = clear.tolist()
    whole = whole_masks([e.get("segmentation") for e in known], listed)
    usual = usual_people(elements, found, known_joints, whole, head, images, placing)
    return Looked(found, known_joints, whole, usual)


def _plain(known: Mapping[Key, T], key: Any) -> T | None:
    """What has a key that is written as a plain number."""
    return known.get(key) if type(key) is int else None
