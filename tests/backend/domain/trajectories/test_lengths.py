"""Bones keep their length."""

from __future__ import annotations

import numpy as np

from backend.domain.trajectories.lengths import drawn_to, lengths_of
from tests.backend.domain.trajectories.made import moving_body

ELBOW, WRIST = 7, 9


def _body() -> np.ndarray:
    return moving_body(np.random.default_rng(2), 120)


def _sure(moments: int, deviation: float) -> np.ndarray:
    return np.tile(np.eye(3) * deviation**2, (moments, 17, 1, 1))


def test_lengths_are_read_through_noise() -> None:
    body = _body()
    noisy = body + np.random.default_rng(0).normal(0, 0.004, body.shape)
    found, true = lengths_of(noisy), lengths_of(body)
    assert found is not None
    assert true is not None
    assert np.abs(found / true - 1).max() < 0.04


def test_a_few_moments_tell_no_lengths() -> None:
    assert lengths_of(_body()[:10]) is None


def test_errors_along_a_bone_are_taken_back_by_the_joint_that_is_less_sure() -> None:
    body = _body()
    lengths = lengths_of(body)
    assert lengths is not None
    wrong, covariance = body.copy(), _sure(len(body), 0.003)
    along = body[:, WRIST] - body[:, ELBOW]
    wrong[:, WRIST] += 0.3 * along
    covariance[:, WRIST] *= 100
    found, left = drawn_to(wrong, covariance, lengths)
    before, after = (np.linalg.norm(x[:, WRIST] - body[:, WRIST], axis=1) for x in (wrong, found))
    assert (after < 0.35 * before).all()
    assert np.abs(found[:, ELBOW] - body[:, ELBOW]).max() < 0.003
    assert (np.trace(left[:, WRIST], axis1=1, axis2=2) < 0.0026).all()
    assert np.allclose(found[:, 0], body[:, 0])


def test_joints_that_are_nowhere_change_nothing_else() -> None:
    body = _body()
    lengths = lengths_of(body)
    assert lengths is not None
    lost = body.copy()
    lost[:, WRIST] = np.nan
    found, _ = drawn_to(lost, _sure(len(body), 0.01), lengths)
    assert np.isfinite(np.delete(found, WRIST, axis=1)).all()
