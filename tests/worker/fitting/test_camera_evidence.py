from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from backend.domain.cameras import Camera
from tests.fixtures.fitting import (
    four_cameras,
    open_basis,
    open_family,
    open_prior,
    sample_moments,
)
from worker.fitting.camera_evidence import CameraErrors
from worker.fitting.camera_spread import ROTATION_RAD
from worker.fitting.config import FitConfig
from worker.fitting.problem import make_problem
from worker.fitting.solve import solve_fresh
from worker.fitting.uncertainty import of_recording

DEGREES = 2.0


def errors_of(cameras: list[Camera]) -> CameraErrors:
    """What 24 moments seen by four true cameras say of the ones that are told."""
    sampled = sample_moments(24, seed=6)
    problem = make_problem(
        cameras, sampled.joints, "visibility", open_basis().coco_weight, FitConfig()
    )
    family, prior = open_family(), open_prior()
    x = solve_fresh(problem, family.at(sampled.betas), prior, sampled.scale).x
    return of_recording(
        problem, family, prior, sampled.betas, sampled.scale, x, np.arange(24)
    ).cameras


def turned(camera: Camera) -> Camera:
    T = np.eye(4)
    T[:3, :3] = Rotation.from_euler("y", DEGREES, degrees=True).as_matrix()
    return camera.moved(T @ camera.pose)


def test_a_turned_camera_is_found_with_about_its_turn() -> None:
    cameras = four_cameras()
    cameras[1] = turned(cameras[1])
    degrees = np.degrees(np.linalg.norm(errors_of(cameras).off[:, :3], axis=1))
    assert degrees.argmax() == 1
    assert 0.6 * DEGREES < degrees[1] < 1.4 * DEGREES
    assert np.delete(degrees, 1).max() < 0.5 * degrees[1]


def test_residuals_tell_true_cameras_better_than_their_calibration_does() -> None:
    found = errors_of(four_cameras())
    left = np.sqrt(np.diag(found.covariance).reshape(4, 10)[:, :2])
    assert (np.degrees(np.abs(found.off[:, :3])) < 0.3).all()
    assert left.mean() < ROTATION_RAD


def test_one_camera_alone_stays_as_its_calibration_has_it() -> None:
    sampled = sample_moments(8, seed=6, cameras=four_cameras()[:1])
    problem = make_problem(
        four_cameras()[:1], sampled.joints, "visibility", open_basis().coco_weight, FitConfig()
    )
    found = of_recording(
        problem, open_family(), open_prior(), sampled.betas, sampled.scale, sampled.x,
        np.zeros(0, np.int64),
    ).cameras  # fmt: skip
    assert not found.off.any()
    assert np.allclose(found.covariance, found.stated[0])
