"""People who are read many at once are those that are read singly."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain import masks
from backend.domain.pixels import PixelRule, joints_outside
from backend.publishing.formats.coco import NAMESPACE, CocoChoices, CocoImage
from backend.publishing.formats.coco_blocks import look_at
from backend.publishing.formats.coco_elements import read_annotation, read_image, usual_image
from backend.publishing.formats.coco_kept import Block, blocks_of
from backend.publishing.formats.coco_places import placed
from backend.publishing.formats.coco_reader import CocoFile
from backend.publishing.formats.coco_shapes import is_corners, told_corners
from backend.publishing.formats.coco_usual import Placing
from backend.publishing.formats.findings import Findings, Spot

_MASK = masks.encode(np.pad(np.ones((40, 30), dtype=bool), ((5, 15), (10, 40))))
USUAL: dict[str, Any] = {
    "id": 5,
    "image_id": 1,
    "category_id": 1,
    "keypoints": [number for i in range(17) for number in (10.5 + i, 20.25 + i, 2 - i % 2)],
    "num_keypoints": 17,
    "bbox": [5.5, 6, 40, 50.25],
    "area": 2000.5,
    "iscrowd": 0,
    "segmentation": {"size": [60, 80], "counts": _MASK["counts"]},
}
_VALUES: dict[str, list[Any]] = {
    "id": [7, "8", 9.0, None, 2**63, -3, True],
    "image_id": [1, 2, 3, "1", None, 1.0, True],
    "category_id": [1, 2, 3, "1", None],
    "keypoints": [
        [], None, [0] * 51, [0.25, 0.25, 2] * 17, [3, 4, 2] + [0] * 48, [1, 2], [1e12] * 51,
    ],
    "bbox": [
        None, [], [0, 0, 0, 0], [20, 20, 70, 55], [1, 2, 3], [1, 2, -3, 4], [1, 2, 3, "4"],
        [1e300, 0, 1, 1], [2**70, 0, 1, 1], [True, 1, 2, 3], {},
    ],
    "area": [None, -1, 0, 5, "5", 1e300],
    "iscrowd": [0, 1, None, False, True, "0", "1", 0.0, [], {}],
    "score": [None, 0.5, -2, 7, "0.5", 1e300],
    "segmentation": [
        None, [], {}, [[1, 1, 5, 1, 5, 5]], [1, 1, 5, 1, 5, 5], {"size": [60, 80], "counts": "x"},
        {"size": [80, 60], "counts": _MASK["counts"]}, "mask",
    ],
    NAMESPACE: [None, {}, {"area_of": "box"}, {"area_of": "mask", "frame": 3}, [], {"a": "\0"}],
    "note": ["kept", {"nested": [1, None]}, "\0"],
}  # fmt: skip

_NOTHING: list[Any] = [None, [], {}, "", 0, False, 0.0, -0.0]
for _values in _VALUES.values():
    _values += [value for value in _NOTHING if repr(value) not in map(repr, _values)]

changes = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in _VALUES.items()})
left_out = st.sets(st.sampled_from(sorted(USUAL)), max_size=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("coco")


def coco_file(folder: Path, elements: list[Any], *, own: bool) -> CocoFile:
    path = folder / "people.json"
    sizes = {1: (80, 60), 2: (None, None), 3: (50, 50)}
    text = {
        "info": {NAMESPACE: {"pixels": "index"}} if own else {},
        "images": [
            {"id": key, "file_name": f"{key}.jpg", "width": w, "height": h}
            for key, (w, h) in sizes.items()
        ],
        "categories": [
            {"id": 1, "name": "infant"}, {"id": 2, "name": "dog"}, {"id": 3, "name": "adult"},
        ],
        "annotations": [USUAL | {"id": 1}, *elements],
    }  # fmt: skip
    path.write_text(json.dumps(text))
    return CocoFile(path, choices=CocoChoices(infant="infant"), findings=Findings(refusing=False))


def _block(element: Any) -> Block:
    (block,) = blocks_of(iter([element]))
    return block


@settings(max_examples=150, deadline=None)
@given(changes, left_out, st.booleans())
def test_whoever_is_read_at_once_is_as_if_read_singly(folder, change, missing, own):
    element = {k: v for k, v in USUAL.items() if k not in missing} | copy.deepcopy(change)
    file = coco_file(folder, [element], own=own)
    usual = look_at(_block(element), file.head, file.head.images).usual
    if not len(usual):
        return
    at_once = usual.person(0)
    findings = Findings(refusing=False)
    image, category = (
        file.head.images[element["image_id"]],
        file.head.categories[element["category_id"]],
    )
    spot = Spot(findings, "annotations[1]")
    singly = read_annotation(element, element["id"], image, category, spot, file.head.notation)
    assert at_once == singly
    assert not list(findings)


@settings(max_examples=60, deadline=None)
@given(st.lists(changes, max_size=4), st.sampled_from(PixelRule), st.booleans())
def test_people_read_in_the_products_pixels_are_those_that_are_moved_afterwards(
    folder, changed, rule, own
):
    elements = [USUAL | {"id": 10 + i} | change for i, change in enumerate(changed)]
    file = coco_file(folder, elements, own=own)
    moved = list(file.people(rule=rule))
    people = list(coco_file(folder, elements, own=own).people())
    assert moved == [
        placed(
            person,
            file.head.images[person.image_id],
            file.head.categories.get(person.category_id or 0),
            rule,
            file.name,
        )
        for person in people
    ]


_NUMBERS = st.sampled_from([0, -3, 1, 20, 49.5, 50, 51, 60, 80, 82, 90, 1e300, 2**63, 2**70])


@given(
    st.lists(
        st.one_of(
            st.lists(_NUMBERS, min_size=4, max_size=4), st.sampled_from(_VALUES["bbox"])
        ),
        max_size=6,
    ),
    st.sampled_from([(80, 60), (None, None), (50, 50)]),
)  # fmt: skip
def test_boxes_looked_at_together_tell_of_corners_as_each_does(boxes, size):
    image = CocoImage(1, "1.jpg", *size)
    singly = [is_corners(box, image) for box in boxes]
    told = told_corners(boxes, [image] * len(boxes))
    assert told == {True: singly.count(True), False: singly.count(False)}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.sampled_from(_VALUES["id"]),
            "file_name": st.sampled_from(["a.jpg", "", " ", None, 3, "\0"]),
            "name": st.sampled_from(["b.jpg"]),
            "width": st.sampled_from([80, 80.0, "80", 0, 1, 10**6, 10**6 + 1, True, None]),
            "height": st.sampled_from([60, None]),
            NAMESPACE: st.sampled_from(_VALUES[NAMESPACE]),
            "keypoints": st.just([1, 2]),
            "note": st.sampled_from(_VALUES["note"]),
        },
    )
)
def test_an_image_as_most_are_is_as_if_read_with_words(element):
    at_once = usual_image(element)
    findings = Findings(refusing=False)
    with_words = read_image(element, Spot(findings, "images[0]"))
    if at_once is None:
        usual = {"id": 1, "file_name": "a.jpg", "width": 80, "height": 60}
        assert any(element.get(name) != value for name, value in usual.items())
        return
    assert at_once == with_words
    assert not list(findings)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-90, 90), st.floats(-90, 90), st.booleans()), min_size=17,
             max_size=17),
    st.sampled_from([(80, 60), (0, 0), (50, 50)]),
)  # fmt: skip
def test_joints_beyond_the_border_are_counted_of_many_as_of_one(folder, joints, size):
    keypoints = [n for x, y, there in joints for n in ((x, y, 2) if there else (0, 0, 0))]
    keypoints[:3] = [3, 4, 2]
    element = USUAL | {"keypoints": keypoints}
    file = coco_file(folder, [], own=True)
    usual = look_at(_block(element), file.head, file.head.images).usual
    if len(usual):
        beyond = usual.joints_outside(np.array([size], dtype=float)).tolist()
        assert beyond == [len(joints_outside(usual.person(0).skeleton, *size))]


def test_an_annotation_as_most_are_is_read_at_once(folder):
    for element in (USUAL, USUAL | {NAMESPACE: {"area_of": "mask"}, "score": 0.5}):
        file = coco_file(folder, [element], own=False)
        placing = Placing(PixelRule.INDEX, "f")
        usual = look_at(_block(element), file.head, file.head.images, placing).usual
        assert len(usual) == 1
        assert usual.person(0).source is not None


def test_of_images_that_are_not_used_nobody_is_read(folder):
    file = coco_file(folder, [USUAL], own=False)
    assert list(file.people({}, rule=PixelRule.INDEX)) == []
