"""Many annotations looked at together: numpy asks once what would else be asked for each.

Only what is as usual is told here. Whatever may be odd is left to the readers of single elements
(``coco_elements``), which say what is odd, and where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from backend.domain.keypoints import StoredSkeleton
from backend.domain.skeleton import N_JOINTS
from backend.publishing.formats.coco import CocoImage, Key
from backend.publishing.formats.coco_head import CocoHead
from backend.publishing.formats.coco_joints import usual_joints
from backend.publishing.formats.coco_kept import Block, Rows
from backend.publishing.formats.coco_people import NOBODY, PeopleColumns
from backend.publishing.formats.coco_shapes import whole_masks
from backend.publishing.formats.coco_usual import Left, Placing, usual_people

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a block of annotations before they are read.

    Attributes:
        usual: Those with whom nothing at all is odd.
        left: The others, which are to be read, in their order.
    """

    usual: PeopleColumns
    left: Sequence[Left]


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
    usual = NOBODY
    left: list[Left] = []
    if block.alike is not None:
        usual, left = usual_people(block.alike, head, images, placing)
    if block.others:
        left += _others(block.others, block.places, block.rows, head, images)
        left.sort(key=lambda one: one.place)
    return Looked(usual, left)


def _others(
    elements: Sequence[Any],
    places: Sequence[int],
    rows: Rows,
    head: CocoHead,
    images: Mapping[Key, CocoImage],
) -> list[Left]:
    known = [e if type(e) is dict else {} for e in elements]
    listed = [_plain(images, element.get("image_id")) for element in known]
    found = np.zeros((len(elements), 3 * N_JOINTS))
    clear = np.zeros(len(elements), dtype=bool)
    for chosen, numbers in rows:
        kinds = [
            _plain(head.categories, known[i].get("category_id")) if listed[i] else None
            for i in chosen
        ]
        for category in {c.id: c for c in kinds if c is not None}.values():
            if category.map is None or 3 * len(category.map.joints) != numbers.shape[1]:
                continue
            of_kind = [row for row, kind in enumerate(kinds) if kind is category]
            at = [chosen[row] for row in of_kind]
            pictures = [listed[i] for i in at]
            clear[at], found[at] = usual_joints(
                numbers[of_kind],
                category.map,
                head.notation,
                np.array([p is not None and None not in (p.width, p.height) for p in pictures]),
                np.array([p.scale for p in pictures if p is not None]),
            )
    whole = whole_masks([element.get("segmentation") for element in known], listed)
    skeletons = [
        StoredSkeleton(joints) if is_clear else None
        for joints, is_clear in zip(found, clear.tolist(), strict=True)
    ]
    return list(map(Left, places, elements, skeletons, whole))


def _plain(known: Mapping[Key, T], key: Any) -> T | None:
    """What has a key that is written as a plain number."""
    return known.get(key) if type(key) is int else None
