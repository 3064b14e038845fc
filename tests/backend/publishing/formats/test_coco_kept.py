"""Annotations that wait on disk for the second look at them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.publishing.formats.coco_kept import BLOCK, KeptAnnotations, blocks_of
from tests.backend.publishing.formats.test_coco_usual import USUAL, changes, left_out


def kept(elements: list[Any]) -> KeptAnnotations:
    found = KeptAnnotations()
    for block in blocks_of(iter(elements)):
        found.add(block)
    return found


def in_order(blocks: KeptAnnotations) -> list[Any]:
    """All annotations as they stood in the file."""
    found: list[Any] = []
    for block in blocks:
        placed = dict(zip(block.places, block.others, strict=True))
        if block.alike is not None:
            of_alike = map(block.alike.element, range(len(block.alike)))
            placed |= zip(block.alike.places, of_alike, strict=True)
        found += [placed[place] for place in range(block.size)]
    return found


def usual(key: int) -> dict[str, Any]:
    return {"id": key, "image_id": 1, "category_id": 1, "keypoints": [key, 0.1, 2] * 17}


def test_annotations_come_back_as_they_were_whatever_they_hold():
    odd: list[Any] = [None, 3, "\ud800", [1], {"keypoints": "x"}, {"keypoints": [2**70, 0, 1]}]
    many = [usual(i) for i in range(2 * BLOCK)]
    found = kept([*many, *odd])
    assert in_order(found) == [*many, *odd]
    first, second, last = (block.alike for block in found)
    assert first is not None
    assert second is not None
    assert last is None
    assert np.array_equal(second.numbers, [usual(BLOCK + i)["keypoints"] for i in range(BLOCK)])


def test_those_that_are_odd_stand_among_the_others_and_keep_their_joints():
    odd = usual(2) | {"note": [1]}
    (block,) = kept([usual(1), odd, usual(3), 4])
    assert block.alike is not None
    assert (block.alike.places, block.places) == ([0, 2], [1, 3])
    ((chosen, numbers),) = block.rows
    assert chosen == [0]
    assert np.array_equal(numbers, [odd["keypoints"]])


@given(st.lists(st.tuples(changes, left_out), max_size=4))
def test_annotations_come_back_number_for_number_and_in_the_order_of_their_members(changed):
    elements = [
        {name: value for name, value in (USUAL | change).items() if name not in missing}
        for change, missing in changed
    ]
    assert repr(in_order(kept(elements))) == repr(elements)


def test_what_is_nested_too_deeply_to_be_written_is_kept_all_the_same():
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    first, second, third = {"id": 1}, {"id": 2, "note": deep}, {"id": 3}
    elements = [*[first] * BLOCK, *[second] * BLOCK, third]

    found = in_order(kept(elements))

    assert [element["id"] for element in found] == [1] * BLOCK + [2] * BLOCK + [3]
    assert found[BLOCK]["note"] is deep
