"""All eight orientations: coordinates, boxes and masks turn as the pixels do."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.boxes import Box
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.orientation import (
    LabelPixels,
    Orientation,
    label_pixels,
    upright_box,
    upright_mask,
    upright_points,
    upright_skeleton,
)
from worker.media.pixels import upright

orientations = st.sampled_from(Orientation)


@given(orientations, st.integers(1, 30), st.integers(1, 30), st.data())
def test_a_point_stays_on_the_pixel_that_it_was_on(
    orientation: Orientation, width: int, height: int, data: st.DataObject
) -> None:
    column, row = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    stored = np.zeros((height, width), np.uint8)
    stored[row, column] = 255
    seen = upright(stored, orientation)
    point = upright_points((column + 0.25, row + 0.75), orientation, (width, height))
    assert orientation.upright_size((width, height)) == seen.shape[::-1]
    x, y = np.floor(point).astype(int)
    assert seen[y, x] == 255


@given(orientations, st.integers(1, 12), st.integers(1, 12), st.randoms(use_true_random=False))
def test_a_mask_turns_as_its_picture_does(
    orientation: Orientation, width: int, height: int, random: Random
) -> None:
    mask = np.random.default_rng(int(random.random() * 2**32)).random((height, width)) < 0.5
    assert np.array_equal(
        upright_mask(mask, orientation), upright(mask.astype(np.uint8), orientation).astype(bool)
    )


@pytest.mark.parametrize("orientation", Orientation)
def test_a_box_covers_the_same_pixels_after_turning(orientation: Orientation) -> None:
    mask = np.zeros((30, 40), dtype=bool)
    mask[5:12, 7:21] = True
    box = upright_box(Box(7, 5, 14, 7), orientation, (40, 30))
    rows, columns = np.nonzero(upright_mask(mask, orientation))
    assert (box.x, box.y) == (columns.min(), rows.min())
    assert (box.width, box.height) == (np.ptp(columns) + 1, np.ptp(rows) + 1)


def test_names_and_visibility_of_joints_stay_and_absent_ones_have_no_place() -> None:
    joints = (Joint(60.5, 40.5, Visibility.OCCLUDED), *(Joint(0, 0, Visibility.ABSENT),) * 16)
    turned = upright_skeleton(Skeleton(joints), Orientation.ROTATE_90_CLOCKWISE, (400, 300))
    assert turned.joints[0] == Joint(259.5, 60.5, Visibility.OCCLUDED)
    assert turned.joints[1:] == joints[1:]


@pytest.mark.parametrize(
    ("orientation", "stored", "said", "reach", "expected"),
    [
        (1, (400, 300), (400, 300), (390, 290), LabelPixels.UPRIGHT),
        (1, (300, 300), (300, 300), None, LabelPixels.UPRIGHT),
        *((o, (400, 300), (400, 300), (390, 290), LabelPixels.STORED) for o in (5, 6, 7, 8)),
        *((o, (400, 300), (300, 400), (290, 390), LabelPixels.UPRIGHT) for o in (5, 6, 7, 8)),
        *((o, (400, 300), (400, 300), (390, 290), None) for o in (2, 3, 4)),
        *((o, (300, 300), (300, 300), (290, 290), None) for o in (2, 3, 4, 5, 6, 7, 8)),
        # The size says one thing, the labels another.
        (6, (400, 300), (400, 300), (290, 390), None),
        (6, (400, 300), (300, 400), (390, 290), None),
        # A label a little over the border contradicts nothing.
        (6, (400, 300), (400, 300), (403, 290), LabelPixels.STORED),
        (6, (400, 300), (640, 480), (390, 290), None),
        (6, (400, 300), None, (390, 290), None),
    ],
)
def test_what_can_be_known_of_the_pixels_that_labels_count(
    orientation: int,
    stored: tuple[int, int],
    said: tuple[int, int] | None,
    reach: tuple[float, float] | None,
    expected: LabelPixels | None,
) -> None:
    assert label_pixels(Orientation(orientation), stored, said, reach) is expected
