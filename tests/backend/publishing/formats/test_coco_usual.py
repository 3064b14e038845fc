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
from backend.domain.pixels import PixelRule
from backend.publishing.formats.coco import NAMESPACE, CocoChoices
from backend.publishing.formats.coco_blocks import look_at
from backend.publishing.formats.coco_elements import read_annotation
from backend.publishing.formats.coco_kept import Block, blocks_of
from backend.publishing.formats.coco_places import placed
from backend.publishing.formats.coco_reader import CocoFile
from backend.publishing.formats.coco_usual import Placing
from backend.publishing.formats.findings import Findings, Spot

_MASK = masks.encode(np.pad(np.ones((40, 30), dtype=bool), ((5, 15), (10, 40))))
_USUAL: dict[str, Any] = {
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
left_out = st.sets(st.sampled_from(sorted(_USUAL)), max_size=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("coco")


def _file(folder: Path, elements: list[Any], *, own: bool) -> CocoFile:
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
        "annotations": [_USUAL | {"id": 1}, *elements],
    }  # fmt: skip
    path.write_text(json.dumps(text))
    return CocoFile(path, choices=CocoChoices(infant="infant"), findings=Findings(refusing=False))


def _block(element: Any) -> Block:
    (block,) = blocks_of(iter([element]))
    return block


@settings(max_examples=150, deadline=None)
@given(changes, left_out, st.booleans())
def test_whoever_is_read_at_once_is_as_if_read_singly(folder, change, missing, own):
    element = {k: v for k, v in _USUAL.items() if k not in missing} | copy.deepcopy(change)
    file = _file(folder, [element], own=own)
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
    elements = [_USUAL | {"id": 10 + i} | change for i, change in enumerate(changed)]
    file = _file(folder, elements, own=own)
    moved = list(file.people(rule=rule))
    people = list(_file(folder, elements, own=own).people())
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


def test_an_annotation_as_most_are_is_read_at_once(folder):
    for element in (_USUAL, _USUAL | {NAMESPACE: {"area_of": "mask"}, "score": 0.5}):
        file = _file(folder, [element], own=False)
        placing = Placing(PixelRule.INDEX, "f")
        usual = look_at(_block(element), file.head, file.head.images, placing).usual
        assert len(usual) == 1
        assert usual.person(0).source is not None
