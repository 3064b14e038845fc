"""The mean body knows where the trunk is and how it is turned, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from backend.domain.evaluation.body_errors import N_BODY_JOINTS
from backend.domain.evaluation.mean_body import MAX_GROUPS, MeanBody, trunk_axes
from backend.domain.skeleton import N_JOINTS

RNG = np.random.default_rng(3)
BODY = RNG.normal(0, 0.2, (1, N_JOINTS, 3))
MESH = RNG.normal(0, 0.2, (1, 40, 3))


def moved(points: NDArray[np.float64], count: int = 6) -> NDArray[np.float64]:
    """The same points in other places, each turned otherwise."""
    turns = Rotation.random(count, random_state=5).as_matrix()
    return np.asarray(points @ turns.transpose(0, 2, 1) + np.arange(count)[:, None, None])


@pytest.mark.parametrize("joints", [N_JOINTS, N_BODY_JOINTS])
def test_axes_turn_with_the_body_and_are_a_rotation(joints: int) -> None:
    body = RNG.normal(0, 0.2, (1, joints, 3))
    turn = Rotation.random(random_state=1).as_matrix()
    axes = trunk_axes(body)
    assert trunk_axes(body @ turn.T + 3) == pytest.approx(turn @ axes)
    assert axes[0].T @ axes[0] == pytest.approx(np.eye(3))
    assert np.linalg.det(axes[0]) == pytest.approx(1)


def test_one_body_in_many_places_is_its_own_mean() -> None:
    joints, mesh = moved(BODY), moved(MESH)
    mean = MeanBody()
    mean.add(joints, mesh, np.zeros(6, np.intp))
    found = mean.measures(joints, mesh, np.zeros(6, np.intp))
    assert found.keys() == {"MPJPE", "PA-MPJPE", "PVE"}
    for name, values in found.items():
        assert values == pytest.approx(np.zeros(6), abs=1e-9), name


def test_of_an_infant_the_mean_is_that_of_the_others() -> None:
    bodies = np.concatenate([BODY, BODY, BODY.copy()])
    bodies[2, 9] += (0, 0, 0.17)  # a wrist, of which the trunk knows nothing
    infant = np.array([0, 1, 2])
    mean = MeanBody(3)
    mean.add(bodies, None, infant)
    found = mean.measures(bodies, None, infant)["MPJPE"]
    assert found == pytest.approx([5, 5, 10])  # half of 170 mm, and all of it, over 17 joints


def test_never_more_groups_are_kept_than_the_limit() -> None:
    mean = MeanBody(500)
    assert mean.groups == MAX_GROUPS
    mean.add(np.repeat(BODY, 500, axis=0), None, np.arange(500))
    found = mean.measures(np.repeat(BODY, 500, axis=0), None, np.arange(500))
    assert found["MPJPE"] == pytest.approx(np.zeros(500), abs=1e-9)


def test_a_body_without_a_shoulder_is_neither_learnt_from_nor_measured() -> None:
    bodies = np.concatenate([BODY, BODY + 1])
    bodies[1, 5] = np.nan
    mean = MeanBody()
    mean.add(bodies, None, np.zeros(2, np.intp))
    assert mean.bodies == 1
    found = mean.measures(bodies, None, np.zeros(2, np.intp))["MPJPE"]
    assert found[0] == pytest.approx(0, abs=1e-9)
    assert np.isnan(found[1])


def test_a_joint_that_nobody_has_is_measured_for_nobody() -> None:
    bodies = np.concatenate([BODY, BODY])
    bodies[:, 9] = np.nan
    mean = MeanBody()
    mean.add(bodies, None, np.zeros(2, np.intp))
    whole = np.concatenate([BODY, BODY])
    whole[:, 9] += 50
    found = mean.measures(whole, None, np.zeros(2, np.intp))
    assert found["MPJPE"] == pytest.approx(np.zeros(2), abs=1e-9)
