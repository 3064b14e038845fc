"""What is derived from joints is stale exactly when they changed."""

from __future__ import annotations

from hypothesis import given

from backend.domain.keypoints import Joint, Skeleton
from backend.domain.staleness import is_stale
from tests.backend.domain.strategies import indices, joints, skeletons


@given(skeletons())
def test_the_same_joints_are_fresh_however_they_were_stored(skeleton: Skeleton) -> None:
    assert not is_stale(skeleton, Skeleton.from_flat(skeleton.to_flat()))


@given(skeletons(), indices, joints())
def test_one_changed_joint_makes_stale_and_changing_it_back_makes_fresh(
    skeleton: Skeleton, index: int, joint: Joint
) -> None:
    after = skeleton.with_joint(index, joint)
    assert is_stale(skeleton, after) == (joint != skeleton.joints[index])
    assert not is_stale(skeleton, after.with_joint(index, skeleton.joints[index]))


@given(skeletons())
def test_joints_that_are_gone_make_stale(skeleton: Skeleton) -> None:
    assert is_stale(skeleton, None)
    assert is_stale(None, skeleton)
