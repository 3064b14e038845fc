"""Fits of sequences: all moments together, with gaps, cuts and contacts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.metrics import mpjpe
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import Sampled, four_cameras, sample_moments
from worker.fitting.chains import Banded, path_precision, solve_banded, times_precision
from worker.fitting.config import FitConfig
from worker.fitting.contact import find_floor
from worker.fitting.files import read_fits, write_fits
from worker.fitting.motion import MotionPrior, learn_motion, learnt_motion
from worker.fitting.result import SessionFit
from worker.fitting.sequence import runs_of
from worker.fitting.session import fit_session
from worker.fitting.warm import WarmStart

Array = NDArray[np.float64]

FPS = 30.0
ALONE = FitConfig(sequence_weight=0, smooth_weight=0)


@pytest.fixture(scope="module")
def moving() -> Sampled:
    return sample_moments(30, seed=5, noise_px=4.0, occluded=0.0, motion=True)


@pytest.fixture(scope="module")
def times() -> Array:
    return np.arange(30) / FPS


@pytest.fixture(scope="module")
def together(moving: Sampled, times: Array) -> SessionFit:
    return fit_session(open_body(), [*four_cameras()], moving.joints, times=times)


def test_a_banded_system_gives_the_dense_solution_and_its_variances() -> None:
    rng = np.random.default_rng(0)
    t, n = 7, 3
    dense = np.zeros((t * n, t * n))
    for first in range(t - 2):
        rows = slice(first * n, (first + 3) * n)
        part = rng.normal(size=(3 * n, 3 * n))
        dense[rows, rows] += part @ part.T
    blocks = dense.reshape(t, n, t, n).transpose(0, 2, 1, 3)
    matrix = Banded(
        np.stack([blocks[i, i] for i in range(t)]),
        np.stack([blocks[i, i + 1] for i in range(t - 1)]),
        np.stack([blocks[i, i + 2] for i in range(t - 2)]),
    )
    right = rng.normal(size=(t, n))
    x, spread = solve_banded(matrix, right, covariance=True)
    inverse = np.linalg.inv(dense).reshape(t, n, t, n)
    np.testing.assert_allclose(x.ravel(), np.linalg.solve(dense, right.ravel()), atol=1e-8)
    np.testing.assert_allclose(spread, np.stack([inverse[i, :, i] for i in range(t)]), atol=1e-8)


def test_a_path_costs_the_same_at_ten_and_at_sixty_frames_a_second() -> None:
    costs = []
    for fps in (10, 60):
        times = np.arange(0, 2, 1 / fps)
        path = np.sin(2.0 * times)[:, None, None]
        level, relax = np.full((len(times), 1), 0.05), np.array([0.4])
        costs.append(
            float((path * times_precision(path_precision(times, level, relax), path)).sum())
        )
    assert costs[0] == pytest.approx(costs[1], rel=0.1)


def test_moments_together_lie_nearer_to_the_truth_than_each_for_itself(
    moving: Sampled, times: Array, together: SessionFit
) -> None:
    alone = fit_session(open_body(), [*four_cameras()], moving.joints, times=times, config=ALONE)
    by_moment = mpjpe(alone.joints3d_coco, moving.coco).mean()
    assert mpjpe(together.joints3d_coco, moving.coco).mean() < 0.75 * by_moment
    assert (alone.time_filter, together.time_filter) == ("moment", "sequence")
    # What each gave for itself stays beside it.
    np.testing.assert_allclose(together.raw_pose, alone.pose, atol=1e-6)
    np.testing.assert_allclose(together.raw_joints3d_coco, alone.joints3d_coco, atol=1e-6)


def test_a_gap_is_bridged_and_the_width_grows_towards_its_middle(
    moving: Sampled, times: Array
) -> None:
    joints = moving.joints.copy()
    joints[10:17] = 0
    fit = fit_session(open_body(), [*four_cameras()], joints, times=times)
    assert fit.bridged is not None
    assert fit.spread_m is not None
    assert np.flatnonzero(fit.bridged).tolist() == list(range(10, 17))
    width = fit.spread_m.mean(1)
    assert width[9] < width[11] < width[13] > width[15] > width[17]
    assert not fit.gate_passed[10:17].any()
    assert np.isnan(fit.raw_pose[10:17]).all()


def test_a_gap_that_is_too_long_stays_empty(moving: Sampled, times: Array) -> None:
    joints = moving.joints.copy()
    joints[5:25] = 0
    fit = fit_session(open_body(), [*four_cameras()], joints, times=times)
    assert fit.moment.tolist() == [*range(5), *range(25, 30)]


def test_moments_that_are_no_motion_keep_to_their_joints() -> None:
    still = sample_moments(8, seed=3, noise_px=1.0, occluded=0.0)
    fit = fit_session(open_body(), [*four_cameras()], still.joints, times=np.arange(8) / FPS)
    assert mpjpe(fit.joints3d_coco, still.coco).mean() < 8


def test_a_changed_moment_moves_only_itself_and_its_neighbours(
    moving: Sampled, times: Array, together: SessionFit
) -> None:
    joints = moving.joints.copy()
    joints[12, 0, 9, :2] += 8
    again = fit_session(
        open_body(), [*four_cameras()], joints, times=times, start=WarmStart.of(together),
        only=[12],
    )  # fmt: skip
    moved = np.abs(again.pose - together.pose).max(1) > 0
    assert np.flatnonzero(moved).tolist() == [11, 12, 13]
    assert again.refitted == (11, 12, 13)
    kept = np.setdiff1d(np.arange(30), [12])
    np.testing.assert_array_equal(again.raw_pose[kept], together.raw_pose[kept])


def test_a_fits_file_holds_what_was_filtered_and_what_was_not(
    together: SessionFit, tmp_path: Path
) -> None:
    write_fits(tmp_path / "fits.npz", together)
    back = read_fits(tmp_path / "fits.npz")
    assert back.time_filter == "sequence"
    np.testing.assert_array_equal(back.raw_pose, together.raw_pose)
    np.testing.assert_array_equal(back.spread_m, together.spread_m)


def test_times_far_apart_are_no_sequence(moving: Sampled) -> None:
    fit = fit_session(open_body(), [*four_cameras()], moving.joints, times=np.arange(30.0))
    assert fit.time_filter == "neighbours"
    assert fit.raw_pose is None


def test_runs_end_where_moments_are_too_far_apart() -> None:
    times = np.array([0, 0.1, 0.2, 3.0, 3.1, 9.0, 9.1, 9.2, 9.3])
    assert [run.tolist() for run in runs_of(times, 0.5)] == [[0, 1, 2], [5, 6, 7, 8]]


def test_a_floor_is_found_under_what_rests() -> None:
    rng = np.random.default_rng(1)
    joints = rng.uniform((-0.4, -0.4, 0.0), (0.4, 0.4, 0.5), (60, 17, 3))
    slow = np.zeros((60, 17), bool)
    slow[:, 11:17] = True
    joints[:, 11:17, 2] = rng.normal(0.03, 0.003, (60, 6))
    floor = find_floor(joints, slow)
    assert floor is not None
    np.testing.assert_allclose(floor[:3], (0, 0, 1), atol=0.05)
    assert -floor[3] == pytest.approx(0.03, abs=0.01)


def test_no_floor_is_made_up_where_nothing_rests_in_a_plane() -> None:
    joints = np.random.default_rng(2).uniform(-0.5, 0.5, (60, 17, 3))
    assert find_floor(joints, np.ones((60, 17), bool)) is None


def test_a_motion_prior_is_learnt_from_paths_whatever_their_rate() -> None:
    def prior(fps: float) -> MotionPrior:
        times = np.arange(0, 4, 1 / fps)
        path = 0.1 * np.sin(4 * times)[:, None, None] * np.ones((1, 17, 3))
        return learn_motion([(times, path, path[:, :, 0])], "a test")

    slow, quick = prior(20.0), prior(60.0)
    np.testing.assert_allclose(slow.level, quick.level, rtol=0.05)
    back = MotionPrior.from_json(quick.to_json())
    np.testing.assert_allclose(back.level, quick.level, atol=1e-4)


def test_the_shipped_motion_prior_knows_that_hands_are_quicker_than_hips() -> None:
    prior = learnt_motion()
    assert prior.level[[9, 10]].min() > 3 * prior.level[[11, 12]].max()
