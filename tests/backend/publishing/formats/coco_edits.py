"""Edits of the small COCO file, and reading what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.domain.oddities import Answer, Answers, Odd
from backend.publishing.formats.coco import CocoChoices, CocoDataset
from backend.publishing.formats.coco_reader import read_coco

Edit = Callable[[dict[str, Any]], object]


def first(data):
    return data["annotations"][0]


def read(path: Path, *answers: tuple[Odd, Answer], **choices: Any) -> CocoDataset:
    return read_coco(path, choices=CocoChoices(Answers(dict(answers)), **choices))


def person(dataset: CocoDataset):
    (found,) = dataset.candidates[7]
    return found


def odd(dataset: CocoDataset) -> dict[Odd, int]:
    return {found.kind: found.count for found in dataset.findings}


def kp(index: int, value: Any) -> Edit:
    return lambda d: first(d)["keypoints"].__setitem__(index, value)


def change(**members: Any) -> Edit:
    return lambda d: first(d).update(members)


def again(**members: Any) -> Edit:
    return lambda d: d["annotations"].append({**first(d), **members})


def image(index: int, **members: Any) -> Edit:
    return lambda d: d["images"][index].update(members)


def category(**members: Any) -> Edit:
    return lambda d: d["categories"][0].update(members)


ZEROS = [0] * 51


PAIRS = [float(10 + i // 2) for i in range(34)]


LEFT_OUT: dict[str, tuple[Edit, Odd, str]] = {
    "48 numbers": (change(keypoints=[1] * 48), Odd.JOINTS_WRONG_LENGTH, "48 numbers, 17 joints"),
    "an object of joints": (change(keypoints={"nose": 1}), Odd.JOINTS_WRONG_LENGTH, "not a list"),
    "pairs": (change(keypoints=PAIRS), Odd.JOINTS_WITHOUT_VISIBILITY, "34 numbers"),
    "shares of the image": (
        change(keypoints=[0.5, 0.25, 2] * 17), Odd.JOINTS_RELATIVE, "0.5"),
    "an image that is not listed": (change(image_id=8), Odd.ANNOTATION_WITHOUT_IMAGE, "8"),
    "no image at all": (change(image_id=None), Odd.ANNOTATION_WITHOUT_IMAGE, "None"),
    "an unknown category": (change(category_id=3), Odd.CATEGORY_UNKNOWN, "no category 3"),
    "a number among annotations": (
        lambda d: d.update(annotations=[5]), Odd.ANNOTATION_UNREADABLE, "5 is not an object"),
    "joints of nobody known": (
        category(keypoints=["a"] * 15), Odd.SKELETON_UNKNOWN, "15 joints (a, a,"),
    "another skeleton without names": (
        lambda d: (d["categories"][0].pop("keypoints"), change(keypoints=[9, 9, 2] * 14)(d)),
        Odd.SKELETON_BY_COUNT, "CrowdPose, 14 joints"),
}  # fmt: skip


JOINTS_LOST: dict[str, tuple[Edit, Odd, list[int]]] = {
    "NaN": (kp(4, math.nan), Odd.JOINT_NOT_A_NUMBER, [1]),
    "infinity": (kp(3, math.inf), Odd.JOINT_NOT_A_NUMBER, [1]),
    "null": (kp(0, None), Odd.JOINT_NOT_A_NUMBER, [0]),
    "text": (kp(49, "left"), Odd.JOINT_NOT_A_NUMBER, [16]),
    "true for a place": (kp(0, True), Odd.JOINT_NOT_A_NUMBER, [0]),
    "a list in a list": (kp(0, [1]), Odd.JOINT_NOT_A_NUMBER, [0]),
    "no visibility": (kp(2, None), Odd.JOINT_NOT_A_NUMBER, [0]),
    "an endless number": (kp(0, 10**400), Odd.JOINT_NOT_A_NUMBER, [0]),
    "visibility 3": (kp(5, 3), Odd.VISIBILITY_UNKNOWN, [1]),
    "visibility -1": (kp(5, -1), Odd.VISIBILITY_UNKNOWN, [1]),
    "visibility 1.5": (kp(5, 1.5), Odd.VISIBILITY_UNKNOWN, [1]),
    "visibility false": (kp(5, False), Odd.VISIBILITY_UNKNOWN, [1]),
    "labelled in the corner": (
        lambda d: first(d)["keypoints"].__setitem__(slice(0, 2), [0, 0]),
        Odd.JOINT_AT_CORNER, [0]),
}  # fmt: skip


SHAPES: dict[str, tuple[Edit, Odd]] = {
    "infinity in a box": (change(bbox=[0, math.inf, 5, 5]), Odd.BOX_UNREADABLE),
    "a box of three": (change(bbox=[1, 2, 3]), Odd.BOX_UNREADABLE),
    "a box of words": (change(bbox=["a", 1, 1, 1]), Odd.BOX_UNREADABLE),
    "a negative box": (change(bbox=[60, 60, -20, -30]), Odd.BOX_NEGATIVE),
    "two corners": (change(bbox=[90, 90, 600, 450]), Odd.BOX_AS_CORNERS),
}
