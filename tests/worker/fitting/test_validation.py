from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.fitting import open_basis, sample_moments
from worker.fitting.config import FitConfig
from worker.fitting.rig import CAPSULES
from worker.fitting.skin import posed_joints
from worker.fitting.validate import intersections, limb_errors, passes_gate


def small_errors() -> np.ndarray:
    return np.full((1, 4, 17), 3.0)


def test_small_errors_pass_the_gate() -> None:
    assert passes_gate(small_errors(), FitConfig()).tolist() == [True]


def test_one_bad_view_fails_though_the_mean_is_fine() -> None:
    error = small_errors()
    error[0, 2] = 20.0
    assert error.mean() < 16
    assert not passes_gate(error, FitConfig())[0]


def test_one_joint_far_off_fails() -> None:
    error = small_errors()
    error[0, 0, 9] = 55.0
    assert not passes_gate(error, FitConfig())[0]


def test_joints_that_were_not_given_do_not_count() -> None:
    error = small_errors()
    error[0, 1] = np.nan
    assert passes_gate(error, FitConfig())[0]


def test_too_few_joints_fail() -> None:
    error = np.full((1, 4, 17), np.nan)
    error[0, :, :5] = 1.0
    assert not passes_gate(error, FitConfig())[0]


def test_the_gate_is_a_setting() -> None:
    error = small_errors()
    error[0, 2] = 20.0
    assert passes_gate(error, FitConfig(gate_px=25))[0]


def test_the_body_at_rest_does_not_intersect_itself() -> None:
    basis = open_basis()
    zero = np.zeros(basis.n_betas)
    _, joints = posed_joints(basis, zero, np.zeros((1, 72)), np.zeros((1, 3)), 1.0)
    assert intersections(joints, basis.radius * 0.8).tolist() == [0]


def test_a_forearm_through_the_other_is_counted() -> None:
    basis = open_basis()
    zero = np.zeros(basis.n_betas)
    _, joints = posed_joints(basis, zero, np.zeros((1, 72)), np.zeros((1, 3)), 1.0)
    left, right = CAPSULES[8], CAPSULES[9]
    joints[0, list(right)] = joints[0, list(left)] + 0.002
    assert intersections(joints, basis.radius * 0.8)[0] >= 1


def test_limbs_of_other_lengths_are_told() -> None:
    coco = sample_moments(2, noise_px=0).coco
    seen = coco.copy()
    seen[1, 9] = seen[1, 7] + 1.3 * (seen[1, 9] - seen[1, 7])
    found = limb_errors(seen, coco)
    assert found[0] == pytest.approx(0, abs=1e-9)
    assert found[1] == pytest.approx(0.3)
    assert np.isnan(limb_errors(np.full_like(seen, np.nan), coco)).all()
