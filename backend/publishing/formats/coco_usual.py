"""Annotations with which nothing is odd: people made of many of them at once.

A file of a hundred thousand people has few kinds of them. What is checked here for whole blocks,
and before of each annotation by itself (``coco_alike``), is what the readers of single elements
check (``coco_elements``, ``coco_shapes``); where the answer is not plainly yes, the annotation is
left to them, so that what is odd is said in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.core.database.engine import json_text
from backend.domain.keypoints import Skeleton, StoredSkeleton
from backend.domain.orientation import LabelPixels, Orientation
from backend.domain.pixels import PixelRule
from backend.domain.skeleton import N_JOINTS
from backend.publishing.formats.coco import CocoCategory, CocoImage, Key
from backend.publishing.formats.coco_alike import AlikeColumns
from backend.publishing.formats.coco_head import CocoHead
from backend.publishing.formats.coco_joints import usual_joints
from backend.publishing.formats.coco_people import PeopleColumns
from backend.publishing.formats.coco_shapes import may_be_corners, sides
from backend.publishing.formats.label_source import plain

_UNIT: Final = (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Placing:
    """Into which pixels people are moved as they are read.

    Attributes:
        rule: What the file's joints count.
        file: Name of the file, as it is kept beside each person.
    """

    rule: PixelRule
    file: str


class Left(NamedTuple):
    """An annotation that is to be read singly.

    Attributes:
        place: In its block.
        element: As it stands in the file.
        skeleton: Its joints, if nothing is odd with them.
        whole_mask: Whether it has a mask with which nothing is odd.
    """

    place: int
    element: Any
    skeleton: Skeleton | None
    whole_mask: bool


def usual_people(
    found: AlikeColumns,
    head: CocoHead,
    images: Mapping[Key, CocoImage],
    placing: Placing | None = None,
) -> tuple[PeopleColumns, list[Left]]:
    """Those of annotations that are alike in whom nothing is odd; the others are to be read singly.

    Args:
        found: The annotations.
        head: The file's categories and notation.
        images: The images that are used.
        placing: With it, people are moved as ``coco_places.placed`` moves them.
    """
    pictures = [images.get(key) for key in found.images]
    categories = [head.categories.get(key) for key in found.categories]
    sizes = sides(pictures)
    unscaled = _each(pictures, lambda image: image is not None and image.scale == _UNIT)
    clear, joints = _joints(found, head, pictures, categories, sizes)
    known = (found.mask_sizes[:, ::-1] == sizes).all(axis=1) | (sizes == 0).any(axis=1)
    masked = found.mask_sizes[:, 0] > 0
    whole: NDArray[np.bool_] = masked & known & unscaled
    usual: NDArray[np.bool_] = (
        clear & unscaled & (joints[:, 2::3] != 0).any(axis=1) & (whole | ~masked)
    )
    usual &= _fitting_boxes(found.boxes, sizes, head)
    usual &= _each(categories, lambda category: category is not None and category.taken)
    if head.repeated_ids:
        usual &= np.array([key not in head.repeated_ids for key in found.ids])
    if head.same_image or head.dropped_images:
        apart = {*head.same_image, *head.dropped_images}
        usual &= np.array([key not in apart for key in found.images])
    if images is not head.images:
        usual &= np.array([key in head.images for key in found.images])
    if placing is not None:
        usual &= _each(pictures, lambda image: image is not None and not _is_turned(image))
    left = [
        Left(
            found.places[row],
            found.element(row),
            StoredSkeleton(joints[row]) if clear[row] else None,
            bool(whole[row]),
        )
        for row in np.flatnonzero(~usual).tolist()
    ]
    return _people(found, np.flatnonzero(usual), joints, categories, placing), left


def _each(values: Sequence[Any], test: Callable[[Any], bool]) -> NDArray[np.bool_]:
    return np.fromiter(map(test, values), dtype=bool, count=len(values))


def _joints(
    found: AlikeColumns,
    head: CocoHead,
    images: Sequence[CocoImage | None],
    categories: Sequence[CocoCategory | None],
    sizes: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """In whose joints nothing is odd, and (annotations, 51) their joints in COCO's order."""
    clear = np.zeros(len(found), dtype=bool)
    joints = np.zeros((len(found), 3 * N_JOINTS))
    sized = (sizes[:, 0] > 0) & (sizes[:, 1] > 0)
    scales = np.array([_UNIT if image is None else image.scale for image in images])
    listed = np.array([image is not None for image in images])
    for category in {c.id: c for c in categories if c is not None}.values():
        if category.map is None or len(category.map.joints) != found.length:
            continue
        rows = np.flatnonzero(listed & np.array([kind is category for kind in categories]))
        clear[rows], joints[rows] = usual_joints(
            found.numbers[rows], category.map, head.notation, sized[rows], scales[rows]
        )
    return clear, joints


def _fitting_boxes(
    boxes: NDArray[np.float64], sizes: NDArray[np.float64], head: CocoHead
) -> NDArray[np.bool_]:
    """Whether the box of each is surely a corner and a size, or that it has none."""
    if head.notation.corner_boxes:
        return np.isnan(boxes[:, 0])
    if head.notation.own:
        return np.ones(len(boxes), dtype=bool)
    return ~may_be_corners(boxes, sizes)


def _people(
    found: AlikeColumns,
    rows: NDArray[np.intp],
    joints: NDArray[np.float64],
    categories: Sequence[CocoCategory | None],
    placing: Placing | None,
) -> PeopleColumns:
    """Some of the annotations as people."""
    chosen = rows.tolist()
    kinds = [kind for kind in (categories[row] for row in chosen) if kind is not None]
    moved = joints[rows]
    if placing is not None and placing.rule.shift:
        places = moved.reshape(-1, N_JOINTS, 3)
        places[:, :, :2] += placing.rule.shift * (places[:, :, 2:] != 0)
    masked = (found.mask_sizes[rows, 0] > 0).tolist()
    return PeopleColumns(
        places=[found.places[row] for row in chosen],
        ids=[found.ids[row] for row in chosen],
        images=[found.images[row] for row in chosen],
        joints=moved,
        boxes=found.boxes[rows],
        areas=found.areas[rows],
        scores=found.scores[rows],
        categories=[kind.id for kind in kinds],
        roles=[kind.role for kind in kinds],
        masks=[
            found.masks[row] if is_mask else b"null"
            for row, is_mask in zip(chosen, masked, strict=True)
        ],
        members=[found.members[row] for row in chosen],
        sources=None if placing is None else _sources(found, rows, kinds, placing.file),
    )


def _is_turned(image: CocoImage) -> bool:
    return image.labels is LabelPixels.STORED and image.orientation is not Orientation.UPRIGHT


def _sources(
    found: AlikeColumns, rows: NDArray[np.intp], categories: Sequence[CocoCategory], file: str
) -> list[bytes]:
    """What the database keeps of people, as ``label_source.PersonSource`` has it, as JSON."""
    if not rows.size:
        return []
    known = {kind.id: kind for kind in categories}
    kinds = {key: json_text(plain(kind.members) or None).encode() for key, kind in known.items()}
    edges = orjson.dumps(found.boxes[rows], option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].split(b"],[")
    sizes = orjson.dumps(found.areas[rows], option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    name = json_text(file).encode()
    # A file of this product marks masks that stand for a box.
    masked = ((found.mask_sizes[:, 0] > 0) & ~np.array(found.box_masks))[rows].tolist()
    return [
        b'{"file":%b,"annotation":%b,"category":%b,"segmentation":%b,"box":%b,"area":%b,'
        b'"crowd":false}'
        % (
            name,
            found.members[row],
            kinds[category.id],
            found.masks[row] if is_mask else b"null",
            b"null" if edge.startswith(b"null") else b"[%b]" % edge,
            area,
        )
        for row, category, is_mask, edge, area in zip(
            rows.tolist(), categories, masked, edges, sizes, strict=True
        )
    ]
