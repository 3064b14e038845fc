"""The box rule: the smallest rectangle around mask ∪ occluded joints, inside the image."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from backend.domain.boxes import Box, infant_box
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Joint, Skeleton, Visibility
from tests.backend.domain.strategies import skeletons

WIDTH, HEIGHT = 24, 18


@st.composite
def masks(draw: st.DrawFn) -> NDArray[np.bool_]:
    """Some pixels set, perhaps none."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    places = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1))
    for row, column in draw(st.lists(places, max_size=12)):
        mask[row, column] = True
    return mask


def joints_of(skeleton: Skeleton, *kinds: Visibility) -> list[Joint]:
    return [joint for joint in skeleton.joints if joint.visibility in kinds]


@st.composite
def small_skeletons(draw: st.DrawFn) -> Skeleton:
    """Skeletons in and around the small image."""
    place = st.tuples(
        st.floats(-5, WIDTH + 5), st.floats(-5, HEIGHT + 5), st.sampled_from(list(Visibility))
    )
    return Skeleton(
        tuple(Joint(*values) for values in draw(st.lists(place, min_size=17, max_size=17)))
    )


@given(masks(), small_skeletons())
def test_the_box_is_exactly_the_rectangle_of_mask_and_occluded_joints(
    mask: NDArray[np.bool_], skeleton: Skeleton
) -> None:
    assume(mask.any())
    rows, columns = np.nonzero(mask)
    occluded = joints_of(skeleton, Visibility.OCCLUDED)
    xs = [*columns, *(columns + 1), *(np.clip(j.x, 0, WIDTH) for j in occluded)]
    ys = [*rows, *(rows + 1), *(np.clip(j.y, 0, HEIGHT) for j in occluded)]
    box = infant_box(mask, skeleton, WIDTH, HEIGHT)
    assert (box.x, box.y) == pytest.approx((min(xs), min(ys)))
    assert (box.x + box.width, box.y + box.height) == pytest.approx((max(xs), max(ys)))


@given(st.none() | masks(), small_skeletons())
def test_the_box_lies_in_the_image_and_is_never_empty(
    mask: NDArray[np.bool_] | None, skeleton: Skeleton
) -> None:
    has_mask = mask is not None and mask.any()
    assume(has_mask or skeleton.num_keypoints)
    box = infant_box(mask, skeleton, WIDTH, HEIGHT)
    assert box.width > 0
    assert box.height > 0
    assert box.x >= 0
    assert box.y >= 0
    assert box.x + box.width <= WIDTH + 1e-9
    assert box.y + box.height <= HEIGHT + 1e-9


@given(masks(), small_skeletons())
def test_visible_joints_outside_the_mask_do_not_widen_the_box(
    mask: NDArray[np.bool_], skeleton: Skeleton
) -> None:
    assume(mask.any())
    only_occluded = Skeleton(
        tuple(
            Joint(0, 0, Visibility.ABSENT) if j.visibility is Visibility.VISIBLE else j
            for j in skeleton.joints
        )
    )
    assert infant_box(mask, skeleton, WIDTH, HEIGHT) == infant_box(
        mask, only_occluded, WIDTH, HEIGHT
    )


@given(small_skeletons())
def test_without_a_mask_all_present_joints_are_covered(skeleton: Skeleton) -> None:
    assume(skeleton.num_keypoints)
    empty = np.zeros((HEIGHT, WIDTH), dtype=bool)
    box = infant_box(None, skeleton, WIDTH, HEIGHT)
    assert box == infant_box(empty, skeleton, WIDTH, HEIGHT)
    for joint in joints_of(skeleton, Visibility.VISIBLE, Visibility.OCCLUDED):
        assert box.contains(min(max(joint.x, 0), WIDTH), min(max(joint.y, 0), HEIGHT))


@pytest.mark.parametrize("lower", [0.75, 0.5, 0.0])
def test_joints_nearer_than_a_pixel_are_covered_by_a_pixel(lower: float) -> None:
    joints = [Joint(0, 0, Visibility.ABSENT)] * 15
    joints += [Joint(0, 0, Visibility.OCCLUDED), Joint(0, lower, Visibility.OCCLUDED)]
    assert infant_box(None, Skeleton(tuple(joints)), WIDTH, HEIGHT) == Box(0, 0, 1, 1)


@given(skeletons(), st.floats(-100, 700), st.floats(-100, 500), st.floats(0.1, 900))
def test_a_clipped_box_lies_in_the_image_and_in_the_box(
    skeleton: Skeleton, x: float, y: float, size: float
) -> None:
    box = Box(x, y, size, size)
    try:
        inside = box.clipped(640, 480)
    except InvalidInput:
        assert x >= 640 or y >= 480 or x + size <= 0 or y + size <= 0
        return
    for corner in ((inside.x, inside.y), (inside.x + inside.width, inside.y + inside.height)):
        assert Box(0, 0, 640, 480).contains(*corner)
        assert box.contains(*corner)
    assert inside.clipped(640, 480) == inside


def test_neither_mask_nor_joint_gives_no_box() -> None:
    with pytest.raises(InvalidInput, match="nothing to draw"):
        infant_box(np.zeros((4, 4), dtype=bool), Skeleton.empty(), 4, 4)


@pytest.mark.parametrize("values", [(0, 0, 0, 1), (0, 0, 1, -1), (np.nan, 0, 1, 1)])
def test_a_box_without_size_or_place_is_refused(values: tuple[float, float, float, float]) -> None:
    with pytest.raises(InvalidInput, match="A box needs"):
        Box(*values)


@pytest.mark.parametrize(
    ("x", "y"), [(0.0, 0.0), (WIDTH, HEIGHT), (WIDTH, 3.0), (7.0, 9.0), (-3.0, 40.0)]
)
def test_a_single_joint_gives_a_box_that_can_be_seen(x: float, y: float) -> None:
    skeleton = Skeleton.empty().with_joint(0, Joint(x, y, Visibility.VISIBLE))
    box = infant_box(None, skeleton, WIDTH, HEIGHT)
    assert box.width > 0
    assert box.height > 0
