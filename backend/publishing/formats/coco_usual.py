"""Annotations with which nothing is odd: people made of many of them at once.

A file of a hundred thousand people has few kinds of them. What is checked here for whole blocks is
what the readers of single elements check (``coco_elements``, ``coco_shapes``); where the answer is
not plainly yes, the annotation is left to them, so that what is odd is said in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.core.database.text import storable_json
from backend.domain.boxes import Box
from backend.domain.keypoints import StoredSkeleton
from backend.domain.orientation import LabelPixels, Orientation
from backend.domain.pixels import PixelRule
from backend.domain.skeleton import N_JOINTS
from backend.publishing.formats.coco import (
    NAMESPACE,
    CocoAnnotation,
    CocoCategory,
    CocoImage,
    Key,
)
from backend.publishing.formats.coco_elements import shared_provenance
from backend.publishing.formats.coco_head import CocoHead
from backend.publishing.formats.coco_shapes import MAX_NUMBER, may_be_corners, whole_rle
from backend.publishing.formats.label_source import (
    MAX_MEMBERS_BYTES,
    PERSON_MEMBERS,
    READ_ELSEWHERE,
    KeptMembers,
    as_it_is,
    plain,
)
from backend.publishing.labelled import AreaOf

_MEMBERS: Final = READ_ELSEWHERE | PERSON_MEMBERS
_NUMBERS: Final = (int, float)
_UNIT: Final = (1.0, 1.0)
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Placing:
    """Into which pixels people are moved as they are read.

    Attributes:
        rule: What the file's joints count.
        file: Name of the file, as it is kept beside each person.
    """

    rule: PixelRule
    file: str


def usual_people(
    elements: Sequence[Any],
    joints: NDArray[np.float64],
    known: Sequence[bool],
    whole_masks: Sequence[bool],
    head: CocoHead,
    images: Mapping[Key, CocoImage],
    placing: Placing | None = None,
) -> list[CocoAnnotation | None]:
    """The people of a block in whom nothing is odd; None for those who are to be read singly.

    Args:
        elements: As they stand in the file.
        joints: (elements, 51) in COCO's order and the file's pixels, where they are known.
        known: Whether the joints of each were read, with nothing odd about them.
        whole_masks: Whether each has a mask with which nothing is odd.
        head: The file's categories and notation.
        images: The images that are used.
        placing: With it, people are moved as ``coco_places.placed`` moves them.
    """
    people: list[CocoAnnotation | None] = [None] * len(elements)
    present = joints[:, 2::3] != 0
    chosen = [
        i
        for i, anybody in enumerate(present.any(axis=1).tolist())
        if known[i] and anybody and _is_plain(elements[i], whole_masks[i], head)
    ]
    places = [images[elements[i]["image_id"]] for i in chosen]
    boxes = _boxes([elements[i].get("bbox") for i in chosen], places, head)
    if placing is not None and placing.rule.shift:
        moved = joints.reshape(-1, N_JOINTS, 3).copy()
        moved[:, :, :2] += placing.rule.shift * present[:, :, None]
        joints = moved.reshape(-1, 3 * N_JOINTS)
    told = _Told(head, placing)
    for i, image, box in zip(chosen, places, boxes, strict=True):
        turned = image.labels is LabelPixels.STORED and image.orientation is not Orientation.UPRIGHT
        if box is not None and image.scale == _UNIT and not (placing and turned):
            people[i] = told.person(elements[i], joints[i], image, box, whole_masks[i])
    return people


def _is_plain(element: Mapping[str, Any], whole_mask: bool, head: CocoHead) -> bool:
    """Whether the members beside joints and box are such that nothing is to be said of them.

    The joints are known, so image and category are, and both have whole numbers for ids.
    """
    key, image = element.get("id"), element["image_id"]
    return (
        element.keys() <= _MEMBERS
        and type(key) is int
        and abs(key) <= MAX_NUMBER
        and key not in head.repeated_ids
        and image in head.images
        and image not in head.same_image
        and image not in head.dropped_images
        and head.categories[element["category_id"]].taken
        and element.get("iscrowd") in (0, None)
        and (whole_mask or element.get("segmentation") in (None, []))
        and _is_measure(element.get("area"), 0)
        and _is_measure(element.get("score"), -MAX_NUMBER)
        and (NAMESPACE not in element or type(element[NAMESPACE]) is dict)
    )


def _is_measure(value: Any, least: int) -> bool:
    return value is None or (type(value) in _NUMBERS and least <= value <= MAX_NUMBER)


def _boxes(
    values: Sequence[Any], images: Sequence[CocoImage], head: CocoHead
) -> list[list[float] | tuple[()] | None]:
    """Left, top, width, height of each; empty where there is no box, None where it may be odd."""
    found: list[list[float] | tuple[()] | None] = [
        () if value is None or value == [] else None for value in values
    ]
    chosen = [
        i
        for i, value in enumerate(values)
        if type(value) is list and len(value) == 4 and all(type(n) in _NUMBERS for n in value)
    ]
    if not chosen or head.notation.corner_boxes:
        return found
    try:
        numbers = np.array([values[i] for i in chosen], dtype=np.float64)
    except OverflowError:
        return found
    usual = np.all(np.abs(numbers) < MAX_NUMBER, axis=1) & np.all(numbers[:, 2:] > 0, axis=1)
    if not head.notation.own:
        sizes = [(images[i].width or 0, images[i].height or 0) for i in chosen]
        usual = usual & ~may_be_corners(numbers, np.array(sizes, dtype=np.float64))
    for i, well, row in zip(chosen, usual.tolist(), numbers.tolist(), strict=True):
        if well:
            found[i] = row
    return found


class _Told:
    """What is kept of people, with what many of them have alike made once."""

    def __init__(self, head: CocoHead, placing: Placing | None) -> None:
        self._head = head
        self._placing = placing
        self._file = None if placing is None else storable_json(placing.file)
        self._categories: dict[Key, dict[str, Any] | None] = {}

    def person(
        self,
        element: Mapping[str, Any],
        joints: NDArray[np.float64],
        image: CocoImage,
        box: Sequence[float],
        whole_mask: bool,
    ) -> CocoAnnotation | None:
        """None where its members cannot be kept as they came."""
        category = self._head.categories[element["category_id"]]
        area, score = element.get("area"), element.get("score")
        members = {name: v for name, v in element.items() if name not in READ_ELSEWHERE}
        text = as_it_is(members)
        if text is None or len(text) > MAX_MEMBERS_BYTES:
            return None
        mask = whole_rle(element["segmentation"]) if whole_mask else None
        provenance = element.get(NAMESPACE, _NOTHING)
        source = None
        if self._placing is not None:
            of_box = provenance.get("area_of") == AreaOf.BOX.value
            source = {
                "file": self._file,
                "annotation": members,
                "category": self._members(category),
                "segmentation": None
                if mask is None or of_box
                else {"size": [mask.height, mask.width], "counts": mask.counts},
                "box": list(box) or None,
                "area": None if area is None else float(area),
                "crowd": False,
            }
        # By their places: names take longer, for each of many people.
        return CocoAnnotation(
            element["id"],
            image.id,
            StoredSkeleton(joints),
            Box(*box) if box else None,
            None if area is None else float(area),
            mask,
            False,
            None if score is None else float(score),
            None,
            category.id,
            category.role,
            None,
            shared_provenance(provenance) if provenance else _NOTHING,
            KeptMembers(text),
            source,
        )

    def _members(self, category: CocoCategory) -> dict[str, Any] | None:
        if category.id not in self._categories:
            self._categories[category.id] = plain(category.members) or None
        return self._categories[category.id]
