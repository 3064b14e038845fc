"""Annotations with which nothing is odd: people made of many of them at once.

A file of a hundred thousand people has few kinds of them. What is checked here for whole blocks is
what the readers of single elements check (``coco_elements``, ``coco_shapes``); where the answer is
not plainly yes, the annotation is left to them, so that what is odd is said in one place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.core.database.engine import json_text
from backend.domain.orientation import LabelPixels, Orientation
from backend.domain.pixels import PixelRule
from backend.domain.skeleton import N_JOINTS
from backend.publishing.formats.coco import NAMESPACE, CocoCategory, CocoImage, Key
from backend.publishing.formats.coco_head import CocoHead
from backend.publishing.formats.coco_people import PeopleColumns
from backend.publishing.formats.coco_shapes import MAX_NUMBER, may_be_corners, number_boxes
from backend.publishing.formats.label_source import (
    MAX_MEMBERS_BYTES,
    PERSON_MEMBERS,
    READ_ELSEWHERE,
    as_it_is,
    plain,
)
from backend.publishing.labelled import AreaOf

_MEMBERS: Final = READ_ELSEWHERE | PERSON_MEMBERS
_NUMBERS: Final = (int, float)
_UNIT: Final = (1.0, 1.0)
_NOTHING: Final[Mapping[str, Any]] = {}


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
) -> PeopleColumns:
    """The people of a block in whom nothing is odd; the others are to be read singly.

    Args:
        elements: As they stand in the file.
        joints: (elements, 51) in COCO's order and the file's pixels, where they are known.
        known: Whether the joints of each were read, with nothing odd about them.
        whole_masks: Whether each has a mask with which nothing is odd.
        head: The file's categories and notation.
        images: The images that are used.
        placing: With it, people are moved as ``coco_places.placed`` moves them.
    """
    chosen = [
        i
        for i, anybody in enumerate((joints[:, 2::3] != 0).any(axis=1).tolist())
        if known[i] and anybody and _is_plain(elements[i], whole_masks[i], head)
    ]
    pictures = [images[elements[i]["image_id"]] for i in chosen]
    well, boxes = _boxes([elements[i].get("bbox") for i in chosen], pictures, head)
    texts: list[bytes] = []
    rows: list[int] = []
    for row, (i, image) in enumerate(zip(chosen, pictures, strict=True)):
        if not well[row] or image.scale != _UNIT or (placing and _is_turned(image)):
            continue
        text = as_it_is({name: v for name, v in elements[i].items() if name not in READ_ELSEWHERE})
        # None, where its members cannot be kept as they came.
        if text is not None and len(text) <= MAX_MEMBERS_BYTES:
            rows.append(row)
            texts.append(text)
    chosen, boxes = [chosen[row] for row in rows], boxes[rows]
    found = [elements[i] for i in chosen]
    areas = _numbers(element.get("area") for element in found)
    moved = joints[chosen]
    if placing is not None and placing.rule.shift:
        places = moved.reshape(-1, N_JOINTS, 3)
        places[:, :, :2] += placing.rule.shift * (places[:, :, 2:] != 0)
    masks = [whole_masks[i] for i in chosen]
    categories = [head.categories[element["category_id"]] for element in found]
    return PeopleColumns(
        places=chosen,
        elements=found,
        images=[pictures[row].id for row in rows],
        joints=moved,
        boxes=boxes,
        areas=areas,
        scores=_numbers(element.get("score") for element in found),
        categories=[category.id for category in categories],
        roles=[category.role for category in categories],
        whole_masks=masks,
        members=texts,
        sources=None if placing is None
        else _sources(found, texts, categories, masks, boxes, areas, placing.file),
    )  # fmt: skip


def _is_turned(image: CocoImage) -> bool:
    return image.labels is LabelPixels.STORED and image.orientation is not Orientation.UPRIGHT


def _numbers(values: Iterable[float | None]) -> NDArray[np.float64]:
    """Numbers that may be missing, as NaN."""
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


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
) -> tuple[list[bool], NDArray[np.float64]]:
    """Whether nothing is odd with the box of each, or that it has none; and left, top, width,
    height of each (values, 4), NaN where there is none.
    """
    well = [value is None or value == [] for value in values]
    boxes = np.full((len(values), 4), math.nan)
    chosen, numbers = number_boxes(values)
    if not chosen or head.notation.corner_boxes:
        return well, boxes
    usual = np.all(np.abs(numbers) < MAX_NUMBER, axis=1) & np.all(numbers[:, 2:] > 0, axis=1)
    if not head.notation.own:
        sizes = [(images[i].width or 0, images[i].height or 0) for i in chosen]
        usual = usual & ~may_be_corners(numbers, np.array(sizes, dtype=np.float64))
    for i, fits in zip(chosen, usual.tolist(), strict=True):
        well[i] = fits
    boxes[chosen] = numbers
    return well, boxes


def _sources(
    elements: Sequence[Mapping[str, Any]],
    members: Sequence[bytes],
    categories: Sequence[CocoCategory],
    masks: Sequence[bool],
    boxes: NDArray[np.float64],
    areas: NDArray[np.float64],
    file: str,
) -> list[bytes]:
    """What the database keeps of people, as ``label_source.PersonSource`` has it, as JSON."""
    if not elements:
        return []
    kinds = {kind.id: json_text(plain(kind.members) or None).encode() for kind in categories}
    edges = orjson.dumps(boxes, option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].split(b"],[")
    sizes = orjson.dumps(areas, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    name = json_text(file).encode()
    return [
        b'{"file":%b,"annotation":%b,"category":%b,"segmentation":%b,"box":%b,"area":%b,'
        b'"crowd":false}'
        % (
            name,
            kept,
            kinds[category.id],
            _mask(element) if masked else b"null",
            b"null" if edge.startswith(b"null") else b"[%b]" % edge,
            area,
        )
        for element, kept, category, masked, edge, area in zip(
            elements, members, categories, masks, edges, sizes, strict=True
        )
    ]


def _mask(element: Mapping[str, Any]) -> bytes:
    """A mask that was found to be one; a file of this product marks those that stand for a box."""
    if element.get(NAMESPACE, _NOTHING).get("area_of") == AreaOf.BOX.value:
        return b"null"
    found = element["segmentation"]
    return b'{"size":[%d,%d],"counts":%b}' % (*found["size"], orjson.dumps(found["counts"]))
