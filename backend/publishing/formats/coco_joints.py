"""The joints of one COCO annotation, whatever skeleton and notation they come in.

COCO writes x, y, v for each joint; v is 0 for a joint that is not labelled, 1 for one that is
placed but not seen, 2 for one that is seen. Models write a score in its place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, StoredSkeleton, Visibility
from backend.domain.limits import LOW_SCORE
from backend.domain.oddities import Answer, Odd
from backend.domain.skeleton import JOINTS
from backend.domain.skeleton_maps import SkeletonMap
from backend.publishing.formats.findings import Spot, shown

MAX_COORDINATE: Final = 1e9
"""Whatever lies farther out, in pixels, is no place."""
_PART: Final = ".keypoints"
_NUMBERS: Final = {int, float}
_MIN_RELATIVE: Final = 3
"""So many joints must lie between 0 and 1 before they are taken for shares of the image."""


@dataclass(frozen=True, slots=True)
class ReadJoints:
    """The joints of one annotation.

    Attributes:
        skeleton: In COCO's order.
        scores: Confidences in COCO's order, where the file has scores in the place of visibility.
    """

    skeleton: Skeleton
    scores: tuple[float, ...] | None = None


NO_JOINTS: Final = ReadJoints(Skeleton.empty())


@dataclass(frozen=True, slots=True)
class Notation:
    """How a file writes joints and boxes.

    Attributes:
        scores: A list of results: the third value is a score unless all are 0, 1 and 2.
        occluded_is_seen: 1 is read as visible, because no joint of the file has a 2.
        corner_boxes: Boxes are two corners, because some can be nothing else, and none is surely a
            corner and a size.
        own: The product wrote the file: a joint at (0, 0) is in the first pixel, not missing.
    """

    scores: bool = False
    occluded_is_seen: bool = False
    corner_boxes: bool = False
    own: bool = False


def triple_count(values: Any) -> int:
    """How many joints a ``keypoints`` member has, by its length alone; 0 where that is unclear."""
    if not isinstance(values, list):
        return 0
    if values and all(isinstance(value, list) for value in values):
        return len(values)
    return len(values) // 3 if len(values) % 3 == 0 else 0


def read_joints(
    values: Any,
    skeleton: SkeletonMap,
    spot: Spot,
    *,
    notation: Notation | None = None,
    size: tuple[int, int] | None = None,
    scale: tuple[float, float] = (1.0, 1.0),
) -> ReadJoints | None:
    """Read a ``keypoints`` member.

    Args:
        values: The member.
        skeleton: What its joints are.
        spot: Where it stands; takes down what is odd.
        notation: How the file writes joints.
        size: Width and height of the image in pixels, where they are known.
        scale: What x and y are multiplied by.

    Returns:
        The joints; None where the annotation is left out.
    """
    notation = notation or Notation()
    if values is None or values == []:
        return NO_JOINTS
    if (usual := _usual(values, skeleton, notation, size, scale)) is not None:
        return ReadJoints(usual)
    flat = _flattened(values, len(skeleton.joints), spot)
    if flat is None:
        return None
    if not all(type(n) in _NUMBERS and -MAX_COORDINATE <= n <= MAX_COORDINATE for n in flat):
        flat = [_number(flat, i, spot) for i in range(len(flat))]
    triples = list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))
    scored = _scored([v for _, _, v in triples], notation, spot)
    placed: list[tuple[float, float, Visibility, float] | None] = []
    for i, (x, y, v) in enumerate(triples):
        seen = _visibility(v, i, skeleton, spot, notation, scored)
        gone = seen is None or x is None or y is None
        if not gone and (x, y) == (0, 0) and not notation.own:
            gone = _missing(i, v, skeleton, spot)
        placed.append(None if gone or seen is None else (float(x), float(y), *seen))
    if size is not None and _looks_relative([joint for joint in placed if joint], size):
        if spot.odd(Odd.JOINTS_RELATIVE, _PART, shown(flat[:6])) is Answer.SKIP:
            return None
        scale = (float(size[0]), float(size[1]))
    joints = [ABSENT_JOINT] * len(JOINTS)
    scores = [0.0] * len(JOINTS)
    for target, source in enumerate(skeleton.sources):
        joint = None if source is None else placed[source]
        if joint is not None:
            x, y, visibility, score = joint
            joints[target] = Joint(x * scale[0], y * scale[1], visibility)
            scores[target] = score
    return ReadJoints(Skeleton(tuple(joints)), tuple(scores) if scored else None)


def number_rows(values: Sequence[Any]) -> list[tuple[list[int], NDArray[np.float64]]]:
    """``keypoints`` members that are plain lists of numbers, as arrays of those of one length.

    Returns:
        Which of the members, and (members, 3 n) their numbers.
    """
    by_length: dict[int, list[int]] = {}
    lists = [i for i, joints in enumerate(values) if type(joints) is list and joints]
    # All of them are asked at once first: nearly always there is nothing else in them.
    all_numbers = set(map(type, chain.from_iterable(values[i] for i in lists))) <= _NUMBERS
    for i in lists:
        joints = values[i]
        if len(joints) % 3 == 0 and (all_numbers or set(map(type, joints)) <= _NUMBERS):
            by_length.setdefault(len(joints), []).append(i)
    rows = []
    for chosen in by_length.values():
        try:
            rows.append((chosen, np.array([values[i] for i in chosen], dtype=np.float64)))
        except OverflowError:
            continue
    return rows


def usual_joints(
    numbers: NDArray[np.float64],
    skeleton: SkeletonMap,
    notation: Notation,
    sized: NDArray[np.bool_],
    scales: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Joints of many people, of whom most are as usual.

    Args:
        numbers: (people, 3 n) as the file writes them.
        skeleton: What their joints are.
        notation: How the file writes joints.
        sized: (people,) whether the size of the image is known.
        scales: (people, 2) what x and y are multiplied by.

    Returns:
        (people,) in whose joints nothing is odd, the others are to be looked at singly; and
        (people, 51) their joints in COCO's order.
    """
    x, y, v = numbers[:, 0::3], numbers[:, 1::3], numbers[:, 2::3]
    present = v != 0
    clear = ((v == 1) | (v == 2) | ~present).all(axis=1)
    clear &= (np.abs(numbers) <= MAX_COORDINATE).all(axis=1)
    if notation.scores:
        clear &= (v == 2).any(axis=1)
    if not notation.own:
        clear &= ~(present & (x == 0) & (y == 0)).any(axis=1)
    small = present & (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
    clear &= ~sized | (np.count_nonzero(small, axis=1) < _MIN_RELATIVE)
    if notation.occluded_is_seen:
        v = np.where(present, 2.0, 0.0)
    read = np.stack([x * scales[:, :1], y * scales[:, 1:], v], axis=2)
    read[~present] = 0.0
    joints = np.zeros((len(numbers), len(JOINTS), 3))
    placed = [target for target, source in enumerate(skeleton.sources) if source is not None]
    joints[:, placed] = read[:, [source for source in skeleton.sources if source is not None]]
    return clear, joints.reshape(len(numbers), 3 * len(JOINTS))


def _usual(
    values: Any,
    skeleton: SkeletonMap,
    notation: Notation,
    size: tuple[int, int] | None,
    scale: tuple[float, float],
) -> Skeleton | None:
    """Joints with which nothing is odd, all at once; None where they are to be looked at singly."""
    rows = number_rows([values])
    if not rows or rows[0][1].shape[1] != 3 * len(skeleton.joints):
        return None
    sized = np.array([size is not None])
    clear, joints = usual_joints(rows[0][1], skeleton, notation, sized, np.array([scale]))
    return StoredSkeleton(joints[0]) if clear[0] else None


def _flattened(values: Any, count: int, spot: Spot) -> list[Any] | None:
    """One list of three numbers a joint, or None where the annotation is left out."""
    if isinstance(values, list) and all(
        isinstance(value, list) and len(value) in (2, 3) for value in values
    ):
        if spot.odd(Odd.JOINTS_NESTED, _PART, shown(values[0])) is Answer.SKIP:
            return None
        if len({len(value) for value in values}) == 1:
            values = [number for value in values for number in value]
    if not isinstance(values, list):
        spot.odd(Odd.JOINTS_WRONG_LENGTH, _PART, f"{shown(values)} is not a list of numbers")
        return None
    if len(values) == 3 * count:
        return values
    if len(values) == 2 * count:
        if spot.odd(Odd.JOINTS_WITHOUT_VISIBILITY, _PART, f"{len(values)} numbers") is Answer.SKIP:
            return None
        pairs = zip(values[::2], values[1::2], strict=True)
        return [number for x, y in pairs for number in (x, y, 0 if (x, y) == (0, 0) else 2)]
    spot.odd(
        Odd.JOINTS_WRONG_LENGTH, _PART, f"{len(values)} numbers, {count} joints have {3 * count}"
    )
    return None


def _number(values: Sequence[Any], index: int, spot: Spot) -> Any:
    """A finite number, True or False in the place of visibility, or None."""
    value = values[index]
    kind = type(value)
    if kind is bool and index % 3 == 2:
        return value
    if kind in _NUMBERS and -MAX_COORDINATE <= value <= MAX_COORDINATE:
        return value
    part = f"{_PART}[{index}]"
    if kind is str:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if -MAX_COORDINATE <= number <= MAX_COORDINATE:
            mapped = spot.odd(Odd.JOINT_AS_TEXT, part, shown(value)) is Answer.MAP
            return number if mapped else None
    # A joint that is marked as not labelled needs no place.
    unlabelled = values[index - index % 3 + 2]
    if index % 3 == 2 or not (type(unlabelled) in _NUMBERS and unlabelled == 0):
        spot.odd(Odd.JOINT_NOT_A_NUMBER, part, shown(value))
    return None


def _scored(values: Sequence[Any], notation: Notation, spot: Spot) -> bool:
    """Whether the third values of an annotation are scores."""
    numbers = [value for value in values if type(value) in _NUMBERS]
    if notation.scores:
        return not (2 in numbers and all(value in (0, 1, 2) for value in numbers))
    score = next((value for value in numbers if 0 < value < 1), None)
    if score is None:
        return False
    return spot.odd(Odd.VISIBILITY_SCORE, _PART, f"{score:g}") is Answer.MAP


def _visibility(
    value: Any, index: int, skeleton: SkeletonMap, spot: Spot, notation: Notation, scored: bool
) -> tuple[Visibility, float] | None:
    """What a third value says, with a score; None for a joint that is absent."""
    if value is None:
        return None
    if type(value) is bool:
        kind = Odd.VISIBILITY_BOOLEAN if value else Odd.VISIBILITY_UNKNOWN
        seen = (Visibility.VISIBLE, 1.0) if value else (Visibility.OCCLUDED, 0.0)
        return seen if _mapped(kind, value, index, skeleton, spot) else None
    if value == 0:
        return None
    if scored and value > 0:
        score = min(float(value), 1.0)
        return (Visibility.VISIBLE if value >= LOW_SCORE else Visibility.OCCLUDED), score
    if value == 2:
        return Visibility.VISIBLE, 1.0
    if value == 1:
        return (Visibility.VISIBLE if notation.occluded_is_seen else Visibility.OCCLUDED), 1.0
    if 0 < value < 1 or (scored and value < 0):
        return None  # Told by VISIBILITY_SCORE; a negative score says that nothing was found.
    mapped = _mapped(Odd.VISIBILITY_UNKNOWN, value, index, skeleton, spot)
    return (Visibility.OCCLUDED, 0.0) if mapped else None


def _mapped(kind: Odd, value: Any, index: int, skeleton: SkeletonMap, spot: Spot) -> bool:
    detail = f"{shown(value)} of {skeleton.joints[index]}"
    return spot.odd(kind, f"{_PART}[{3 * index + 2}]", detail) is Answer.MAP


def _missing(index: int, mark: Any, skeleton: SkeletonMap, spot: Spot) -> bool:
    """Whether a joint at exactly (0, 0) is taken for one that is not labelled."""
    detail = f"{skeleton.joints[index]} with {shown(mark)}"
    return spot.odd(Odd.JOINT_AT_CORNER, f"{_PART}[{3 * index}]", detail) is Answer.MAP


def _looks_relative(
    placed: Sequence[tuple[float, float, Visibility, float]], size: tuple[int, int]
) -> bool:
    return (
        len(placed) >= _MIN_RELATIVE
        and min(size) > 4
        and all(0 <= x <= 1 and 0 <= y <= 1 for x, y, _, _ in placed)
    )
