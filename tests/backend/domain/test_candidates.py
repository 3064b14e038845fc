from __future__ import annotations

import numpy as np
import pytest

from backend.domain.candidates import apparent_stature, likeliest_infant
from backend.domain.estimates import PoseEstimate

# A standing person of stature 1, the head at the top: x, y of the 17 joints.
STANDING = np.array(
    [
        [0.00, 0.07], [0.02, 0.05], [-0.02, 0.05], [0.04, 0.07], [-0.04, 0.07],
        [0.13, 0.18], [-0.13, 0.18], [0.15, 0.37], [-0.15, 0.37], [0.15, 0.52], [-0.15, 0.52],
        [0.095, 0.47], [-0.095, 0.47], [0.095, 0.72], [-0.095, 0.72], [0.095, 0.97], [-0.095, 0.97],
    ]
)  # fmt: skip


def person(
    stature: float, score: float = 0.8, joints: float | np.ndarray = 0.9, at: float = 0.0
) -> PoseEstimate:
    keypoints = STANDING * stature + at
    scores = np.broadcast_to(joints, 17).astype(float)
    low, high = keypoints.min(axis=0), keypoints.max(axis=0)
    return PoseEstimate(keypoints, scores, score, (*low, *(high - low)))


def test_nobody_found_proposes_nobody() -> None:
    assert likeliest_infant([]) is None


def test_the_smaller_of_two_good_skeletons_is_proposed() -> None:
    assert likeliest_infant([person(900), person(300, score=0.6)]) == 1


def test_a_small_but_doubtful_skeleton_is_not_proposed() -> None:
    assert likeliest_infant([person(300, score=0.7), person(80, score=0.2)]) == 0


def test_a_skeleton_far_below_the_best_score_is_not_proposed() -> None:
    assert likeliest_infant([person(300, score=0.9), person(80, score=0.4)]) == 0


def test_a_fragment_with_few_good_joints_is_not_proposed() -> None:
    few = np.where(np.arange(17) < 5, 0.9, 0.1)
    assert likeliest_infant([person(300), person(80, joints=few)]) == 0


def test_a_carer_of_whom_only_the_upper_body_shows_is_not_taken_for_the_infant() -> None:
    upper = np.where(np.arange(17) < 9, 0.9, 0.05)
    carer = person(600, joints=upper)
    infant = person(350)
    extent = [np.ptp(p.keypoints[p.scores > 0.3], axis=0).max() for p in (carer, infant)]
    assert extent[0] < extent[1]
    assert likeliest_infant([carer, infant]) == 1


def test_a_foreshortened_infant_keeps_its_stature() -> None:
    curled = person(300)
    keypoints = curled.keypoints.copy()
    keypoints[13:] = keypoints[11] + 0.2 * (keypoints[13:] - keypoints[11])
    curled = PoseEstimate(keypoints, curled.scores, curled.score, curled.box)
    assert apparent_stature(curled) == pytest.approx(300, rel=0.1)


def test_of_two_skeletons_of_one_size_the_better_one_is_proposed() -> None:
    twice = [person(290, score=0.6), person(300, score=0.9), person(1000, score=0.9)]
    assert likeliest_infant(twice) == 1


def test_where_nobody_is_good_the_best_score_is_proposed() -> None:
    assert likeliest_infant([person(100, score=0.11), person(900, score=0.2)]) == 1


def test_the_order_of_candidates_does_not_matter() -> None:
    people = [person(900), person(300), person(500)]
    assert likeliest_infant(people) == 1
    assert likeliest_infant(people[::-1]) == 1


def test_without_bones_the_box_tells_the_size() -> None:
    lone = np.where(np.arange(17) == 0, 0.9, 0.0)
    assert apparent_stature(person(100, joints=lone)) == pytest.approx(np.hypot(30, 92), rel=0.01)
