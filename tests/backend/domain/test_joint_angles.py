"""Joint angles: what each definition says of poses that are easy to see."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from backend.domain.joint_angles import ANGLES, PARENTS, joint_angles

Array = NDArray[np.float64]

UP = (0.0, 0.0, 1.0)
UPRIGHT = Rotation.from_euler("x", 90, degrees=True)
"""SMPL's y up to the world's z up: the body stands and looks along −y."""

REST = {
    1: (0.05, -0.05, 0), 2: (-0.05, -0.05, 0), 3: (0, 0.05, 0), 4: (0, -0.12, 0), 5: (0, -0.12, 0),
    6: (0, 0.05, 0), 7: (0, -0.12, 0), 8: (0, -0.12, 0), 9: (0, 0.05, 0), 10: (0, 0, 0.05),
    11: (0, 0, 0.05), 12: (0, 0.08, 0), 13: (0.03, 0.05, 0), 14: (-0.03, 0.05, 0),
    15: (0, 0.04, 0), 16: (0.05, 0, 0), 17: (-0.05, 0, 0), 18: (0.1, 0, 0), 19: (-0.1, 0, 0),
    20: (0.09, 0, 0), 21: (-0.09, 0, 0), 22: (0.04, 0, 0), 23: (-0.04, 0, 0),
}  # fmt: skip
"""A small body in T pose: bones in their parent's axes."""


def told(**turns: tuple[int, Array]) -> dict[str, float]:
    """Angles of the small body with some bones turned; each (joint, axis-angle in degrees)."""
    pose = np.zeros((24, 3))
    pose[0] = UPRIGHT.as_rotvec()
    for joint, turn in turns.values():
        base = Rotation.from_rotvec(pose[joint])
        pose[joint] = (base * Rotation.from_rotvec(np.deg2rad(turn))).as_rotvec()
    local = Rotation.from_rotvec(pose).as_matrix()
    world, joints = local.copy(), np.zeros((24, 3))
    for joint in range(1, 24):
        up = PARENTS[joint]
        world[joint] = world[up] @ local[joint]
        joints[joint] = joints[up] + world[up] @ np.array(REST[joint])
    (values,) = joint_angles(pose.reshape(1, 72), joints[None], UP)
    return dict(zip((angle.name for angle in ANGLES), values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("name", "joint", "turn", "degrees"),
    [
        ("left_hip_flexion_deg", 1, (-90, 0, 0), 90),
        ("right_hip_flexion_deg", 2, (-40, 0, 0), 40),
        ("left_hip_abduction_deg", 1, (0, 0, 30), 30),
        ("right_hip_abduction_deg", 2, (0, 0, -30), 30),
        ("left_hip_rotation_deg", 1, (0, -20, 0), 20),
        ("right_hip_rotation_deg", 2, (0, 20, 0), 20),
        ("left_knee_flexion_deg", 4, (70, 0, 0), 70),
        ("left_shoulder_elevation_deg", 16, (0, 0, -90), 0),
        ("right_shoulder_elevation_deg", 17, (0, 0, 0), 90),
        ("left_shoulder_plane_deg", 16, (0, -90, 0), 90),
        ("right_shoulder_plane_deg", 17, (0, 90, 0), 90),
        ("left_elbow_flexion_deg", 18, (0, -100, 0), 100),
        ("trunk_flexion_deg", 9, (25, 0, 0), 25),
        ("trunk_lateral_flexion_deg", 9, (0, 0, -15), 15),
        ("trunk_rotation_deg", 9, (0, 30, 0), 30),
        ("head_flexion_deg", 15, (20, 0, 0), 20),
        ("head_rotation_deg", 12, (0, 40, 0), 40),
        ("trunk_inclination_deg", 0, (90, 0, 0), 90),
        ("chest_to_ceiling_deg", 0, (-90, 0, 0), 0),
    ],
)
def test_a_turn_gives_the_angle_that_its_definition_says(
    name: str, joint: int, turn: tuple[float, float, float], degrees: float
) -> None:
    assert told(one=(joint, np.array(turn, float)))[name] == pytest.approx(degrees, abs=1e-6)


def test_a_straight_body_that_stands_has_no_flexion_anywhere() -> None:
    values = told()
    for name, value in values.items():
        if "shoulder" not in name and "chest" not in name:
            assert value == pytest.approx(0, abs=1e-6), name
    assert values["chest_to_ceiling_deg"] == pytest.approx(90)


def test_the_plane_of_a_hanging_arm_is_not_made_up() -> None:
    assert np.isnan(told(one=(16, np.array((0.0, 0.0, -88.0))))["left_shoulder_plane_deg"])


def test_a_moment_without_a_pose_has_no_angles() -> None:
    assert np.isnan(joint_angles(np.full((1, 72), np.nan), np.zeros((1, 24, 3)), UP)).all()
