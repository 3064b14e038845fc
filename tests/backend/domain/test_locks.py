"""What an annotator may change after the inspector spoke."""

from __future__ import annotations

from backend.domain.keypoints import Joint, Visibility
from backend.domain.locks import why_locked
from tests.factories import make_skeleton

BEFORE = make_skeleton()
WRIST = BEFORE.with_joint(9, Joint(3, 4, Visibility.VISIBLE))


def test_a_frame_without_a_word_is_open() -> None:
    assert why_locked(None, None, BEFORE, WRIST) is None


def test_an_approved_frame_is_locked_also_where_nothing_would_change() -> None:
    assert (
        why_locked(2, None, BEFORE, BEFORE) == "This frame was approved in round 2 and is locked."
    )


def test_only_the_joints_that_were_sent_back_may_move() -> None:
    assert why_locked(None, [9, 10], BEFORE, WRIST) is None
    why = why_locked(None, [9], BEFORE, WRIST.with_joint(0, Joint(1, 1, Visibility.VISIBLE)))
    assert why == (
        "Only what was sent back can be changed (left wrist); the inspector found nose right."
    )


def test_removing_the_skeleton_changes_all_its_joints() -> None:
    assert why_locked(None, [9], BEFORE, None) is not None
    assert why_locked(None, range(17), BEFORE, None) is None
