"""Half a pixel is added and taken off by a named rule, and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.pixels import (
    KnownRule,
    PixelRule,
    RuleOrigin,
    intrinsics_to_inside,
    intrinsics_to_outside,
    joints_outside,
    rule_of_file,
    skeleton_to_inside,
    skeleton_to_outside,
    to_inside,
    to_outside,
)

coordinates = st.integers(-50_000_000, 50_000_000).map(lambda n: n / 10_000)
joints = st.one_of(
    st.just(ABSENT_JOINT),
    st.builds(Joint, coordinates, coordinates, st.sampled_from([Visibility(1), Visibility(2)])),
)
skeletons = st.lists(joints, min_size=17, max_size=17).map(lambda js: Skeleton(tuple(js)))


def test_an_index_means_the_middle_of_its_pixel() -> None:
    assert to_inside([60, 40], PixelRule.INDEX).tolist() == [60.5, 40.5]
    assert to_outside([60.5, 40.5], PixelRule.INDEX).tolist() == [60, 40]
    assert to_inside([60, 40], PixelRule.CONTINUOUS).tolist() == [60, 40]


@given(skeletons, st.sampled_from(PixelRule))
def test_in_and_out_by_one_rule_changes_nothing(skeleton: Skeleton, rule: PixelRule) -> None:
    back = skeleton_to_outside(skeleton_to_inside(skeleton, rule), rule)
    assert np.allclose(back.to_flat(), skeleton.to_flat(), rtol=0, atol=1e-9)


@given(skeletons)
def test_absent_joints_have_no_place_by_any_rule(skeleton: Skeleton) -> None:
    moved = skeleton_to_inside(skeleton, PixelRule.INDEX)
    assert [j.present for j in moved.joints] == [j.present for j in skeleton.joints]
    assert all((j.x, j.y) == (0, 0) for j in moved.joints if not j.present)


def test_only_the_principal_point_of_a_camera_moves() -> None:
    K = [[800.0, 1.0, 320.0], [0, 810, 240], [0, 0, 1]]
    inside = intrinsics_to_inside(K, PixelRule.INDEX)
    assert inside.tolist() == [[800, 1, 320.5], [0, 810, 240.5], [0, 0, 1]]
    assert intrinsics_to_outside(inside, PixelRule.INDEX).tolist() == K


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"whole_numbers": True}, (PixelRule.INDEX, RuleOrigin.WHOLE_NUMBERS)),
        ({"whole_numbers": False}, (PixelRule.CONTINUOUS, RuleOrigin.ASSUMED)),
        (
            {"whole_numbers": True, "declared": PixelRule.CONTINUOUS},
            (PixelRule.CONTINUOUS, RuleOrigin.DECLARED),
        ),
        (
            {"whole_numbers": True, "declared": PixelRule.CONTINUOUS, "chosen": PixelRule.INDEX},
            (PixelRule.INDEX, RuleOrigin.CHOSEN),
        ),
    ],
)
def test_the_rule_of_a_file_is_chosen_declared_told_by_its_numbers_or_assumed(
    known: dict[str, PixelRule | bool], expected: tuple[PixelRule, RuleOrigin]
) -> None:
    assert rule_of_file(**{"declared": None, "chosen": None} | known) == KnownRule(*expected)


def test_a_joint_on_the_border_is_inside_and_one_beyond_is_not() -> None:
    places = [(0.2, 0.0), (320, 240), (-1.5, 40), (323, 100)]
    found = tuple(Joint(x, y, Visibility.VISIBLE) for x, y in places)
    assert joints_outside(Skeleton((*found, *(ABSENT_JOINT,) * 13)), 320, 240) == (2, 3)
