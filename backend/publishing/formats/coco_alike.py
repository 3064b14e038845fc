"""Annotations with which nothing is odd, as far as they tell it themselves: many, as columns.

Nearly all annotations of nearly all files are such. What is asked of them here needs neither images
nor categories, which may stand behind them in the file; what needs these is asked later, of numbers
(``coco_usual``). Whatever may be odd stays an element, for the readers that say what is odd.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, Final, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.domain import mask_texts, masks
from backend.publishing.formats.coco import NAMESPACE
from backend.publishing.formats.coco_joints import MAX_COORDINATE
from backend.publishing.formats.coco_shapes import MAX_NUMBER, number_boxes
from backend.publishing.formats.label_source import (
    MAX_MEMBERS_BYTES,
    PERSON_MEMBERS,
    READ_ELSEWHERE,
    as_it_is,
)
from backend.publishing.labelled import AreaOf

_MEMBERS: Final = READ_ELSEWHERE | PERSON_MEMBERS
_NEEDED: Final = frozenset(("id", "image_id", "category_id", "keypoints"))
_WHOLE: Final = {int: 1, float: 0}
_NUMBERS: Final = {int, float}
_MASK_NAMES: Final = ("size", "counts")
_END: Final = 2.0**63


@dataclass(frozen=True, slots=True)
class AlikeColumns:
    """See the module. Each has an id, an image and a category with plain numbers, and joints.

    Attributes:
        places: (people,) places in the block that they come from, rising.
        names: Of the members of each, in their order.
        ids: Their ids.
        images: Ids of their images, as they are written.
        categories: Ids of their categories, as they are written.
        numbers: (people, 3 n) their joints as the file writes them.
        whole: (people, 3 n) which of these are written as whole numbers.
        counts: What each says of how many joints it has; None where it says nothing.
        boxes: (people, 4) left, top, width, height; NaN where there is none.
        areas: (people,) square pixels; NaN where the file has none.
        scores: (people,) confidences; NaN where the file has none.
        masks: The mask of each, of which the runs cover its pixels, as JSON; null where there is
            none.
        mask_sizes: (people, 2) height and width of these; 0 where there is none.
        box_masks: Whether the mask stands for the box, in a file of this product.
        members: What the file says of each beside joints and mask, as JSON.
    """

    places: Sequence[int]
    names: Sequence[tuple[str, ...]]
    ids: Sequence[int]
    images: Sequence[int]
    categories: Sequence[int]
    numbers: NDArray[np.float64]
    whole: NDArray[np.bool_]
    counts: Sequence[int | None]
    boxes: NDArray[np.float64]
    areas: NDArray[np.float64]
    scores: NDArray[np.float64]
    masks: Sequence[bytes]
    mask_sizes: NDArray[np.int64]
    box_masks: Sequence[bool]
    members: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.places)

    @property
    def length(self) -> int:
        """How many joints each has."""
        return int(self.numbers.shape[1]) // 3

    def element(self, row: int) -> dict[str, Any]:
        """One of them as it stands in the file."""
        told: dict[str, Any] = orjson.loads(self.members[row])
        told["keypoints"] = [
            int(number) if is_whole else number
            for number, is_whole in zip(
                self.numbers[row].tolist(), self.whole[row].tolist(), strict=True
            )
        ]
        told["num_keypoints"] = self.counts[row]
        told["segmentation"] = orjson.loads(self.masks[row])
        return {name: told[name] for name in self.names[row]}

    def parts(self) -> tuple[Any, ...]:
        """All of it in plain values that ``marshal`` writes; for :meth:`of_parts`."""
        values = [getattr(self, field.name) for field in fields(self)]
        return tuple(
            (value.shape, value.dtype.char, value.tobytes())
            if isinstance(value, np.ndarray)
            else value
            for value in values
        )

    @classmethod
    def of_parts(cls, parts: Sequence[Any]) -> Self:
        """Out of what :meth:`parts` gave."""
        values: list[Any] = [
            np.frombuffer(part[2], part[1]).reshape(part[0]) if type(part) is tuple else part
            for part in parts
        ]
        return cls(*values)

    def some(self, rows: NDArray[np.intp]) -> Self:
        """Some of them, by their rows."""
        chosen = rows.tolist()
        columns = [getattr(self, field.name) for field in fields(self)]
        values: list[Any] = [
            column[rows] if isinstance(column, np.ndarray) else [column[row] for row in chosen]
            for column in columns
        ]
        return type(self)(*values)


def alike(elements: Sequence[Any]) -> AlikeColumns | None:
    """Those of a block of annotations with which nothing is odd; None where there is nobody."""
    names = [tuple(element) if type(element) is dict else () for element in elements]
    # One object for all that are alike in this.
    sound = {some: some for some in set(names) if _NEEDED <= set(some) <= _MEMBERS}
    joints = [
        element["keypoints"] if some in sound else None
        for element, some in zip(elements, names, strict=True)
    ]
    places, numbers, whole = _joints(joints)
    found = [elements[i] for i in places]
    if not found:
        return None
    ids, images, categories = (_column(found, key) for key in ("id", "image_id", "category_id"))
    counts = _column(found, "num_keypoints")
    well = (
        _keys(ids) & _keys(images) & _keys(categories)
        & (_keys(counts) | np.array([count is None for count in counts]))
        & _each(_column(found, "iscrowd"), lambda crowd: crowd is None or crowd == 0)
        & (np.abs(numbers) <= MAX_COORDINATE).all(axis=1)
    )  # fmt: skip
    boxed, boxes = _boxes(_column(found, "bbox"))
    measured, areas = _measures(_column(found, "area"))
    scored, scores = _measures(_column(found, "score"))
    masked, texts, sizes = _masks(_column(found, "segmentation"))
    kept, members = _members(found)
    own, box_masks = _own(found)
    columns = AlikeColumns(
        places, [sound[names[i]] for i in places], ids, images, categories, numbers, whole, counts,
        boxes, areas, scores, texts, sizes, box_masks, members,
    )  # fmt: skip
    rows = np.flatnonzero(well & boxed & measured & ~(areas < 0) & scored & masked & own & kept)
    if not rows.size:
        return None
    return columns if rows.size == len(found) else columns.some(rows)


def _column(elements: Sequence[dict[str, Any]], name: str) -> list[Any]:
    return [element.get(name) for element in elements]


def _each(values: Sequence[Any], test: Any) -> NDArray[np.bool_]:
    """Which values a test holds for; most columns have few different ones, or only one."""
    first = values[0]
    if (first is None or first == 0) and values.count(first) == len(values):
        return np.full(len(values), bool(test(first)))
    return np.array([bool(test(value)) for value in values])


def _keys(values: Sequence[Any]) -> NDArray[np.bool_]:
    """Which values are plain whole numbers within 64 bits."""
    if set(map(type, values)) == {int} and -MAX_NUMBER <= min(values) <= max(values) <= MAX_NUMBER:
        return np.ones(len(values), dtype=bool)
    return np.array([type(value) is int and abs(value) <= MAX_NUMBER for value in values])


def _joints(values: Sequence[Any]) -> tuple[list[int], NDArray[np.float64], NDArray[np.bool_]]:
    """Which ``keypoints`` members are plain numbers of the usual length; these, and which of them
    are whole."""
    nobody: tuple[list[int], NDArray[np.float64], NDArray[np.bool_]]
    nobody = ([], np.empty((0, 0)), np.empty((0, 0), dtype=bool))
    lengths = Counter(len(v) for v in values if type(v) is list and v and len(v) % 3 == 0)
    if not lengths:
        return nobody
    length = lengths.most_common(1)[0][0]
    places = [i for i, v in enumerate(values) if type(v) is list and len(v) == length]
    # All of them are asked at once first: nearly always there is nothing else in them.
    try:
        whole = bytes(map(_WHOLE.__getitem__, _types(values, places)))
    except KeyError:
        places = [i for i in places if set(map(type, values[i])) <= _NUMBERS]
        whole = bytes(map(_WHOLE.__getitem__, _types(values, places)))
    try:
        numbers = np.array([values[i] for i in places], dtype=np.float64)
    except OverflowError:
        return nobody
    shape = (len(places), length)
    return places, numbers.reshape(shape), np.frombuffer(whole, np.bool_).reshape(shape)


def _types(values: Sequence[Any], places: Sequence[int]) -> Iterator[type]:
    return map(type, chain.from_iterable(values[i] for i in places))


def _boxes(values: Sequence[Any]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which ``bbox`` members are missing, or a corner and a size; and these, NaN where missing."""
    boxes = np.full((len(values), 4), math.nan)
    chosen, numbers = number_boxes(values)
    if len(chosen) == len(values):
        well = np.zeros(len(values), dtype=bool)
    else:
        well = np.array([value is None or value == [] for value in values])
    if chosen:
        boxes[chosen] = numbers
        well[chosen] = (np.abs(numbers) < MAX_NUMBER).all(axis=1) & (numbers[:, 2:] > 0).all(axis=1)
    return well, boxes


def _measures(values: Sequence[Any]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which values are missing, or numbers that can be kept; and these, NaN where missing."""
    kinds = set(map(type, values))
    if kinds == {type(None)}:
        return np.ones(len(values), dtype=bool), np.full(len(values), math.nan)
    missing = np.array([value is None for value in values])
    plain = [
        value if kinds <= _NUMBERS or type(value) in _NUMBERS else math.nan for value in values
    ]
    try:
        numbers = np.array(plain, dtype=np.float64)
    except OverflowError:
        numbers = np.full(len(values), math.nan)
    return missing | (np.abs(numbers) < _END), numbers


def _masks(
    values: Sequence[Any],
) -> tuple[NDArray[np.bool_], list[bytes], NDArray[np.int64]]:
    """Which ``segmentation`` members are missing, or run lengths that cover their image; and these
    as JSON, with height and width."""
    well = np.zeros(len(values), dtype=bool)
    texts = [b"null"] * len(values)
    sizes = np.zeros((len(values), 2), dtype=np.int64)
    chosen = [i for i, value in enumerate(values) if type(value) is dict]
    if len(chosen) < len(values):
        for i, value in enumerate(values):
            if value is None or value == []:
                well[i] = True
                texts[i] = b"null" if value is None else b"[]"
    chosen = [i for i in chosen if _may_be_whole(values[i])]
    covered = mask_texts.covered([values[i]["counts"] for i in chosen])
    if covered is None:
        return well, texts, sizes
    sizes[chosen] = found = np.array([values[i]["size"] for i in chosen], dtype=np.int64)
    well[chosen] = covered == found[:, 0] * found[:, 1]
    for i in chosen:
        texts[i] = orjson.dumps(values[i])
    return well, texts, sizes


def _may_be_whole(value: dict[str, Any]) -> bool:
    size, counts = value.get("size"), value.get("counts")
    if tuple(value) != _MASK_NAMES or type(counts) is not str or type(size) is not list:
        return False
    if len(size) != 2 or type(size[0]) is not int or type(size[1]) is not int:
        return False
    height, width = size
    return bool(height >= 1 and width >= 1 and height * width <= masks.MAX_PIXELS)


def _own(elements: Sequence[dict[str, Any]]) -> tuple[NDArray[np.bool_], list[bool]]:
    """Whose members of this product are none, or can be read; and whose mask stands for a box."""
    if not any(NAMESPACE in element for element in elements):
        return np.ones(len(elements), dtype=bool), [False] * len(elements)
    said = [element.get(NAMESPACE, {}) for element in elements]
    plain = [type(told) is dict for told in said]
    box = AreaOf.BOX.value
    return np.array(plain), [
        is_plain and told.get("area_of") == box for is_plain, told in zip(plain, said, strict=True)
    ]


def _members(elements: Sequence[dict[str, Any]]) -> tuple[NDArray[np.bool_], list[bytes]]:
    """Which elements can be kept as they came, and these without joints and mask as JSON."""
    left = [
        {name: value for name, value in element.items() if name not in READ_ELSEWHERE}
        for element in elements
    ]
    texts = [as_it_is(element) or b"" for element in left]
    kept = np.array([0 < len(text) <= MAX_MEMBERS_BYTES for text in texts])
    return kept, texts
