"""What a frame owes to other frames, after whatever people do to it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.carried import Carried, carried_after
from backend.domain.keypoints import ABSENT_JOINT, Skeleton, Visibility
from backend.domain.operations import (
    ChooseCandidate,
    MoveJoint,
    Operation,
    SetSkeleton,
    SetVerdict,
    SetVisibility,
    SwapSides,
    TakeEstimate,
)
from backend.domain.skeleton import JOINTS, N_JOINTS
from backend.domain.verdicts import Decision, Verdict
from tests.backend.domain.strategies import CANDIDATES, operations

TAKE = TakeEstimate(CANDIDATES[1], (40, 12), 3)
ALL = (1 << N_JOINTS) - 1


def test_every_joint_of_an_estimate_is_carried() -> None:
    assert carried_after(None, [TAKE]) == Carried((40, 12), 3, ALL)


def test_joints_that_an_estimate_lacks_are_not() -> None:
    partly = TakeEstimate(CANDIDATES[1].with_joint(5, ABSENT_JOINT), (40,), 1)
    found = carried_after(None, [partly])
    assert found is not None
    assert not found.holds(5)
    assert found.holds(4)


def test_a_joint_that_a_person_moves_is_that_persons() -> None:
    found = carried_after(None, [TAKE, MoveJoint(9, 1, 2), SetVisibility(3, Visibility.OCCLUDED)])
    assert found is not None
    assert [i for i in range(N_JOINTS) if not found.holds(i)] == [3, 9]


def test_accepting_keeps_what_is_carried() -> None:
    kept = [TAKE, SetVerdict(Decision(Verdict.KEEP))]
    assert carried_after(None, kept) == carried_after(None, [TAKE])


def test_exchanged_sides_exchange_what_is_carried() -> None:
    left, right = JOINTS.index("left_wrist"), JOINTS.index("right_wrist")
    found = carried_after(None, [TAKE, MoveJoint(left, 1, 2), SwapSides()])
    assert found is not None
    assert found.holds(left)
    assert not found.holds(right)


def test_another_person_or_skeleton_carries_nothing() -> None:
    assert carried_after(None, [TAKE, ChooseCandidate(1)]) is None
    assert carried_after(None, [TAKE, SetSkeleton(1, CANDIDATES[1])]) is None


def test_nothing_is_carried_once_every_joint_was_touched() -> None:
    assert carried_after(None, [TAKE, *(MoveJoint(i, 0, 0) for i in range(N_JOINTS))]) is None


def test_an_empty_estimate_carries_nothing() -> None:
    assert carried_after(None, [TakeEstimate(Skeleton.empty(), (), 1)]) is None


@given(st.lists(operations(), max_size=6))
def test_it_is_stored_and_read_as_it_was(done: list[Operation]) -> None:
    found = carried_after(None, done)
    assert found is None or Carried.from_json(found.to_json()) == found


@given(st.lists(operations(), max_size=6), st.lists(operations(), max_size=6))
def test_two_writes_carry_what_one_would(first: list[Operation], second: list[Operation]) -> None:
    assert carried_after(carried_after(None, first), second) == carried_after(
        None, [*first, *second]
    )
