"""Outlines are filled pixel for pixel as pycocotools does it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.outlines import mask_of, rectangle_of

sides = st.integers(1, 40)
numbers = st.one_of(
    st.floats(-60, 90, allow_nan=False, width=32),
    st.integers(-20, 60).map(float),
    st.integers(-40, 120).map(lambda n: n / 2),
)
outlines = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9).map(
    lambda corners: [value for corner in corners for value in corner]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(outlines, min_size=1, max_size=3), sides, sides)
def test_a_mask_of_outlines_is_that_of_pycocotools(
    polygons: list[list[float]], width: int, height: int
) -> None:
    theirs = coco.decode(coco.merge(coco.frPyObjects(polygons, height, width))).astype(bool)
    assert np.array_equal(mask_of(polygons, width, height), theirs)


def test_the_outline_of_a_box_fills_its_pixels() -> None:
    outline = rectangle_of(Box(2, 3, 4, 5))
    mask = mask_of([outline], 10, 12)
    assert mask.sum() == 20
    assert mask[3:8, 2:6].all()


@pytest.mark.parametrize(
    "outline",
    [[0, 0, 5, 5], [0, 0, 5, 5, 1], [0, 0, float("nan"), 1, 2, 2], [0, 0, 9e9, 1, 2, 2],
     [0, 0, 9e7, 1, -9e7, 2]],
)  # fmt: skip
def test_an_outline_that_cannot_be_filled_is_refused(outline: list[float]) -> None:
    with pytest.raises(InvalidInput, match="outline"):
        mask_of([outline], 10, 10)
