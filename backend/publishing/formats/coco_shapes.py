"""Box and segmentation of one COCO annotation; what cannot be read never costs the joints."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Skeleton
from backend.domain.oddities import Answer, Odd
from backend.publishing.formats.coco import CocoImage, Polygons, Rle
from backend.publishing.formats.coco_joints import MAX_NUMBER
from backend.publishing.formats.findings import Spot, shown

_SLACK: Final = 0.02
"""By so much of the image's side a box may stand out before its numbers are doubted."""
_UNIT: Final = (1.0, 1.0)


def read_number(value: Any) -> float | None:
    """A finite number, or None."""
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and abs(value) <= MAX_NUMBER:
        return float(value)
    return None


def read_box(value: Any, image: CocoImage, skeleton: Skeleton, spot: Spot) -> Box | None:
    """A ``bbox``: left, top, width and height in pixels; None where there is none to be had."""
    if value is None or value == []:
        return None
    numbers = [read_number(number) for number in value] if isinstance(value, list) else []
    if len(numbers) != 4 or any(number is None for number in numbers):
        spot.odd(Odd.BOX_UNREADABLE, ".bbox", shown(value))
        return None
    x, y, width, height = (float(number) for number in numbers if number is not None)
    # COCO writes empty boxes for people without an outline.
    if not (width and height):
        return None
    if width < 0 or height < 0:
        if spot.odd(Odd.BOX_NEGATIVE, ".bbox", shown(value)) is Answer.SKIP:
            return None
        x, width = (x + width, -width) if width < 0 else (x, width)
        y, height = (y + height, -height) if height < 0 else (y, height)
    elif _fits_only_as_corners(x, y, width, height, image, skeleton):
        if spot.odd(Odd.BOX_AS_CORNERS, ".bbox", shown(value)) is Answer.SKIP:
            return None
        width, height = width - x, height - y
    across, down = image.scale
    return Box(x * across, y * down, width * across, height * down)


def _fits_only_as_corners(
    x: float, y: float, width: float, height: float, image: CocoImage, skeleton: Skeleton
) -> bool:
    """Whether left, top, right, bottom lie in the image and hold the joints, while left, top,
    width, height stand well out of it."""
    if image.width is None or image.height is None:
        return False
    # The image's size in the file's own pixels.
    sides = image.width / image.scale[0], image.height / image.scale[1]
    if not (x < width <= sides[0] + 1 and y < height <= sides[1] + 1 and x >= 0 and y >= 0):
        return False
    stands_out = x + width > sides[0] * (1 + _SLACK) + 2 or y + height > sides[1] * (1 + _SLACK) + 2
    return stands_out and all(
        x - 2 <= joint.x / image.scale[0] <= width + 2
        and y - 2 <= joint.y / image.scale[1] <= height + 2
        for joint in skeleton.joints
        if joint.present
    )


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


def _rle(value: Mapping[str, Any]) -> Rle:
    size = value.get("size")
    if not isinstance(size, list) or len(size) != 2 or not all(type(n) is int for n in size):
        raise ValueError("height and width were expected")
    height, width = size
    if height < 1 or width < 1 or height * width > masks.MAX_PIXELS:
        raise ValueError(f"{width} x {height} pixels is no size that can be read")
    counts = value.get("counts")
    if isinstance(counts, str):
        covered = int(masks.decompress(counts).sum())
    elif isinstance(counts, list) and all(type(run) is int and run >= 0 for run in counts):
        covered = sum(counts)
    else:
        raise ValueError("run lengths were expected")
    if covered != height * width:
        raise ValueError(
            f"the runs cover {covered} pixels, but {width} x {height} are {width * height}"
        )
    if not isinstance(counts, str):
        counts = masks.compress(np.array(counts, dtype=np.int64))
    return Rle(height, width, counts)
