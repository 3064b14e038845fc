"""Two skeletons of one infant, joint by joint."""

from __future__ import annotations

import pytest

from backend.domain.comparing import compare
from backend.domain.keypoints import Joint, Skeleton, Visibility
from tests.factories import make_skeleton


def test_the_same_skeleton_is_wholly_alike() -> None:
    found = compare(make_skeleton(), make_skeleton())
    assert found.oks == 1
    assert set(found.pixels) == {0.0}


def test_a_joint_that_moved_is_measured_in_pixels_and_is_less_alike() -> None:
    here = make_skeleton()
    wrist = here.joints[9]
    moved = here.with_joint(9, Joint(wrist.x + 3, wrist.y + 4, Visibility.VISIBLE))
    found = compare(here, moved)
    assert found.pixels[9] == 5
    assert found.similarity[9] is not None
    assert 0 < found.similarity[9] < 1
    assert found.oks == pytest.approx((16 + found.similarity[9]) / 17)


def test_a_joint_that_only_the_reference_has_is_not_alike_at_all() -> None:
    found = compare(make_skeleton(), make_skeleton(absent=(9,)))
    assert (found.pixels[9], found.similarity[9]) == (None, 0)
    assert found.oks == pytest.approx(16 / 17)
    other = compare(make_skeleton(absent=(9,)), make_skeleton())
    assert (other.pixels[9], other.similarity[9], other.oks) == (None, None, 1)


def test_nothing_is_compared_with_an_empty_frame() -> None:
    assert compare(Skeleton.empty(), make_skeleton()).oks is None
    assert compare(make_skeleton(), Skeleton.empty()).oks == 0


def test_the_same_error_counts_less_on_a_larger_infant() -> None:
    small, large = make_skeleton(scale=5), make_skeleton(scale=50)

    def off(skeleton: Skeleton) -> Skeleton:
        nose = skeleton.joints[0]
        return skeleton.with_joint(0, Joint(nose.x + 2, nose.y, Visibility.VISIBLE))

    a, b = compare(small, off(small)).similarity[0], compare(large, off(large)).similarity[0]
    assert a is not None
    assert b is not None
    assert a < b
