"""Single elements of a COCO file, checked field by field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

import numpy as np

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.skeleton import JOINTS, N_JOINTS
from backend.publishing.formats.coco import NAMESPACE, CocoAnnotation, CocoImage, Polygons, Rle

_MAX_ID: Final = 2**63 - 1
_MAX_SIDE: Final = 1_000_000
_VISIBILITIES: Final = (Visibility.ABSENT, Visibility.OCCLUDED, Visibility.VISIBLE)


class Fault(ValueError):
    """Something in the file is wrong at a place such as ``annotations[12].bbox``."""

    def __init__(self, where: str, fault: str) -> None:
        super().__init__(f"{where}: {fault}" if where else fault)


def read_image(element: Any, where: str) -> CocoImage:
    """One element of ``images``."""
    data = _mapping(element, where)
    file_name = data.get("file_name")
    if not isinstance(file_name, str) or not file_name.strip():
        raise Fault(f"{where}.file_name", "a file name was expected")
    path = file_name.replace("\\", "/")
    if path.startswith("/") or path[1:2] == ":" or ".." in PurePosixPath(path).parts:
        raise Fault(f"{where}.file_name", f"{file_name!r} leads out of the dataset's folder")
    if "\0" in file_name:
        raise Fault(f"{where}.file_name", "a file name cannot hold a zero character")
    return CocoImage(
        id=_integer(data, "id", where),
        file_name=file_name,
        width=_size(data, "width", where),
        height=_size(data, "height", where),
        provenance=_provenance(data, where),
    )


def read_category(element: Any, where: str) -> tuple[int, bool]:
    """One element of ``categories``: its id, and whether it has the 17 joints."""
    data = _mapping(element, where)
    category_id = _integer(data, "id", where)
    names = data.get("keypoints")
    if names is None or names == []:
        return category_id, False
    if not isinstance(names, list):
        raise Fault(f"{where}.keypoints", "a list of joint names was expected")
    if len(names) != N_JOINTS:
        raise Fault(f"{where}.keypoints", f"{len(names)} joints, expected {N_JOINTS}")
    for i, (name, expected) in enumerate(zip(names, JOINTS, strict=True)):
        if name != expected:
            raise Fault(
                f"{where}.keypoints[{i}]",
                f"{name!r}, expected {expected!r}; joints come in COCO's order",
            )
    return category_id, True


def read_annotation(element: Any, where: str) -> tuple[int, int, CocoAnnotation | None]:
    """One element of ``annotations``: its id, its category, and the person if it has keypoints."""
    data = _mapping(element, where)
    annotation_id = _integer(data, "id", where)
    category_id = _integer(data, "category_id", where)
    image_id = _integer(data, "image_id", where)
    if data.get("keypoints") is None:
        return annotation_id, category_id, None
    area = data.get("area")
    score = data.get("score")
    person = CocoAnnotation(
        id=annotation_id,
        image_id=image_id,
        skeleton=_skeleton(data["keypoints"], f"{where}.keypoints"),
        box=_box(data.get("bbox"), f"{where}.bbox"),
        area=None if area is None else _not_negative(area, f"{where}.area"),
        segmentation=_segmentation(data.get("segmentation"), f"{where}.segmentation"),
        iscrowd=_flag(data.get("iscrowd", 0), f"{where}.iscrowd"),
        score=None if score is None else _finite(score, f"{where}.score"),
        provenance=_provenance(data, where),
    )
    return annotation_id, category_id, person


def _skeleton(values: Any, where: str) -> Skeleton:
    if not isinstance(values, list):
        raise Fault(where, "a list of numbers was expected")
    if len(values) != 3 * N_JOINTS:
        raise Fault(where, f"{len(values)} numbers, expected {3 * N_JOINTS}")
    joints: list[Joint] = []
    for i in range(N_JOINTS):
        x = _finite(values[3 * i], where, 3 * i)
        y = _finite(values[3 * i + 1], where, 3 * i + 1)
        v = _finite(values[3 * i + 2], where, 3 * i + 2)
        if v not in (0, 1, 2):
            raise Fault(
                f"{where}[{3 * i + 2}]", f"visibility {v:g} of {JOINTS[i]} is not 0, 1 or 2"
            )
        joints.append(Joint(x, y, _VISIBILITIES[int(v)]) if v else ABSENT_JOINT)
    return Skeleton(tuple(joints))


def _box(values: Any, where: str) -> Box | None:
    if values is None or values == []:
        return None
    if not isinstance(values, list) or len(values) != 4:
        raise Fault(where, "four numbers were expected: left, top, width, height")
    x, y, width, height = (_finite(value, where, i) for i, value in enumerate(values))
    if width < 0 or height < 0:
        raise Fault(where, f"negative size {width:g}×{height:g}")
    # COCO writes empty boxes for people without an outline.
    return Box(x, y, width, height) if width and height else None


def _segmentation(value: Any, where: str) -> Rle | Polygons | None:
    if value is None or value == []:
        return None
    if isinstance(value, Mapping):
        return _rle(value, where)
    if not isinstance(value, list):
        raise Fault(where, "outlines or run lengths were expected")
    polygons = []
    for i, outline in enumerate(value):
        place = f"{where}[{i}]"
        if not isinstance(outline, list) or len(outline) < 6 or len(outline) % 2:
            raise Fault(place, "an outline needs an even number of 6 or more coordinates")
        polygons.append(tuple(_finite(number, place, j) for j, number in enumerate(outline)))
    return tuple(polygons)


def _rle(value: Mapping[str, Any], where: str) -> Rle:
    size = value.get("size")
    if not isinstance(size, list) or len(size) != 2:
        raise Fault(f"{where}.size", "height and width were expected")
    height, width = (_side(side, f"{where}.size") for side in size)
    counts = value.get("counts")
    place = f"{where}.counts"
    if height * width > masks.MAX_PIXELS:
        raise Fault(f"{where}.size", f"{width}×{height} pixels are more than can be read")
    if isinstance(counts, str):
        try:
            covered = int(masks.decompress(counts).sum())
        except InvalidInput as error:
            raise Fault(place, "the run lengths are damaged") from error
    elif isinstance(counts, list) and all(type(run) is int and run >= 0 for run in counts):
        covered = sum(counts)
    else:
        raise Fault(place, "run lengths were expected")
    if covered != height * width:
        raise Fault(
            place, f"the runs cover {covered} pixels, but {width}×{height} are {width * height}"
        )
    if not isinstance(counts, str):
        counts = masks.compress(np.array(counts, dtype=np.int64))
    return Rle(height, width, counts)


def _mapping(element: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(element, dict):
        raise Fault(where, "an object was expected")
    return element


def _provenance(data: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    return _mapping(data.get(NAMESPACE, {}), f"{where}.{NAMESPACE}")


def _integer(data: Mapping[str, Any], key: str, where: str) -> int:
    value = data.get(key)
    if type(value) is not int or abs(value) > _MAX_ID:
        raise Fault(f"{where}.{key}", "missing" if value is None else "a whole number was expected")
    return value


def _size(data: Mapping[str, Any], key: str, where: str) -> int:
    return _side(_integer(data, key, where), f"{where}.{key}")


def _side(value: Any, where: str) -> int:
    if type(value) is not int or not 1 <= value <= _MAX_SIDE:
        raise Fault(where, f"{value!r} is not a size in pixels")
    return value


def _finite(value: Any, where: str, index: int | None = None) -> float:
    kind = type(value)
    if kind is float and math.isfinite(value):
        return float(value)
    if kind is int and abs(value) <= _MAX_ID:
        return float(value)
    place = where if index is None else f"{where}[{index}]"
    raise Fault(place, f"{value!r} is not a finite number" if kind is float else "not a number")


def _not_negative(value: Any, where: str) -> float:
    number = _finite(value, where)
    if number < 0:
        raise Fault(where, f"negative: {number:g}")
    return number


def _flag(value: Any, where: str) -> bool:
    if value not in (0, 1):
        raise Fault(where, f"{value!r} is not 0 or 1")
    return bool(value)
