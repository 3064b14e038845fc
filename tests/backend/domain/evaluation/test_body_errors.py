"""Errors of bodies in 3D under each alignment."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.domain.evaluation.body_errors import body_measures
from backend.domain.metrics import mpjpe, pa_mpjpe, similarity


def bodies(count: int = 3, joints: int = 17) -> np.ndarray:
    return np.random.default_rng(4).normal(0, 0.3, (count, joints, 3))


def turned(points: np.ndarray) -> np.ndarray:
    c, s = np.cos(0.7), np.sin(0.7)
    return points @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]).T


def test_a_shift_counts_only_where_nothing_is_aligned() -> None:
    true = bodies()
    found = body_measures(true + np.array([0.03, 0.04, 0]), true)
    assert found["MPJPE_unaligned"] == pytest.approx(50)
    assert found["MPJPE"] == pytest.approx(0, abs=1e-9)
    assert found["PA-MPJPE"] == pytest.approx(0, abs=1e-9)


def test_size_and_direction_count_unless_procrustes_takes_them_out() -> None:
    true = bodies()
    found = body_measures(1.2 * turned(true) + 1, true)
    assert (found["MPJPE"] > 50).all()
    assert found["PA-MPJPE"] == pytest.approx(0, abs=1e-6)


def test_a_mirrored_body_is_not_taken_for_the_same() -> None:
    true = bodies()
    assert (body_measures(true * (-1, 1, 1), true)["PA-MPJPE"] > 50).all()


def test_one_joint_off_is_a_seventeenth_of_its_distance() -> None:
    true = bodies()
    predicted = true.copy()
    predicted[:, 0, 0] += 0.17
    assert body_measures(predicted, true)["MPJPE"] == pytest.approx(10)


def test_vertices_are_aligned_by_the_pelvis_of_the_joints() -> None:
    true = bodies()
    vertices = np.random.default_rng(1).normal(0, 0.3, (3, 50, 3))
    found = body_measures(true + 0.5, true, vertices + 0.5, vertices)
    assert found["PVE"] == pytest.approx(0, abs=1e-9)
    assert found["PVE_unaligned"] == pytest.approx(1000 * np.sqrt(0.75))


def test_smpl_joints_have_their_own_pelvis() -> None:
    true = bodies(joints=24)
    predicted = true.copy()
    predicted[:, 0] += (0.024, 0, 0)  # the pelvis itself: after alignment all others are off
    assert body_measures(predicted, true)["MPJPE"] == pytest.approx(23 / 24 * 24)


def test_unknown_joints_are_left_out_and_an_unknown_pelvis_leaves_no_mpjpe() -> None:
    true = bodies()
    true[0, 3] = np.nan
    true[1, 11] = np.nan
    found = body_measures(bodies() + 0.1, true)
    assert found["MPJPE"][0] == pytest.approx(0, abs=1e-9)
    assert np.isnan(found["MPJPE"][1])
    assert found["PA-MPJPE"] == pytest.approx(0, abs=1e-9)
    true[2, 2:] = np.nan
    assert np.isnan(body_measures(bodies(), true)["PA-MPJPE"][2])


def test_another_number_of_joints_is_refused() -> None:
    with pytest.raises(InvalidInput, match="13 joints"):
        body_measures(bodies(joints=13), bodies(joints=13))


def test_many_bodies_at_once_agree_with_one_at_a_time() -> None:
    rng = np.random.default_rng(8)
    predicted, true = rng.normal(size=(2, 6, 17, 3))
    found = body_measures(predicted, true)
    assert found["MPJPE"] == pytest.approx(mpjpe(predicted, true))
    assert found["PA-MPJPE"] == pytest.approx(pa_mpjpe(predicted, true))
    for i in range(6):
        scale, R, at = similarity(predicted[i], true[i])
        moved = scale * predicted[i] @ R.T + at
        error = 1000 * np.linalg.norm(moved - true[i], axis=1).mean()
        assert found["PA-MPJPE"][i] == pytest.approx(error)
