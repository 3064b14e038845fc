"""What differs between two versions of a dataset."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.releases.differences import MOVED_PX, compare_labels


def labels(frames: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ids, joints and boxes of some frames, all joints visible."""
    joints = np.full((frames, 17, 3), 2.0)
    joints[..., :2] = np.random.default_rng(1).uniform(10, 90, (frames, 17, 2))
    return np.arange(10, 10 + frames), joints, np.tile([10.0, 10.0, 80.0, 80.0], (frames, 1))


def test_what_is_the_same_is_not_listed() -> None:
    ids, joints, boxes = labels(3)
    assert not len(compare_labels(ids, joints, joints.copy(), boxes, boxes.copy()).frame)


def test_no_frame_in_common_is_no_change() -> None:
    ids, joints, boxes = labels(0)
    assert not len(compare_labels(ids, joints, joints, boxes, boxes).frame)


def test_a_frame_tells_which_joints_moved_how_far() -> None:
    ids, joints, boxes = labels(3)
    after = joints.copy()
    after[1, 9, :2] += (3, 4)
    after[1, 2, 0] += MOVED_PX / 2
    found = compare_labels(ids, joints, after, boxes, boxes)
    assert found.frame.tolist() == [11]
    assert np.flatnonzero(found.shifted[0]).tolist() == [9]
    assert found.far[0] == pytest.approx(5)
    assert 0 < found.oks[0] < 1
    assert not found.visibility.any()
    assert found.box_iou[0] == 1


def test_a_joint_that_came_changed_its_visibility_and_did_not_move() -> None:
    ids, joints, boxes = labels(1)
    before = joints.copy()
    before[0, 4] = 0
    found = compare_labels(ids, before, joints, boxes, boxes)
    assert np.flatnonzero(found.visibility[0]).tolist() == [4]
    assert np.isnan(found.moved[0, 4])
    assert (found.far[0], found.shifted.any()) == (0, False)


def test_without_a_common_joint_there_is_no_similarity() -> None:
    ids, joints, boxes = labels(1)
    found = compare_labels(ids, np.zeros_like(joints), joints, boxes, boxes)
    assert np.isnan(found.oks[0])


def test_a_box_alone_makes_a_difference() -> None:
    ids, joints, boxes = labels(2)
    after = boxes.copy()
    after[0, 2] = 40
    found = compare_labels(ids, joints, joints, boxes, after)
    assert (found.frame.tolist(), found.box_iou.tolist()) == ([10], [0.5])
