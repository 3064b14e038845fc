"""Single elements of a COCO file, read field by field; what is odd is taken down, not refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import orjson

from backend.domain.infants import Apart
from backend.domain.keypoints import Skeleton
from backend.domain.oddities import Answer, Odd
from backend.publishing.formats.coco import NAMESPACE, CocoAnnotation, CocoCategory, CocoImage, Key
from backend.publishing.formats.coco_joints import (
    NO_JOINTS,
    Notation,
    ReadJoints,
    read_joints,
)
from backend.publishing.formats.coco_shapes import (
    MAX_NUMBER,
    read_box,
    read_number,
    read_segmentation,
    whole_rle,
)
from backend.publishing.formats.findings import Spot, shown
from backend.publishing.formats.label_source import KeptMembers, KeptPart, kept_members

_MAX_SIDE: Final = 1_000_000
_NAME_MEMBERS: Final = ("file_name", "path", "filename", "name", "coco_url")
"""Members in which tools write an image's name, the usual one first."""
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def read_key(value: Any, spot: Spot, part: str) -> Key | None:
    """An id: a whole number, also where it is written as text or with a decimal point; else text.

    Returns:
        None where there is no usable id.
    """
    if type(value) is int:
        return value if abs(value) <= MAX_NUMBER else str(value)
    if type(value) is float and value.is_integer() and abs(value) < 2**53:
        key = int(value)
    elif isinstance(value, str) and value.strip():
        text = value.strip()
        whole = re.fullmatch(r"-?(0|[1-9]\d{0,17})(\.0+)?", text, re.ASCII)
        if whole is None:
            # "007" stays text: it is another id than "7".
            return text
        key = int(whole[0].partition(".")[0])
    else:
        return None
    return key if spot.odd(Odd.ID_AS_TEXT, part, shown(value)) is Answer.MAP else None


def usual_image(element: Any) -> CocoImage | None:
    """One element of ``images`` with which nothing is odd; None where it is to be read with words.

    As :func:`read_image` reads it, for the many that are alike in this.
    """
    if type(element) is not dict:
        return None
    key, name = element.get("id"), element.get("file_name")
    width, height = element.get("width"), element.get("height")
    origin = element.get(NAMESPACE, _NOTHING)
    if (
        type(key) is not int
        or abs(key) > MAX_NUMBER
        or type(name) is not str
        or not name.strip()
        or type(width) is not int
        or type(height) is not int
        or not 1 <= width <= _MAX_SIDE
        or not 1 <= height <= _MAX_SIDE
        or (origin is not _NOTHING and type(origin) is not dict)
    ):
        return None
    members = kept_members(element)
    provenance: Mapping[str, Any] = _NOTHING
    if origin:
        # Most say something else of each image.
        if isinstance(members, KeptMembers):
            provenance = KeptPart(members, NAMESPACE)
        else:
            provenance = shared_provenance(origin)
    return CocoImage(key, name, width, height, provenance, members=members)


def read_image(element: Any, spot: Spot) -> CocoImage | None:
    """One element of ``images``; None where it is left out."""
    if not isinstance(element, dict):
        spot.odd(Odd.IMAGE_UNREADABLE, "", f"{shown(element)} is not an object")
        return None
    file_name = _file_name(element)
    if file_name is None:
        spot.odd(Odd.IMAGE_UNREADABLE, ".file_name", shown(element.get("file_name")))
        return None
    key = read_key(element.get("id"), spot, ".id")
    if key is None:
        spot.odd(Odd.IMAGE_UNREADABLE, ".id", shown(element.get("id")))
        return None
    width, height = _side(element.get("width")), _side(element.get("height"))
    if width is None or height is None:
        detail = f"{shown(element.get('width'))} x {shown(element.get('height'))}"
        if spot.odd(Odd.IMAGE_SIZE_UNKNOWN, "", detail) is Answer.SKIP:
            return None
        width = height = None
    return CocoImage(
        key,
        file_name,
        width,
        height,
        _provenance(element, spot),
        members=kept_members(element),
    )


def _file_name(element: Mapping[str, Any]) -> str | None:
    named = map(element.get, _NAME_MEMBERS)
    return next((name for name in named if isinstance(name, str) and name.strip()), None)


def joint_names(value: Any) -> list[str] | None:
    """The joint names of a category: texts, objects with a name, or one text with commas."""
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list) or not value:
        return None
    names = [name.get("name") if isinstance(name, dict) else name for name in value]
    return [name.strip() for name in names if isinstance(name, str)] if all(
        isinstance(name, str) for name in names
    ) else None  # fmt: skip


def read_annotation(
    element: Mapping[str, Any],
    annotation_id: Key | None,
    image: CocoImage,
    category: CocoCategory,
    spot: Spot,
    notation: Notation,
    *,
    usual: Skeleton | None = None,
    whole_mask: bool = False,
) -> CocoAnnotation | None:
    """One person; None where the annotation is left out.

    Args:
        element: The annotation.
        annotation_id: Its id, or None.
        image: Its image.
        category: Its category.
        spot: Where it stands; takes down what is odd.
        notation: How the file writes joints.
        usual: Its joints, where they were read already and nothing is odd with them.
        whole_mask: Whether it is known already that its run lengths cover the image.
    """
    size = (image.width, image.height)
    joints = NO_JOINTS
    if category.map is not None and usual is not None:
        joints = ReadJoints(usual)
    elif category.map is not None:
        read = read_joints(
            element.get("keypoints"),
            category.map,
            spot,
            notation=notation,
            size=None if size[0] is None or size[1] is None else (size[0], size[1]),
            scale=image.scale,
        )
        if read is None:
            return None
        joints = read
    crowd = _crowd(element.get("iscrowd"), spot)
    apart = Apart.CROWD if crowd else None
    if apart is None and not joints.skeleton.num_keypoints:
        apart = Apart.NO_JOINTS
    if apart is not None:
        kind = Odd.CROWD if crowd else Odd.PERSON_WITHOUT_JOINTS
        if spot.odd(kind) is Answer.SKIP:
            return None
    return CocoAnnotation(
        id=annotation_id,
        image_id=image.id,
        skeleton=joints.skeleton,
        box=read_box(
            element.get("bbox"), image, spot, corners=notation.corner_boxes, own=notation.own
        ),
        area=_area(element.get("area"), image, spot),
        segmentation=whole_rle(element["segmentation"])
        if whole_mask
        else read_segmentation(element.get("segmentation"), image, spot),
        iscrowd=crowd,
        score=_score(element.get("score"), spot),
        joint_scores=joints.scores,
        category_id=category.id,
        role=category.role,
        apart=apart,
        provenance=_provenance(element, spot),
        members=kept_members(element),
    )


def _side(value: Any) -> int | None:
    if type(value) is float and value.is_integer():
        value = int(value)
    elif isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value[:12])
    return value if type(value) is int and 1 <= value <= _MAX_SIDE else None


def _crowd(value: Any, spot: Spot) -> bool:
    text = value.strip().casefold() if isinstance(value, str) else value
    if text in (0, 1, None):
        return bool(text)
    if text in ("0", "1", "true", "false"):
        return text in ("1", "true")
    spot.odd(Odd.CROWD_FLAG_UNREADABLE, ".iscrowd", shown(value))
    return False


def _area(value: Any, image: CocoImage, spot: Spot) -> float | None:
    if value is None:
        return None
    area = read_number(value)
    if area is None or area < 0:
        spot.odd(Odd.AREA_UNREADABLE, ".area", shown(value))
        return None
    return area * image.scale[0] * image.scale[1]


def _score(value: Any, spot: Spot) -> float | None:
    if value is None:
        return None
    score = read_number(value)
    if score is None:
        spot.odd(Odd.SCORE_UNREADABLE, ".score", shown(value))
    return score


def _provenance(element: Mapping[str, Any], spot: Spot) -> Mapping[str, Any]:
    value = element.get(NAMESPACE)
    if value is None and NAMESPACE not in element:
        return _NOTHING
    if isinstance(value, dict):
        return shared_provenance(value)
    spot.odd(Odd.ORIGIN_UNREADABLE, f".{NAMESPACE}", shown(value))
    return _NOTHING


def shared_provenance(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same members, as one object for all elements that have them alike."""
    try:
        shared = _shared(orjson.dumps(value))
    except (TypeError, RecursionError):
        return value
    return shared if shared == value else value


@lru_cache(maxsize=4096)
def _shared(text: bytes) -> Mapping[str, Any]:
    """An object that many elements have alike, kept once."""
    members: Mapping[str, Any] = orjson.loads(text)
    return members
