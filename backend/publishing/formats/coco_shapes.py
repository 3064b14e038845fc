"""Box and segmentation of one COCO annotation; what cannot be read never costs the joints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain import mask_texts, masks
from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.oddities import Answer, Odd
from backend.publishing.formats.coco import CocoImage, Polygons, Rle
from backend.publishing.formats.findings import Spot, shown

MAX_NUMBER: Final = 2**63 - 1
_SLACK: Final = 0.02
"""By so much of the image's side a box may stand out before its numbers are doubted."""
_UNIT: Final = (1.0, 1.0)
_NUMBERS: Final = {int, float}


def read_number(value: Any) -> float | None:
    """A finite number, or None."""
    if type(value) in (int, float) and -MAX_NUMBER <= value <= MAX_NUMBER:
        return float(value)
    return None


def read_box(
    value: Any, image: CocoImage, spot: Spot, *, corners: bool = False, own: bool = False
) -> Box | None:
    """A ``bbox``: left, top, width and height in pixels; None where there is none to be had.

    Args:
        value: The member.
        image: Its image.
        spot: Where it stands; takes down what is odd.
        corners: Whether all boxes of the file are taken for left, top, right and bottom.
        own: Whether this program wrote the file: its boxes are never corners, wherever they lie.
    """
    if value is None or value == []:
        return None
    numbers = _four(value)
    if numbers is None:
        spot.odd(Odd.BOX_UNREADABLE, ".bbox", shown(value))
        return None
    x, y, width, height = numbers
    # COCO writes empty boxes for people without an outline.
    if not (width and height):
        return None
    if width < 0 or height < 0:
        if spot.odd(Odd.BOX_NEGATIVE, ".bbox", shown(value)) is Answer.SKIP:
            return None
        x, width = (x + width, -width) if width < 0 else (x, width)
        y, height = (y + height, -height) if height < 0 else (y, height)
    elif not own and (corners or is_corners(value, image)):
        if spot.odd(Odd.BOX_AS_CORNERS, ".bbox", shown(value)) is Answer.SKIP:
            return None
        width, height = width - x, height - y
    if image.scale == _UNIT:
        return Box(x, y, width, height)
    across, down = image.scale
    return Box(x * across, y * down, width * across, height * down)


def is_corners(value: Any, image: CocoImage) -> bool | None:
    """Whether a box can only be two corners (True), only a corner and a size (False), or both.

    As a corner and a size it would stand well out of the image, while as two corners it lies in it.
    """
    numbers = _four(value)
    if numbers is None or image.width is None or image.height is None:
        return None
    x, y, right, bottom = numbers
    if right <= 0 or bottom <= 0:
        return None
    if right <= x or bottom <= y:
        return False
    # The image's size in the file's own pixels.
    wide, high = image.width / image.scale[0], image.height / image.scale[1]
    inside = x >= 0 and y >= 0 and right <= wide + 1 and bottom <= high + 1
    stands_out = x + right > wide * (1 + _SLACK) + 2 or y + bottom > high * (1 + _SLACK) + 2
    return True if inside and stands_out else None


def may_be_corners(boxes: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which boxes (n, 4) can only be two corners, as :func:`is_corners` tells it of each.

    Args:
        boxes: As they stand in the file, in the pixels of the image.
        sizes: (n, 2) width and height of the images; 0 where they are not known.
    """
    x, y, right, bottom = boxes.T
    wide, high = sizes.T
    inside = (x >= 0) & (y >= 0) & (right <= wide + 1) & (bottom <= high + 1)
    out = (x + right > wide * (1 + _SLACK) + 2) | (y + bottom > high * (1 + _SLACK) + 2)
    only: NDArray[np.bool_] = (right > x) & (bottom > y) & inside & out & (sizes > 0).all(axis=1)
    return only


def number_boxes(values: Sequence[Any]) -> tuple[list[int], NDArray[np.float64]]:
    """Which ``bbox`` members are four plain numbers, and (members, 4) these numbers."""
    chosen = [i for i, value in enumerate(values) if type(value) is list and len(value) == 4]
    # All of them are asked at once first: nearly always there is nothing else in them.
    if not set(map(type, chain.from_iterable(values[i] for i in chosen))) <= _NUMBERS:
        chosen = [i for i in chosen if set(map(type, values[i])) <= _NUMBERS]
    try:
        numbers = np.array([values[i] for i in chosen], dtype=np.float64).reshape(-1, 4)
    except OverflowError:
        return [], np.empty((0, 4))
    return chosen, numbers


def told_corners(values: Sequence[Any], images: Sequence[CocoImage]) -> dict[bool, int]:
    """Of how many boxes :func:`is_corners` says True and False; images have the file's sizes."""
    chosen, numbers = number_boxes(values)
    fit = (np.abs(numbers) < MAX_NUMBER).all(axis=1)
    told = corners_of_numbers(numbers[fit], sides(images[i] for i in chosen)[fit])
    usual = {chosen[row] for row in np.flatnonzero(fit).tolist()}
    for i, value in enumerate(values):
        if i not in usual and (singly := is_corners(value, images[i])) is not None:
            told[singly] += 1
    return told


def corners_of_numbers(boxes: NDArray[np.float64], sizes: NDArray[np.float64]) -> dict[bool, int]:
    """The same of boxes (n, 4) that are numbers; NaN tells nothing.

    Args:
        boxes: As they stand in the file.
        sizes: As :func:`may_be_corners` takes them.
    """
    x, y, right, bottom = boxes.T
    never = ((right <= x) | (bottom <= y)) & (right > 0) & (bottom > 0) & (sizes > 0).all(axis=1)
    only = may_be_corners(boxes, sizes)
    return {True: int(np.count_nonzero(only)), False: int(np.count_nonzero(never))}


def sides(images: Iterable[CocoImage | None]) -> NDArray[np.float64]:
    """(n, 2) width and height of images in pixels; 0 where they are not known."""
    found = [(0, 0) if image is None else (image.width or 0, image.height or 0) for image in images]
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def _four(value: Any) -> tuple[float, float, float, float] | None:
    if not isinstance(value, list) or len(value) != 4:
        return None
    x, y, width, height = map(read_number, value)
    if x is None or y is None or width is None or height is None:
        return None
    return x, y, width, height


def read_segmentation(value: Any, image: CocoImage, spot: Spot) -> Rle | Polygons | None:
    """A ``segmentation``: outlines, run lengths, or None where nothing of it can be read."""
    if value is None or value == []:
        return None
    if isinstance(value, Mapping):
        return _mask(value, image, spot)
    if not isinstance(value, list):
        spot.odd(Odd.OUTLINE_UNREADABLE, ".segmentation", shown(value))
        return None
    if len(value) >= 6 and all(read_number(number) is not None for number in value):
        if spot.odd(Odd.OUTLINE_FLAT, ".segmentation") is Answer.SKIP:
            return None
        value = [value]
    outlines = [_outline(outline, image, spot, i) for i, outline in enumerate(value)]
    return tuple(outline for outline in outlines if outline is not None) or None


def _outline(value: Any, image: CocoImage, spot: Spot, index: int) -> tuple[float, ...] | None:
    numbers = [read_number(number) for number in value] if isinstance(value, list) else []
    known = [number for number in numbers if number is not None]
    if len(known) < 6 or len(known) % 2 or len(known) < len(numbers):
        spot.odd(Odd.OUTLINE_UNREADABLE, f".segmentation[{index}]", shown(value))
        return None
    if image.scale == _UNIT:
        return tuple(known)
    return tuple(number * image.scale[i % 2] for i, number in enumerate(known))


def _mask(value: Mapping[str, Any], image: CocoImage, spot: Spot) -> Rle | None:
    try:
        mask = _rle(value)
    except InvalidInput:
        spot.odd(Odd.MASK_UNREADABLE, ".segmentation", "the run lengths are damaged")
        return None
    except ValueError as error:
        spot.odd(Odd.MASK_UNREADABLE, ".segmentation", str(error))
        return None
    expected = (image.height, image.width)
    if image.scale != _UNIT or (None not in expected and (mask.height, mask.width) != expected):
        spot.odd(
            Odd.MASK_UNREADABLE,
            ".segmentation.size",
            f"{mask.width} x {mask.height} pixels, the image has {image.width} x {image.height}",
        )
        return None
    return mask


def whole_rle(value: Mapping[str, Any]) -> Rle:
    """A mask that :func:`whole_masks` found to be one."""
    height, width = value["size"]
    return Rle(height, width, value["counts"])


def whole_masks(values: Sequence[Any], images: Sequence[CocoImage | None]) -> list[bool]:
    """Which ``segmentation`` members are masks with which nothing is odd, found all at once.

    Those of the others are read singly.
    """
    whole = [False] * len(values)
    chosen = [
        i
        for i, (value, image) in enumerate(zip(values, images, strict=True))
        if image is not None and _may_be_whole(value, image)
    ]
    covered = mask_texts.covered([values[i]["counts"] for i in chosen])
    if covered is not None:
        for i, pixels in zip(chosen, covered.tolist(), strict=True):
            height, width = values[i]["size"]
            whole[i] = pixels == height * width
    return whole


def _may_be_whole(value: Any, image: CocoImage) -> bool:
    if type(value) is not dict or type(value.get("counts")) is not str or image.scale != _UNIT:
        return False
    size = value.get("size")
    if type(size) is not list or len(size) != 2:
        return False
    height, width = size
    if type(height) is not int or type(width) is not int:
        return False
    if (height != image.height or width != image.width) and not (
        image.height is None or image.width is None
    ):
        return False
    return height >= 1 and width >= 1 and height * width <= masks.MAX_PIXELS


def _rle(value: Mapping[str, Any]) -> Rle:
    size = value.get("size")
    if not isinstance(size, list) or len(size) != 2 or not all(type(n) is int for n in size):
        raise ValueError("height and width were expected")
    height, width = size
    if height < 1 or width < 1 or height * width > masks.MAX_PIXELS:
        raise ValueError(f"{width} x {height} pixels is not a size that can be read")
    counts = value.get("counts")
    if isinstance(counts, str):
        covered = int(mask_texts.decompress(counts).sum())
    elif isinstance(counts, list) and all(type(run) is int and run >= 0 for run in counts):
        covered = sum(counts)
    else:
        raise ValueError("run lengths were expected")
    if covered != height * width:
        raise ValueError(
            f"the runs cover {covered} pixels, but {width} x {height} are {width * height}"
        )
    if not isinstance(counts, str):
        counts = mask_texts.compress(np.array(counts, dtype=np.int64))
    return Rle(height, width, counts)
