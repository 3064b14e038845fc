"""From the pixels of a COCO file to those of the product: which rule holds, and moving by it.

A file's joints count indices or continuous coordinates (``domain.pixels``), and of photographs that
Exif turns, stored or upright pixels (``domain.orientation``). What a file says of itself is used,
what its numbers and sizes tell is used and said, and what nothing tells is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain import masks
from backend.domain.keypoints import Joint, Skeleton, StoredSkeleton
from backend.domain.orientation import (
    LabelPixels,
    Orientation,
    upright_box,
    upright_mask,
    upright_points,
    upright_skeleton,
)
from backend.domain.pixels import KnownRule, PixelRule, RuleOrigin
from backend.domain.skeleton import N_JOINTS
from backend.publishing.formats.coco import (
    NAMESPACE,
    CocoAnnotation,
    CocoCategory,
    CocoImage,
    Rle,
)
from backend.publishing.formats.label_source import (
    ImageSource,
    PersonSource,
    Segmentation,
    kept_members,
)
from backend.publishing.labelled import AreaOf

_CATEGORY_MEMBERS: Final = frozenset(("keypoints", "skeleton"))

_MARKS: Final = np.repeat(np.arange(2, 3 * N_JOINTS, 3), 3)
"""Where the visibility stands that belongs to each of the 51 numbers of a skeleton."""

_RULES: Final = {
    PixelRule.INDEX: "pixel indices (0 is the centre of the first pixel)",
    PixelRule.CONTINUOUS: "continuous coordinates (0 is the outer corner of the first pixel)",
}


def declared_rule(info: Mapping[str, Any]) -> PixelRule | None:
    """The rule that a file declares; files of this product from before it did were continuous."""
    told = info.get(NAMESPACE)
    if not isinstance(told, Mapping):
        return None
    if told.get("pixels") in set(PixelRule):
        return PixelRule(told["pixels"])
    return PixelRule.CONTINUOUS if _ours(told) else None


def declared_labels(info: Mapping[str, Any]) -> LabelPixels | None:
    """UPRIGHT for files of this product, which turns images before anybody sees them."""
    told = info.get(NAMESPACE)
    return LabelPixels.UPRIGHT if isinstance(told, Mapping) and _ours(told) else None


def _ours(told: Mapping[str, Any]) -> bool:
    return "pixels" in told or "export_id" in told or "rendered" in told


def rule_in_words(known: KnownRule) -> str:
    """How the joints of a file are read, and why, for people."""
    what = _RULES[known.rule]
    match known.origin:
        case RuleOrigin.DECLARED:
            return f"Joints are {what}, as the file declares."
        case RuleOrigin.CHOSEN:
            return f"Joints are read as {what}, as was chosen."
        case RuleOrigin.FORMAT:
            return f"Joints are {what}, as this format has them."
        case RuleOrigin.RESULTS:
            return f"A list of results is read as COCO's joints: {what}."
        case RuleOrigin.WHOLE_NUMBERS:
            return f"Joints are whole numbers: they are read as {what}, as in COCO."
        case _:
            return (
                "Joints have decimals, and the file does not say what they are measured from:"
                f" they are read as {what}. If their 0 is the centre of the first pixel, say so."
            )


def placed(
    person: CocoAnnotation,
    image: CocoImage,
    category: CocoCategory | None,
    rule: PixelRule,
    file: str,
) -> CocoAnnotation:
    """A person in the product's pixels, with what the file said of it kept beside.

    Args:
        person: In the file's pixels.
        image: Its image, with how its labels are to be scaled and turned.
        category: Its category, if the file lists it.
        rule: What the joints count.
        file: Name of the file.
    """
    turn = image.orientation if image.labels is LabelPixels.STORED else Orientation.UPRIGHT
    # Labels of a turned image are read in its stored pixels; its size is of those.
    size = (image.width or 1, image.height or 1)
    skeleton = upright_skeleton(_inside(person.skeleton, rule, image.scale), turn, size)
    box = None if person.box is None else upright_box(person.box, turn, size)
    found = _plain(person)
    source = PersonSource(
        file=file,
        members=person.members,
        category=(category.members or None) if category else None,
        segmentation=found,
        box=box,
        area=person.area,
        crowd=person.iscrowd,
        placed=None if turn is Orientation.UPRIGHT else _turned(found, turn, size),
    )
    # By their places: a copy by name takes two thirds longer, for each of many people.
    return CocoAnnotation(
        person.id,
        person.image_id,
        skeleton,
        box,
        person.area,
        person.segmentation,
        person.iscrowd,
        person.score,
        person.joint_scores,
        person.category_id,
        person.role,
        person.apart,
        person.provenance,
        person.members,
        source.to_json(),
    )


def image_source(image: CocoImage, file: str) -> dict[str, Any]:
    """What the file said of an image, as the database keeps it."""
    return ImageSource(file, image.members, image.orientation, image.labels).to_json()


def category_members(element: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is kept of a category: everything but its joints."""
    return kept_members({k: v for k, v in element.items() if k not in _CATEGORY_MEMBERS})


def _inside(skeleton: Skeleton, rule: PixelRule, scale: tuple[float, float]) -> Skeleton:
    """Joints whose coordinates were scaled already, moved by the rule: half a pixel scales too."""
    if not rule.shift:
        return skeleton
    across, down = rule.shift * scale[0], rule.shift * scale[1]
    if isinstance(skeleton, StoredSkeleton):
        values = np.array(skeleton.values, dtype=np.float64)
        values += _moves(across, down) * (values[_MARKS] != 0)
        return StoredSkeleton(values)
    return Skeleton(
        tuple(
            Joint(j.x + across, j.y + down, j.visibility) if j.present else j
            for j in skeleton.joints
        )
    )


@lru_cache(maxsize=64)
def _moves(across: float, down: float) -> NDArray[np.float64]:
    """By how much each of the 51 numbers of a skeleton moves."""
    return np.tile([across, down, 0.0], N_JOINTS)


def _plain(person: CocoAnnotation) -> Segmentation | None:
    """The person's mask; a file of this product marks outlines that only stand for a box."""
    found = person.segmentation
    if found is None or person.provenance.get("area_of") == AreaOf.BOX.value:
        return None
    if isinstance(found, Rle):
        return masks.Rle(size=[found.height, found.width], counts=found.counts)
    return found


def _turned(
    found: Segmentation | None, turn: Orientation, size: tuple[int, int]
) -> Segmentation | None:
    if found is None:
        return None
    if isinstance(found, dict):
        return masks.encode(np.ascontiguousarray(upright_mask(masks.decode(found), turn)))
    return tuple(
        tuple(upright_points(np.reshape(outline, (-1, 2)), turn, size).ravel().tolist())
        for outline in found
    )
