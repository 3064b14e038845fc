from __future__ import annotations

import numpy as np
import pytest

from backend.demo.truth import load_truth
from backend.domain.cameras import Camera, assumed_camera
from backend.domain.metrics import mpjpe, pa_mpjpe
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import Sampled, camera_at, four_cameras, sample_moments
from worker.fitting.config import FitConfig
from worker.fitting.result import SessionFit
from worker.fitting.session import fit_session
from worker.fitting.warm import WarmStart

TIMES = np.arange(20) / 10


@pytest.fixture(scope="module")
def moving() -> Sampled:
    return sample_moments(20, seed=6, motion=True)


@pytest.fixture(scope="module")
def fitted(moving: Sampled) -> SessionFit:
    return fit_session(open_body(), [*four_cameras()], moving.joints, times=TIMES)


def test_a_session_is_fitted_well_within_the_limits(moving: Sampled, fitted: SessionFit) -> None:
    assert pa_mpjpe(fitted.joints3d_coco, moving.coco).mean() < 15
    assert mpjpe(fitted.joints3d_coco, moving.coco).mean() < 25
    assert fitted.gate_passed.all()
    assert fitted.converged.all()
    assert fitted.mean_error_px.max() < 5


def test_every_array_has_its_shape(fitted: SessionFit) -> None:
    n, views, betas = 20, 4, open_body().betas
    assert fitted.betas.shape == (n, betas)
    assert fitted.pose.shape == (n, 72)
    assert fitted.joints3d_coco.shape == (n, 17, 3)
    assert fitted.joints3d_body.shape == (n, 24, 3)
    assert fitted.error_px.shape == (n, views, 17)
    assert np.isnan(fitted.mask_iou).all()
    assert np.ptp(fitted.betas, axis=0).max() == 0
    assert np.ptp(fitted.scale) == 0


def test_the_rendered_demo_of_another_infant_is_fitted_within_the_limits() -> None:
    truth = load_truth("play_mat")
    cameras = [
        Camera(c.name, c.width, c.height, c.K, c.distortion, T_camera_world=c.T_camera_world)
        for c in truth.recording.cameras
    ]
    infants = [[f.infant for f in camera.frames[::8]] for camera in truth.cameras]
    coco = np.stack([infant.joints3d for infant in infants[0] if infant])
    pixels = np.stack([[i.joints2d for i in view if i] for view in infants], axis=1)
    rng = np.random.default_rng(0)
    pixels = pixels + rng.normal(0, 2, pixels.shape)
    seen = np.where(rng.random(pixels.shape[:3]) < 0.2, 1.0, 2.0)
    joints = np.concatenate([pixels, seen[..., None]], axis=-1)
    fit = fit_session(open_body(), [*cameras], joints, floor=(0, 0, 1, 0))
    assert pa_mpjpe(fit.joints3d_coco, coco).mean() < 15
    assert mpjpe(fit.joints3d_coco, coco).mean() < 25


def test_only_a_changed_moment_and_its_neighbours_are_fitted_again(
    moving: Sampled, fitted: SessionFit
) -> None:
    joints = moving.joints.copy()
    joints[8, 0, 9, :2] += 12
    again = fit_session(
        open_body(), [*four_cameras()], joints, times=TIMES, start=WarmStart.of(fitted), only=[8]
    )
    assert again.refitted == (7, 8, 9)
    changed = np.flatnonzero(np.abs(again.pose - fitted.pose).max(1) > 0)
    assert changed.tolist() == [7, 8, 9]
    np.testing.assert_array_equal(again.betas, fitted.betas)
    np.testing.assert_array_equal(again.scale, fitted.scale)


def test_shape_and_scale_of_an_earlier_fit_are_kept(moving: Sampled, fitted: SessionFit) -> None:
    again = fit_session(
        open_body(), [*four_cameras()], moving.joints[:3], start=WarmStart.of(fitted)
    )
    np.testing.assert_array_equal(again.betas[0], fitted.betas[0])
    assert len(again) == 3


def test_a_session_goes_on_without_a_missing_camera(moving: Sampled) -> None:
    cameras = [*four_cameras()]
    fit = fit_session(open_body(), [cameras[0], None, *cameras[2:]], moving.joints)
    assert np.isnan(fit.error_px[:, 1]).all()
    assert fit.camera_names[1] == "missing_2"
    assert mpjpe(fit.joints3d_coco, moving.coco).mean() < 25


def test_a_view_without_any_joints_is_no_trouble(moving: Sampled) -> None:
    joints = moving.joints.copy()
    joints[:, 2] = 0
    fit = fit_session(open_body(), [*four_cameras()], joints)
    assert mpjpe(fit.joints3d_coco, moving.coco).mean() < 25


def test_joints_that_are_not_numbers_count_as_absent(moving: Sampled) -> None:
    joints = moving.joints.copy()
    joints[3, 1, 4] = np.nan
    fit = fit_session(open_body(), [*four_cameras()], joints)
    assert np.isnan(fit.error_px[3, 1, 4])
    assert np.isfinite(fit.pose).all()


def test_moments_with_too_few_joints_have_no_fit(moving: Sampled) -> None:
    joints = moving.joints.copy()
    joints[4] = 0
    joints[7, :, 3:] = 0
    fit = fit_session(open_body(), [*four_cameras()], joints)
    assert sorted(set(range(20)) - set(fit.moment.tolist())) == [4, 7]


def test_both_facings_are_tried_where_one_view_must_do(moving: Sampled) -> None:
    fit = fit_session(open_body(), [four_cameras()[0]], moving.joints[:, :1], times=TIMES)
    assert (fit.facing_restarts >= 5).all()
    assert fit.mean_error_px.mean() < 5
    assert not fit.camera_assumed.any()


def test_an_assumed_camera_is_flagged(moving: Sampled) -> None:
    camera = assumed_camera("phone", 640, 480)
    fit = fit_session(open_body(), [camera], moving.joints[:4, :1])
    assert fit.camera_assumed.tolist() == [True]
    assert np.isfinite(fit.joints3d_coco).all()
    assert fit.mean_error_px.mean() < 6


def test_confidences_weigh_and_weak_ones_are_left_out(moving: Sampled) -> None:
    joints = moving.joints.copy()
    joints[..., 2] = 0.9
    joints[:, 0, 9, :2] += 200
    joints[:, 0, 9, 2] = 0.1
    fit = fit_session(open_body(), [*four_cameras()], joints, "confidence")
    assert np.isnan(fit.error_px[:, 0, 9]).all()
    assert fit.gate_passed.all()


def test_progress_reaches_the_end(moving: Sampled) -> None:
    told: list[tuple[int, int, str]] = []
    fit_session(
        open_body(), [*four_cameras()], moving.joints[:3],
        progress=lambda done, total, what: told.append((done, total, what)),
    )  # fmt: skip
    assert told[-1][:2] == (3, 3)


def test_a_larger_infant_gets_a_larger_scale() -> None:
    far = [camera_at(f"c{i}", c) for i, c in enumerate(((2.4, -2.6, 2.0), (2.6, 2.2, 2.4)))]
    small = sample_moments(10, seed=1, cameras=far)
    fit = fit_session(open_body(), [*far], small.joints)
    # The same pixels from cameras that stand further away mean a larger infant.
    wide = []
    for camera in far:
        T = camera.pose.copy()
        T[:3, 3] *= 1.3
        wide.append(camera.moved(T))
    larger = fit_session(open_body(), [*wide], small.joints, config=FitConfig(length_spread=5.0))
    assert larger.scale[0] / fit.scale[0] == pytest.approx(1.3, rel=0.1)
