"""The mean pose in the true box knows the box and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.evaluation.baseline import mean_pose
from tests.backend.domain.evaluation.people import figure, truths


def test_a_joint_is_where_it_lies_in_the_boxes_of_other_infants() -> None:
    boxes = np.array([[0, 0, 400, 500], [1000, 1000, 800, 1000], [0, 0, 400, 500]], float)
    joints = [figure(), 1000 + 2 * figure(), figure() + 7]
    there = truths(joints, box=boxes)
    found = mean_pose(there, np.array([0, 1, 1]))
    # Of infant 0 the mean over infant 1's two pictures, in which joints lie 0 and 7 px further.
    assert found.joints[0] == pytest.approx(figure() + 3.5)
    assert found.joints[1] == pytest.approx(1000 + 2 * figure())
    assert found.score.tolist() == [1, 1, 1]


def test_a_single_infant_is_its_own_mean() -> None:
    there = truths([figure(), figure()])
    assert mean_pose(there, np.zeros(2, np.intp)).joints[0] == pytest.approx(figure())


def test_crowds_and_people_without_a_box_are_not_guessed() -> None:
    boxes = np.array([[0, 0, 400, 500], [0, 0, 0, 0], [0, 0, 400, 500]], float)
    there = truths([figure()] * 3, box=boxes, crowd=np.array([False, False, True]))
    assert mean_pose(there, np.zeros(3, np.intp)).image.tolist() == [0]
