"""What is owed, how answers are scored, when a training is done, and one skeleton made of two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.domain.attempts import (
    Choice,
    QualityRules,
    Take,
    adjudicated,
    due,
    score,
    standing,
)
from backend.domain.document import Document
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from tests.factories import make_skeleton

KEPT = Document(skeleton=make_skeleton(), decision=Decision(Verdict.KEEP))
THROWN = Document(decision=Decision(Verdict.DISCARD, DiscardReason.MOTION_BLUR))
EVERY = {joint: Choice(Take.FIRST) for joint in range(17)}


def moved(skeleton: Skeleton, joint: int, dx: float) -> Skeleton:
    at = skeleton.joints[joint]
    return skeleton.with_joint(joint, replace(at, x=at.x + dx))


def test_a_share_is_owed_of_what_was_decided_less_what_was_given() -> None:
    assert [due(0.1, decided, 0) for decided in (0, 9, 10, 29, 30)] == [0, 0, 1, 2, 3]
    assert due(0.1, 30, 2) == 1
    assert due(0.1, 30, 9) == 0


def test_the_same_answer_is_perfect() -> None:
    found = score(KEPT, KEPT)
    assert (found.verdict_agrees, found.oks, found.share_of_visibility) == (True, 1.0, 1.0)
    assert set(found.px) == {0.0}


def test_a_moved_joint_and_another_visibility_are_told_by_joint() -> None:
    other = replace(KEPT, skeleton=moved(KEPT.skeleton or Skeleton.empty(), 9, 7.0))
    joint = (other.skeleton or Skeleton.empty()).joints[9]
    occluded = Joint(joint.x, joint.y, Visibility.OCCLUDED)
    other = replace(other, skeleton=(other.skeleton or Skeleton.empty()).with_joint(9, occluded))
    found = score(other, KEPT)
    assert found.px[9] == 7.0
    assert [i for i, same in enumerate(found.same_visibility) if not same] == [9]
    assert found.oks is not None
    assert 0.5 < found.oks < 1


def test_a_joint_that_only_one_placed_has_no_distance() -> None:
    other = replace(KEPT, skeleton=(KEPT.skeleton or Skeleton.empty()).with_joint(3, ABSENT_JOINT))
    assert score(other, KEPT).px[3] is None


def test_a_frame_that_only_one_keeps_counts_as_nothing_found() -> None:
    assert (score(THROWN, KEPT).verdict_agrees, score(THROWN, KEPT).oks) == (False, 0.0)


def test_two_who_discard_agree_whatever_the_reason() -> None:
    other = Document(decision=Decision(Verdict.DISCARD, DiscardReason.LIGHTING))
    assert (score(THROWN, other).verdict_agrees, score(THROWN, other).oks) == (True, None)


RULES = QualityRules(training_frames=3, training_min_oks=0.9, training_min_visibility=0.8)


def test_the_standard_is_reached_by_the_last_frames_alone() -> None:
    bad, good = (0.2, 0.2), (0.95, 0.9)
    assert not standing([good, good], RULES).reached
    assert not standing([bad, good, good], RULES).reached
    assert standing([bad, bad, good, good, good], RULES).reached


def test_visibility_alone_may_miss_the_standard() -> None:
    assert not standing([(0.95, 0.7)] * 3, RULES).reached


def test_frames_that_both_discarded_alone_prove_nothing() -> None:
    assert not standing([(None, None)] * 3, RULES).reached


def test_a_standard_outside_of_one_is_refused() -> None:
    with pytest.raises(InvalidInput):
        QualityRules(training_min_oks=1.2)
    with pytest.raises(InvalidInput):
        QualityRules(gold_share=-0.1)


A = make_skeleton()
B = moved(moved(A, 9, 10.0), 10, 4.0)


def test_each_joint_is_whose_it_was_decided_to_be() -> None:
    placed = Joint(1.0, 2.0, Visibility.OCCLUDED)
    made = adjudicated(
        A,
        B,
        {9: Choice(Take.SECOND), 10: Choice(Take.MEAN), 0: Choice(Take.NEW, placed)},
    )
    assert made.joints[9] == B.joints[9]
    assert made.joints[10].x == A.joints[10].x + 2.0
    assert made.joints[0] == placed
    assert made.joints[5] == A.joints[5]


def test_a_joint_in_which_they_differ_must_be_decided() -> None:
    with pytest.raises(InvalidInput, match="left wrist"):
        adjudicated(A, B, {10: Choice(Take.FIRST)})


def test_the_mean_is_seen_only_where_both_saw_it() -> None:
    at = A.joints[9]
    other = A.with_joint(9, Joint(at.x + 2, at.y, Visibility.OCCLUDED))
    assert adjudicated(A, other, {9: Choice(Take.MEAN)}).joints[9] == Joint(
        at.x + 1, at.y, Visibility.OCCLUDED
    )


def test_there_is_no_mean_of_a_joint_that_one_of_them_did_not_place() -> None:
    with pytest.raises(InvalidInput, match="no mean"):
        adjudicated(A, A.with_joint(9, ABSENT_JOINT), {9: Choice(Take.MEAN)})


def test_who_placed_nothing_can_be_followed_too() -> None:
    assert adjudicated(A, None, EVERY) == A
