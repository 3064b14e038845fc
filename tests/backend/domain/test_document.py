"""Operations on documents, for any document and any operation."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.domain.document import (
    ChooseCandidate,
    Document,
    MoveJoint,
    Operation,
    PlaceJoint,
    SetMark,
    SetSkeleton,
    SetVerdict,
    SetVisibility,
    apply,
    changed_joints,
    is_modified,
    skeleton_from_scores,
    state_of,
)
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Skeleton, Visibility
from backend.domain.operations import BoxOperation, operation_from_json, operation_to_json
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import Decision, DiscardReason, FrameState, Verdict
from backend.domain.visibility import HARDLY_FOUND
from tests.backend.domain.strategies import (
    CANDIDATES,
    decisions,
    documents,
    indices,
    operations,
    pixels,
    skeletons,
)


def possible(document: Document, operation: Operation) -> tuple[Document, Operation]:
    try:
        return apply(document, operation, CANDIDATES)
    except InvalidInput:
        assume(False)
        raise


@given(documents(), operations())
def test_the_inverse_leads_back_to_the_same_document(
    document: Document, operation: Operation
) -> None:
    after, inverse = possible(document, operation)
    back, _ = apply(after, inverse, CANDIDATES)
    assert back == document


@given(documents(), st.lists(operations(), max_size=12))
def test_a_whole_history_can_be_undone_and_redone(
    document: Document, wanted: list[Operation]
) -> None:
    states, inverses, done = [document], [], []
    for operation in wanted:
        try:
            after, inverse = apply(states[-1], operation, CANDIDATES)
        except InvalidInput:
            continue
        states.append(after)
        inverses.append(inverse)
        done.append(operation)
    now = states[-1]
    for inverse, expected in zip(reversed(inverses), reversed(states[:-1]), strict=True):
        now, _ = apply(now, inverse, CANDIDATES)
        assert now == expected
    for operation, expected in zip(done, states[1:], strict=True):
        now, _ = apply(now, operation, CANDIDATES)
        assert now == expected


@given(documents(), operations())
def test_a_kept_frame_always_has_a_joint(document: Document, operation: Operation) -> None:
    after, _ = possible(document, operation)
    if after.decision.verdict is Verdict.KEEP:
        assert after.skeleton is not None
        assert after.skeleton.num_keypoints > 0


@given(documents(), operations())
def test_an_operation_leaves_the_document_before_as_it_was(
    document: Document, operation: Operation
) -> None:
    before = (document.candidate_id, document.skeleton, document.decision)
    possible(document, operation)
    assert (document.candidate_id, document.skeleton, document.decision) == before


@given(documents(), operations())
def test_verdicts_touch_no_joint_and_joints_touch_no_verdict(
    document: Document, operation: Operation
) -> None:
    after, _ = possible(document, operation)
    if isinstance(operation, SetVerdict):
        assert (after.candidate_id, after.skeleton) == (document.candidate_id, document.skeleton)
        assert after.decision == operation.decision
    else:
        assert after.decision == document.decision


@given(documents(), operations())
def test_boxes_and_marks_touch_nothing_else_and_nothing_else_touches_them(
    document: Document, operation: Operation
) -> None:
    after, _ = possible(document, operation)
    if isinstance(operation, BoxOperation):
        assert replace(after, box=document.box) == document
        assert after.decision.verdict is Verdict.KEEP
    elif isinstance(operation, SetMark):
        assert replace(after, mark=document.mark) == document
    else:
        assert (after.box, after.mark) == (document.box, document.mark)


@given(documents(), operations())
def test_operations_on_one_joint_touch_only_that_one(
    document: Document, operation: Operation
) -> None:
    assume(isinstance(operation, PlaceJoint | MoveJoint | SetVisibility))
    assert isinstance(operation, PlaceJoint | MoveJoint | SetVisibility)
    after, _ = possible(document, operation)
    assert set(changed_joints(document.skeleton, after.skeleton)) <= {operation.joint}


@given(documents(), st.data())
def test_operations_on_different_joints_can_be_done_in_either_order(
    document: Document, data: st.DataObject
) -> None:
    """What lets the writes of two people be merged joint by joint."""
    first, second = data.draw(st.lists(indices, min_size=2, max_size=2, unique=True))
    a = PlaceJoint(first, data.draw(pixels), data.draw(pixels), Visibility.VISIBLE)
    b = PlaceJoint(second, data.draw(pixels), data.draw(pixels), Visibility.OCCLUDED)
    ab = apply(apply(document, a, CANDIDATES)[0], b, CANDIDATES)[0]
    ba = apply(apply(document, b, CANDIDATES)[0], a, CANDIDATES)[0]
    assert ab == ba


@given(operations())
def test_every_operation_survives_json(operation: Operation) -> None:
    text = json.dumps(operation_to_json(operation))
    assert operation_from_json(json.loads(text)) == operation


@given(documents(), decisions())
def test_the_state_follows_from_verdict_and_joints(document: Document, decision: Decision) -> None:
    after, _ = possible(document, SetVerdict(decision))
    expected = {
        Verdict.UNDECIDED: FrameState.UNDECIDED,
        Verdict.DISCARD: FrameState.DISCARDED,
        Verdict.KEEP: FrameState.CORRECTED
        if is_modified(after, CANDIDATES)
        else FrameState.ACCEPTED,
    }
    assert state_of(after, CANDIDATES) is expected[decision.verdict]


@given(documents(), st.sampled_from([1, 2]))
def test_a_chosen_candidate_is_unmodified(document: Document, candidate: int) -> None:
    after, _ = apply(document, ChooseCandidate(candidate), CANDIDATES)
    assert after.skeleton == CANDIDATES[candidate]
    assert not is_modified(after, CANDIDATES)


@given(skeletons())
def test_joints_without_a_candidate_count_as_placed_by_hand(skeleton: Skeleton) -> None:
    assert is_modified(Document(None, skeleton), CANDIDATES)


@given(st.none() | skeletons(), st.none() | skeletons())
def test_changed_joints_are_those_that_differ(a: Skeleton | None, b: Skeleton | None) -> None:
    one, two = a or Skeleton.empty(), b or Skeleton.empty()
    changed = changed_joints(a, b)
    assert changed == changed_joints(b, a)
    for i in range(N_JOINTS):
        assert (one.joints[i] != two.joints[i]) == (i in changed)


@given(documents(), operations(), st.sampled_from([-1, 17, 400]))
def test_joints_that_do_not_exist_are_refused(
    document: Document, operation: Operation, index: int
) -> None:
    for bad in (
        PlaceJoint(index, 1, 2, Visibility.VISIBLE),
        MoveJoint(index, 1, 2),
        SetVisibility(index, Visibility.ABSENT),
    ):
        with pytest.raises(InvalidInput, match="no joint"):
            apply(document, bad, CANDIDATES)


@given(st.floats(0, 1), st.floats(-50, 700), st.floats(-50, 500))
def test_machine_made_joints_are_seen_occluded_or_absent_by_score_and_place(
    score: float, x: float, y: float
) -> None:
    keypoints = np.full((N_JOINTS, 2), (x, y))
    joint = skeleton_from_scores(keypoints, np.full(N_JOINTS, score), 640, 480).joints[0]
    if score == 0 or not (0 <= x <= 640 and 0 <= y <= 480):
        assert joint == ABSENT_JOINT
    else:
        assert joint.visibility is (
            Visibility.VISIBLE if score >= HARDLY_FOUND else Visibility.OCCLUDED
        )
        assert (joint.x, joint.y) == pytest.approx((x, y), abs=0.00501)  # to a hundredth


@pytest.mark.parametrize(
    "data",
    [
        {"type": "fly"},
        {"type": "moveJoint", "joint": 0, "x": 1},
        {"type": "setVisibility", "joint": 0, "visibility": 3},
        {"type": "setVerdict", "verdict": "perhaps"},
        {"type": "setVerdict", "verdict": "discard"},
        {"type": "setVerdict", "verdict": "discard", "reason": "other"},
        {"type": "setVerdict", "verdict": "keep", "reason": "lighting"},
        {"type": "setSkeleton", "candidateId": None, "joints": [{"x": 0, "y": 0, "v": 0}]},
        {"type": "drawBox", "x": 1, "y": 1, "width": 0, "height": 5},
        {"type": "drawBox", "x": 1, "y": 1, "width": float("nan"), "height": 5},
        {"type": "setBox", "box": {"x": 1, "y": 1, "width": 5, "height": 5}},
        {"type": "judgeBox", "status": "perfect"},
        {"type": "setMark", "mark": "fine"},
    ],
)
def test_operations_that_cannot_be_read_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        operation_from_json(data)


def test_a_frame_without_an_infant_cannot_be_kept() -> None:
    with pytest.raises(InvalidInput, match="needs an infant"):
        apply(Document(), SetVerdict(Decision(Verdict.KEEP)), {})


def test_a_kept_frame_cannot_lose_its_last_joint() -> None:
    one = Skeleton.empty().with_joint(0, CANDIDATES[1].joints[0])
    kept = Document(None, one, Decision(Verdict.KEEP))
    for operation in (
        SetVisibility(0, Visibility.ABSENT),
        SetSkeleton(None, None),
        ChooseCandidate(3),
    ):
        with pytest.raises(InvalidInput, match="at least one joint"):
            apply(kept, operation, CANDIDATES)


def test_a_joint_that_is_not_present_can_be_placed_but_neither_moved_nor_shown() -> None:
    document = Document(None, Skeleton.empty())
    for operation in (MoveJoint(4, 1, 1), SetVisibility(4, Visibility.VISIBLE)):
        with pytest.raises(InvalidInput, match="place it first"):
            apply(document, operation, {})
    after, _ = apply(document, PlaceJoint(4, 1, 1, Visibility.OCCLUDED), {})
    assert after.skeleton is not None
    assert after.skeleton.joints[4].visibility is Visibility.OCCLUDED


def test_only_a_discarded_frame_has_a_reason() -> None:
    with pytest.raises(InvalidInput, match="Say why"):
        Decision(Verdict.DISCARD)
    with pytest.raises(InvalidInput, match="few words"):
        Decision(Verdict.DISCARD, DiscardReason.OTHER, "  ")
    with pytest.raises(InvalidInput, match="Only a discarded"):
        Decision(Verdict.KEEP, DiscardReason.LIGHTING)
