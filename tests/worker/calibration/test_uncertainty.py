"""How well cameras are known: stated spreads against errors with known truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.domain.camera_covariance import CameraCovariance
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.views import align_worlds
from tests.worker.calibration.rigs import (
    LENS_BOARD,
    RIG_BOARD,
    floor_boards,
    lens_views,
    rig,
    seen_moments,
)
from worker.calibration.extrinsics import calibrate_extrinsics
from worker.calibration.files import read_cameras, write_cameras
from worker.calibration.lenses import FIRST, pinhole, spread_of
from worker.calibration.points import ScenePoint, place_cameras
from worker.calibration.poses import inverse
from worker.calibration.resize import camera_at

KNOWN = CameraCovariance(
    np.diag([1e-6, 2e-6, 3e-6, 1e-5, 2e-5, 3e-5]),
    np.diag([4.0, 4.0, 1.0, 1.0]),
    np.full((6, 4), 1e-5),
)


def turn_of(R: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.Rodrigues(R @ truth.T)[0]).reshape(3)


def test_places_from_boards_err_by_about_what_is_stated() -> None:
    errors, stated = [], []
    for seed in range(4):
        moments = seen_moments(
            rig(), RIG_BOARD, floor_boards(4, RIG_BOARD), noise_px=0.4, turned=False, seed=seed
        )
        found = calibrate_extrinsics(rig(), moments, RIG_BOARD).cameras
        T = align_worlds(found, rig())
        for camera, truth in zip(found, rig(), strict=True):
            here = camera.in_world(camera.pose @ inverse(T))
            assert here.covariance is not None
            spread = here.covariance.centre_sd_m(here.pose)
            angle = here.covariance.angle_sd_deg
            assert spread is not None
            assert angle is not None
            errors.append(
                (
                    np.linalg.norm(here.centre - truth.centre) / np.sqrt(3),
                    np.degrees(np.linalg.norm(turn_of(here.pose[:3, :3], truth.pose[:3, :3])))
                    / np.sqrt(3),
                )
            )
            stated.append((spread, angle))
    ratio = np.sqrt(np.square(errors).mean(axis=0) / np.square(stated).mean(axis=0))
    assert (ratio > 0.6).all(), ratio
    assert (ratio < 1.5).all(), ratio


def test_the_focal_length_errs_by_about_what_is_stated() -> None:
    camera = rig()[0]
    apart = []
    for seed in range(8):
        views = lens_views(camera, LENS_BOARD, 8, noise_px=0.3, seed=seed)
        solution = pinhole(views, LENS_BOARD, FIRST)
        known = spread_of(views, LENS_BOARD, solution, FIRST)
        assert known is not None
        assert np.isclose(known[0, 0], known[1, 1])  # square pixels
        apart.append((solution.K[0, 0] - camera.K[0, 0]) / np.sqrt(known[0, 0]))
    assert 0.4 < np.sqrt(np.mean(np.square(apart))) < 1.8, apart


def test_a_lens_known_badly_makes_the_place_known_badly() -> None:
    exact = seen_moments(rig(), RIG_BOARD, floor_boards(4, RIG_BOARD), turned=False)
    vague = [
        replace(c, covariance=CameraCovariance(lens=np.diag([100.0, 100.0, 4.0, 4.0])))
        for c in rig()
    ]
    sure = calibrate_extrinsics(rig(), exact, RIG_BOARD).cameras[0]
    unsure = calibrate_extrinsics(vague, exact, RIG_BOARD).cameras[0]
    assert unsure.covariance.centre_sd_m(unsure.pose) > 5 * sure.covariance.centre_sd_m(sure.pose)
    assert unsure.covariance.cross is not None
    assert sure.covariance.cross is None


def test_a_camera_placed_by_points_says_how_well() -> None:
    rng = np.random.default_rng(5)
    camera = rig()[0]
    xyz = rng.uniform(-0.6, 0.6, (8, 3)) * (1, 1, 0.5)
    ratios = []
    for _ in range(20):
        marks = camera.project(xyz) + rng.normal(0, 1.5, (8, 2))
        points = [
            ScenePoint(str(k), tuple(at), {camera.name: tuple(mark)})
            for k, (at, mark) in enumerate(zip(xyz.tolist(), marks.tolist(), strict=True))
        ]
        found = place_cameras([camera], points).cameras[0]
        spread = found.covariance.centre_sd_m(found.pose)
        ratios.append(np.linalg.norm(found.centre - camera.centre) / np.sqrt(3) / spread)
    assert 0.6 < np.sqrt(np.mean(np.square(ratios))) < 1.5, ratios


def test_a_new_choice_of_world_carries_the_covariance_as_small_movements_would() -> None:
    """Perturbed poses, moved to another world, scatter as the carried covariance says."""
    camera = rig()[1]
    other = np.eye(4)
    other[:3, :3] = cv2.Rodrigues(np.array([0.3, -0.8, 0.5]))[0]
    other[:3, 3] = 1.0, -2.0, 0.5
    known = replace(camera, covariance=CameraCovariance(KNOWN.pose)).in_world(camera.pose @ other)
    rng = np.random.default_rng(0)
    drawn = []
    for w in rng.multivariate_normal(np.zeros(6), KNOWN.pose, 4000):
        T = np.eye(4)
        T[:3, :3] = cv2.Rodrigues(w[:3])[0] @ camera.pose[:3, :3]
        T[:3, 3] = camera.pose[:3, 3] + w[3:]
        moved = T @ other
        drawn.append((*turn_of(moved[:3, :3], known.pose[:3, :3]), *(moved - known.pose)[:3, 3]))
    sampled = np.cov(np.array(drawn).T)
    scale = np.sqrt(np.outer(np.diag(sampled), np.diag(sampled)))
    assert np.abs((sampled - known.covariance.pose) / scale).max() < 0.08


@pytest.mark.parametrize("name", ["cameras.toml", "cameras.yml", "cameras.json"])
def test_a_camera_file_keeps_how_well_cameras_are_known(tmp_path: Path, name: str) -> None:
    cameras = [replace(c, covariance=KNOWN) for c in rig()]
    write_cameras(tmp_path / name, cameras)
    for found in read_cameras([tmp_path / name]).cameras:
        assert found.covariance is not None
        assert np.allclose(found.covariance.joint(), KNOWN.joint(), rtol=1e-6)


def test_a_camera_in_other_units_and_pixels_keeps_its_covariance_in_step() -> None:
    camera = replace(rig()[0], covariance=KNOWN)
    half = camera_at(camera, (camera.width // 2, camera.height // 2))
    assert half is not None
    assert np.allclose(half.covariance.lens, KNOWN.lens / 4)
    scaled = KNOWN.scaled(lengths=0.001)
    assert np.allclose(scaled.pose[3:, 3:], KNOWN.pose[3:, 3:] * 1e-6)
    assert np.allclose(scaled.pose[:3, :3], KNOWN.pose[:3, :3])


def test_a_camera_that_is_moved_forgets_how_well_its_place_was_known() -> None:
    camera = replace(rig()[0], covariance=KNOWN)
    assert camera.moved(np.eye(4)).covariance.pose is None
    assert replace(camera, T_camera_world=None).covariance.lens is not None


@pytest.mark.parametrize(
    ("matrix", "fault"),
    [
        (np.eye(5), "6×6"),
        (np.eye(6) + np.eye(6, k=1), "not symmetric"),
        (-np.eye(6), "negative variance"),
    ],
)
def test_what_is_no_covariance_is_refused(matrix: np.ndarray, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        CameraCovariance(matrix)


def test_a_camera_goes_through_plain_values_and_back() -> None:
    camera = replace(rig()[0], covariance=KNOWN)
    back = Camera.from_dict(camera.to_dict())
    assert back.covariance is not None
    assert np.allclose(back.covariance.joint(), KNOWN.joint())
    assert "covariance" not in rig()[0].to_dict()
