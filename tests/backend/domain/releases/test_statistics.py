"""What is counted of labels: joints, boxes, poses, bodies, time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.releases.statistics import (
    POSE_CELLS,
    box_part,
    in_torso_frame,
    joint_angles,
    pose_map,
    spot_of,
    visibility_counts,
    working_time,
)
from backend.domain.skeleton import JOINTS

WRIST = JOINTS.index("left_wrist")


def upright() -> np.ndarray:
    """An infant that stands: hips at (100, 200), shoulders 50 px above, left wrist beside."""
    joints = np.zeros((1, 17, 3))
    for name, x, y in (
        ("left_hip", 110, 200), ("right_hip", 90, 200), ("left_shoulder", 115, 150),
        ("right_shoulder", 85, 150), ("left_wrist", 150, 175),
    ):  # fmt: skip
        joints[0, JOINTS.index(name)] = (x, y, 2)
    return joints


BOX = np.array([[80.0, 140.0, 80.0, 80.0]])


def test_each_joint_is_counted_by_group_and_visibility() -> None:
    joints = np.zeros((3, 17, 3))
    joints[1:, 0, 2] = (1, 2)
    counts = visibility_counts(joints, np.array([0, 1, 1]), 2)
    assert counts.sum() == 3 * 17
    assert counts[0, 0].tolist() == [1, 0, 0]
    assert counts[1, 0].tolist() == [0, 1, 1]
    assert counts[1, 1].tolist() == [2, 0, 0]


def test_a_box_that_fills_the_image_is_in_the_last_part() -> None:
    boxes = np.array([[0, 0, 640.0, 480.0], [0, 0, 64.0, 48.0], [0, 0, 63.0, 48.0]])
    size = np.full(3, 640), np.full(3, 480)
    assert box_part(boxes, *size).tolist() == [9, 1, 0]


def test_the_torso_is_upright_and_one_unit_long() -> None:
    (right, above), known = in_torso_frame(upright(), BOX)
    assert known.all()
    assert (right[0, WRIST], above[0, WRIST]) == pytest.approx((1.0, 0.5))


@given(st.floats(-3, 3), st.floats(0.2, 5), st.floats(-500, 500))
def test_turned_scaled_and_shifted_pictures_show_the_same_pose(
    angle: float, scale: float, shift: float
) -> None:
    joints = upright()
    turned = joints.copy()
    c, s = np.cos(angle), np.sin(angle)
    turned[..., :2] = scale * joints[..., :2] @ np.array([[c, s], [-s, c]]) + shift
    seen, known = in_torso_frame(turned, scale * BOX)
    plain, _ = in_torso_frame(joints, BOX)
    assert known.all()
    placed = joints[0, :, 2] > 0
    assert np.allclose(seen[:, 0, placed], plain[:, 0, placed], atol=1e-6)


def test_a_mirrored_infant_is_not_turned_back() -> None:
    mirrored = upright()
    mirrored[..., 0] *= -1
    (right, _), _ = in_torso_frame(mirrored, BOX)
    assert right[0, WRIST] == pytest.approx(-1)


@pytest.mark.parametrize("missing", ["left_hip", "right_shoulder"])
def test_without_shoulder_or_hip_there_is_no_torso(missing: str) -> None:
    joints = upright()
    joints[0, JOINTS.index(missing), 2] = 0
    found = pose_map(joints, BOX)
    assert (found.frames, found.counts.sum()) == (0, 0)


def test_a_torso_that_points_at_the_camera_gives_no_direction() -> None:
    joints = upright()
    shoulders = [JOINTS.index("left_shoulder"), JOINTS.index("right_shoulder")]
    joints[0, shoulders, 1] = 199
    assert not in_torso_frame(joints, BOX)[1].any()
    joints[0, shoulders, 1] = 200
    joints[0, shoulders, 0] = (110, 90)
    seen, known = in_torso_frame(joints, np.zeros((1, 4)))
    assert not known.any()
    assert np.isfinite(seen).all()


def test_a_map_counts_placed_joints_in_cells_and_those_beyond_it() -> None:
    joints = upright()
    joints[0, 0] = (100, 200 - 50 * 2.6, 2)  # above the map
    found = pose_map(joints, BOX)
    assert found.frames == 1
    assert found.counts[WRIST].sum() == 1
    row, column = np.argwhere(found.counts[WRIST])[0]
    # 0.5 above and 1 to the right, in cells of an eighth, from the top left.
    assert (row, column) == (POSE_CELLS // 2 - 1 - 4, POSE_CELLS // 2 + 8)
    assert (found.outside[0], found.counts[0].sum()) == (1, 0)
    assert found.counts[JOINTS.index("nose")].sum() + found.outside[0] == 1


def test_a_map_says_where_a_joint_mostly_lies() -> None:
    spot = spot_of([4, 4, 0, 0], 1.0)
    assert spot is not None
    assert (spot.placed, spot.right, spot.up, spot.spread) == (8, 0, 0.5, 0.5)
    assert spot_of([0, 0, 0, 0], 1.0) is None


def test_a_joint_is_turned_by_at_most_half_a_turn() -> None:
    pose = np.zeros((1, 24, 3))
    pose[0, 0, 0], pose[0, 1, 1], pose[0, 2, 2] = np.pi / 2, 1.5 * np.pi, -2 * np.pi
    assert joint_angles(pose)[0, :4].tolist() == pytest.approx([90, 90, 0, 0])


def test_only_time_between_near_saves_of_one_person_counts() -> None:
    person = np.array([7, 3, 7, 7, 3])
    at = np.array([0.0, 10.0, 60.0, 400.0, 310.0])
    assert working_time(person, at) == {3: 300.0, 7: 60.0}


def test_nobody_worked_where_nobody_saved() -> None:
    assert working_time(np.zeros(0, dtype=np.int64), np.zeros(0)) == {}
