"""Annotations that wait on disk for the second look at them."""

from __future__ import annotations

from typing import Any

import numpy as np

from backend.publishing.formats.coco_kept import BLOCK, KeptAnnotations, blocks_of


def kept(elements: list[Any]) -> KeptAnnotations:
    found = KeptAnnotations()
    for block in blocks_of(iter(elements)):
        found.add(block)
    return found


def test_annotations_come_back_as_they_were_whatever_they_hold():
    odd: list[Any] = [None, 3, "\ud800", [1], {"keypoints": "x"}, {"keypoints": [2**70, 0, 1]}]
    usual = [{"id": i, "keypoints": [i, 0.1, 2] * 17} for i in range(2 * BLOCK)]
    blocks = list(kept([*usual, *odd]))

    assert [element for block in blocks for element in block.elements] == [*usual, *odd]
    (chosen, numbers), *others = blocks[1].rows
    assert (chosen, others) == (list(range(BLOCK)), [])
    assert np.array_equal(numbers, [usual[BLOCK + i]["keypoints"] for i in range(BLOCK)])


def test_what_is_nested_too_deeply_to_be_written_is_kept_all_the_same():
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    first, second, third = {"id": 1}, {"id": 2, "note": deep}, {"id": 3}
    elements = [*[first] * BLOCK, *[second] * BLOCK, third]

    found = [element for block in kept(elements) for element in block.elements]

    assert [element["id"] for element in found] == [1] * BLOCK + [2] * BLOCK + [3]
    assert found[BLOCK]["note"] is deep
