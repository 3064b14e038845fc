"""What lies behind the body's own parts."""

import numpy as np

from backend.domain.keypoints import Visibility
from backend.domain.skeleton import JOINTS
from backend.domain.trajectories.depth import hidden_by_body
from backend.domain.trajectories.visibility import proposed
from tests.backend.domain.trajectories.made import blank, evidence_with

AT = JOINTS.index


def _lying() -> np.ndarray:
    """An infant on its back on the floor, z up, its head towards y, the left hand on the belly."""
    body = {
        "nose": (0, 0.42, 0.16), "left_eye": (-0.02, 0.44, 0.15), "right_eye": (0.02, 0.44, 0.15),
        "left_ear": (-0.06, 0.43, 0.08), "right_ear": (0.06, 0.43, 0.08),
        "left_shoulder": (-0.08, 0.3, 0.06), "right_shoulder": (0.08, 0.3, 0.06),
        "left_elbow": (-0.14, 0.2, 0.07), "right_elbow": (0.16, 0.2, 0.05),
        "left_wrist": (0, 0.18, 0.17), "right_wrist": (0.22, 0.1, 0.05),
        "left_hip": (-0.05, 0.08, 0.06), "right_hip": (0.05, 0.08, 0.06),
        "left_knee": (-0.09, -0.04, 0.08), "right_knee": (0.09, -0.04, 0.08),
        "left_ankle": (-0.07, -0.16, 0.04), "right_ankle": (0.07, -0.16, 0.04),
    }  # fmt: skip
    return np.array([[body[name] for name in JOINTS]])


def test_from_above_a_hand_on_the_belly_is_seen_and_from_below_it_is_not() -> None:
    above = hidden_by_body(_lying(), np.array([0.0, 0.2, 2.0]))[0]
    below = hidden_by_body(_lying(), np.array([0.0, 0.2, -2.0]))[0]
    assert above[AT("left_wrist")] == 0
    assert above[AT("nose")] == 0
    assert below[AT("left_wrist")] == 1
    assert below[AT("nose")] == 1
    assert below[AT("right_wrist")] == 0


def test_from_the_left_the_right_hip_is_behind_the_trunk() -> None:
    side = hidden_by_body(_lying(), np.array([-2.0, 0.1, 0.1]))[0]
    assert side[AT("right_hip")] > side[AT("left_hip")] == 0
    assert side[AT("right_ear")] == 1


def test_of_a_body_that_is_not_known_whole_nothing_is_said() -> None:
    lost = _lying()
    lost[0, AT("left_knee")] = np.nan
    assert np.isnan(hidden_by_body(lost, np.array([0.0, 0.2, 2.0]))).all()


def test_depth_proposes_and_people_decide() -> None:
    evidence = blank(3)
    marks, scores = np.full((3, 17, 2), 50.0), np.full((3, 17), 0.5)
    said = evidence.confirmed_visibility.copy()
    said[1, 0] = Visibility.VISIBLE
    evidence = evidence_with(evidence, marks=marks, scores=scores, confirmed_visibility=said)
    behind = np.full((3, 17), np.nan)
    behind[:, 0] = 1.0
    behind[2] = 0.0
    found = proposed(evidence, marks, behind)
    assert found[1, 0] == Visibility.VISIBLE
    assert found[2, 5] == Visibility.VISIBLE
    weak = evidence_with(evidence, confirmed_visibility=np.full((3, 17), -1))
    assert proposed(weak, marks, behind)[0, 0] == Visibility.OCCLUDED
    # What masks or a fitted body say goes before what the joints alone say.
    fitted = evidence_with(weak, hidden=np.zeros((3, 17)))
    assert proposed(fitted, marks, behind)[0, 0] == Visibility.VISIBLE


def test_a_joint_outside_of_the_infants_mask_is_occluded_unless_it_moved_back() -> None:
    marks, scores = np.full((2, 17, 2), 50.0), np.full((2, 17), 0.7)
    outside = np.full((2, 17), np.nan)
    outside[:, 9], outside[:, 10] = 12.0, -3.0
    evidence = evidence_with(blank(2), marks=marks, scores=scores, outside=outside)
    positions = marks.copy()
    positions[1, 9] += (0.0, 20.0)
    found = proposed(evidence, positions)
    assert found[0, 9] == Visibility.OCCLUDED
    assert found[1, 9] == found[0, 10] == found[0, 11] == Visibility.VISIBLE
