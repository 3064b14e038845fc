"""Joints and skeletons, for any numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, StoredSkeleton, Visibility
from backend.domain.skeleton import EDGES, JOINTS, MIRROR, N_JOINTS, PAIRS, SIGMAS
from tests.backend.domain.strategies import joints, skeletons


@given(skeletons())
def test_a_skeleton_survives_the_flat_form(skeleton: Skeleton) -> None:
    assert Skeleton.from_flat(skeleton.to_flat()) == skeleton


@given(skeletons())
def test_a_skeleton_survives_the_json_form(skeleton: Skeleton) -> None:
    assert Skeleton.from_json(skeleton.to_json()) == skeleton


@given(skeletons())
def test_swapping_sides_twice_changes_nothing(skeleton: Skeleton) -> None:
    assert skeleton.swapped().swapped() == skeleton


@given(skeletons())
def test_swapping_sides_moves_no_joint(skeleton: Skeleton) -> None:
    swapped = skeleton.swapped()
    assert swapped.joints[0] == skeleton.joints[0]
    for left, right in PAIRS:
        assert swapped.joints[left] == skeleton.joints[right]
        assert swapped.joints[right] == skeleton.joints[left]


@given(skeletons(), st.integers(0, N_JOINTS - 1), joints())
def test_replacing_a_joint_leaves_the_others(skeleton: Skeleton, index: int, joint: Joint) -> None:
    after = skeleton.with_joint(index, joint)
    assert after.joints[index] == joint
    assert all(after.joints[i] == skeleton.joints[i] for i in range(N_JOINTS) if i != index)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e6, 1e6))
def test_an_absent_joint_has_no_place(x: float, y: float) -> None:
    assert Joint(x, y, Visibility.ABSENT) == ABSENT_JOINT


@given(skeletons())
def test_present_joints_are_counted_whether_seen_or_not(skeleton: Skeleton) -> None:
    assert skeleton.num_keypoints == sum(v > 0 for v in skeleton.to_flat()[2::3])


@given(st.sampled_from([math.nan, math.inf, -math.inf]), st.sampled_from(list(Visibility)))
def test_a_joint_without_a_finite_place_is_refused(bad: float, visibility: Visibility) -> None:
    with pytest.raises(InvalidInput, match="finite"):
        Joint(bad, 0.0, visibility)
    with pytest.raises(InvalidInput, match="finite"):
        Joint(0.0, bad, visibility)


@given(st.integers(0, 80).filter(lambda n: n != 51))
def test_a_flat_list_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InvalidInput, match=f"{length} numbers, expected 51"):
        Skeleton.from_flat([0.0] * length)


@given(st.floats().filter(lambda v: v not in (0, 1, 2)), st.integers(0, N_JOINTS - 1))
def test_a_visibility_that_coco_does_not_know_is_refused_by_name(bad: float, joint: int) -> None:
    values = [0.0] * 51
    values[3 * joint + 2] = bad
    with pytest.raises(InvalidInput, match=JOINTS[joint]):
        Skeleton.from_flat(values)


@pytest.mark.parametrize("index", [-1, N_JOINTS])
def test_a_joint_that_does_not_exist_cannot_be_replaced(index: int) -> None:
    with pytest.raises(InvalidInput, match="no joint"):
        Skeleton.empty().with_joint(index, ABSENT_JOINT)


def test_the_tables_of_the_skeleton_belong_together() -> None:
    assert N_JOINTS == len(JOINTS) == len(SIGMAS) == 17
    assert len(PAIRS) == 8
    assert len(EDGES) == len(set(EDGES)) == 19
    assert [MIRROR[i] for i in MIRROR] == list(range(N_JOINTS))
    assert {i for edge in EDGES for i in edge} == set(range(N_JOINTS))


def test_a_stored_skeleton_is_the_skeleton_of_its_numbers() -> None:
    values = [float(n) for i in range(17) for n in (i, 2 * i, i % 3)]
    stored = StoredSkeleton(values)
    plain = Skeleton.from_flat(values)
    assert stored == plain
    assert plain == stored
    assert hash(stored) == hash(plain)
    assert stored.num_keypoints == plain.num_keypoints
    assert stored.to_flat() == plain.to_flat()
    assert stored.with_joint(0, ABSENT_JOINT) == plain.with_joint(0, ABSENT_JOINT)


def test_a_stored_skeleton_of_other_numbers_is_refused_when_its_joints_are_asked_for() -> None:
    with pytest.raises(InvalidInput):
        _ = StoredSkeleton([0.0, 0.0, 7.0] * 17).joints
