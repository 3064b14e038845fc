from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.fitting import (
    Sampled,
    four_cameras,
    open_basis,
    open_family,
    open_prior,
    sample_moments,
)
from worker.fitting import levenberg as lm
from worker.fitting.config import FitConfig
from worker.fitting.initial import limb_scale, procrustes, start_from_points
from worker.fitting.problem import Problem, make_problem
from worker.fitting.shape import choose_moments, fit_shape
from worker.fitting.solve import (
    points,
    predict,
    smooth,
    solve,
    solve_fresh,
    stage_table,
    view_errors,
)
from worker.fitting.validate import intersections

COUNT = 30


@pytest.fixture(scope="module")
def sampled() -> Sampled:
    return sample_moments(COUNT, seed=2)


def make(sampled: Sampled, config: FitConfig | None = None, **settings: object) -> Problem:
    return make_problem(
        [*four_cameras()], sampled.joints, "visibility", open_basis().coco_weight,
        config or FitConfig(), **settings,  # type: ignore[arg-type]
    )  # fmt: skip


def miss_mm(joints: np.ndarray, truth: np.ndarray) -> float:
    return float(1000 * np.linalg.norm(joints - truth, axis=2).mean())


def test_exact_joints_give_back_the_pose_they_came_from() -> None:
    exact = sample_moments(COUNT, seed=5, noise_px=0)
    rig = open_family().at(exact.betas)
    config = FitConfig(pose_weight=(1.0, 1e-6), limit_weight=1e-6, intersection_weight=0)
    found = solve_fresh(make(exact, config), rig, open_prior(), exact.scale)
    assert found.converged.mean() > 0.9
    assert miss_mm(points(rig, found.x, exact.scale)[:, :17], exact.coco) < 0.2


def test_noisy_joints_are_fitted_within_millimetres(sampled: Sampled) -> None:
    rig = open_family().at(sampled.betas)
    found = solve_fresh(make(sampled), rig, open_prior(), sampled.scale)
    assert miss_mm(points(rig, found.x, sampled.scale)[:, :17], sampled.coco) < 5


def test_a_fit_ends_no_higher_than_one_that_starts_at_the_truth(sampled: Sampled) -> None:
    rig, problem = open_family().at(sampled.betas), make(sampled)
    stages = stage_table(problem.config)
    fresh = solve_fresh(problem, rig, open_prior(), sampled.scale)
    favoured = solve(problem, rig, open_prior(), sampled.scale, sampled.x, stages)
    assert np.mean(fresh.energy <= favoured.energy * 1.01) > 0.95


def test_steps_never_raise_the_energy(sampled: Sampled) -> None:
    rig, problem = open_family().at(sampled.betas), make(sampled)
    last = np.inf
    for steps in (0, 1, 2, 4, 8):
        stage = stage_table(problem.config)[-1:].copy()
        stage[0, lm.STEPS] = steps
        start, _ = start_from_points(rig, problem.tri, sampled.scale, open_prior().mean[0])
        energy = solve(problem, rig, open_prior(), sampled.scale, start, stage).energy.sum()
        assert energy <= last
        last = energy


def test_one_swapped_view_does_not_pull_the_others_along(sampled: Sampled) -> None:
    spoilt = sampled.joints.copy()
    spoilt[0, 1] = spoilt[0, 1][[0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]]
    problem = make_problem(
        [*four_cameras()], spoilt, "visibility", open_basis().coco_weight, FitConfig()
    )
    rig = open_family().at(sampled.betas)
    found = solve_fresh(problem, rig, open_prior(), sampled.scale)
    joints = points(rig, found.x, sampled.scale)[:, :17]
    assert miss_mm(joints[:1], sampled.coco[:1]) < 8
    errors = np.nanmean(view_errors(problem, joints)[0], axis=1)
    assert errors.argmax() == 1
    assert errors[1] > 16


def test_shape_and_scale_give_the_limbs_their_length(sampled: Sampled) -> None:
    problem, family = make(sampled), open_family()
    shape = fit_shape(problem, family, open_prior())
    rig = family.at(shape.betas)
    found = solve_fresh(problem, rig, open_prior(), shape.scale)
    joints = points(rig, found.x, shape.scale)[:, :17]
    for a, b in ((5, 7), (7, 9), (11, 13), (13, 15)):
        fitted = np.linalg.norm(joints[:, a] - joints[:, b], axis=1).mean()
        true = np.linalg.norm(sampled.coco[:, a] - sampled.coco[:, b], axis=1).mean()
        assert fitted == pytest.approx(true, rel=0.04)


def test_the_first_scale_follows_the_size_of_the_infant(sampled: Sampled) -> None:
    rig = open_family().at(sampled.betas)
    assert limb_scale(rig, sampled.coco) == pytest.approx(sampled.scale, rel=0.02)
    assert limb_scale(rig, 1.5 * sampled.coco) == pytest.approx(1.5 * sampled.scale, rel=0.02)


@pytest.mark.parametrize("seed", range(100, 110))
def test_the_first_scale_of_any_infant_is_near(seed: int) -> None:
    infant = sample_moments(COUNT, seed=seed)
    found = limb_scale(open_family().at(infant.betas), infant.coco)
    assert found == pytest.approx(infant.scale, rel=0.04)


def test_moments_for_the_shape_are_well_seen_and_differ() -> None:
    sampled = sample_moments(60, seed=3)
    joints = sampled.joints.copy()
    joints[:30, 1:, :, :] = 0
    problem = make_problem(
        [*four_cameras()], joints, "visibility", open_basis().coco_weight, FitConfig()
    )
    rows = choose_moments(problem, open_family().mean, open_prior(), 8)
    assert len(rows) == len(set(rows.tolist())) == 8
    assert rows.min() >= 30


def test_a_trunk_with_missing_joints_still_gives_a_start(sampled: Sampled) -> None:
    rig, prior = open_family().at(sampled.betas), open_prior()
    seen = sampled.coco.copy()
    seen[:, [5, 12]] = np.nan
    x, enough = start_from_points(rig, seen, sampled.scale, prior.mean[0])
    assert enough.all()
    assert miss_mm(points(rig, x, sampled.scale)[:, :17], sampled.coco) < 80
    seen[:, 2:] = np.nan
    assert not start_from_points(rig, seen, sampled.scale, prior.mean[0])[1].any()


def test_procrustes_never_mirrors() -> None:
    source = np.random.default_rng(0).normal(size=(6, 3))
    R, t = procrustes(source, (source * (-1, 1, 1))[None] + 1.0, np.ones((1, 6)))
    assert np.linalg.det(R[0]) == pytest.approx(1)
    assert t.shape == (1, 3)


def test_smoothness_takes_noise_out_of_a_motion() -> None:
    moving = sample_moments(40, seed=8, noise_px=6, motion=True)
    rig = open_family().at(moving.betas)
    problem = make(moving, times=np.arange(40) / 30)
    found = solve_fresh(problem, rig, open_prior(), moving.scale)
    before = miss_mm(points(rig, found.x, moving.scale)[:, :17], moving.coco)
    smooth(problem, rig, open_prior(), moving.scale, found, np.arange(40))
    after = miss_mm(points(rig, found.x, moving.scale)[:, :17], moving.coco)
    assert after < 0.9 * before


def test_neighbours_beyond_the_gap_predict_nothing(sampled: Sampled) -> None:
    times = np.arange(COUNT) / 10
    times[10:] += 5
    problem = make(sampled, times=times)
    _, weight = predict(problem, sampled.coco, np.array([5, 9, 10]))
    # The first has two neighbours; those beside the gap have one, which knows no velocity.
    assert weight[0, 0] > weight[1, 0] > 0
    assert weight[2, 0] > 0
    aim, _ = predict(problem, sampled.coco, np.array([9, 10]))
    np.testing.assert_allclose(aim, sampled.coco[[8, 11]])


def test_a_known_floor_keeps_joints_above_it(sampled: Sampled) -> None:
    rig = open_family().at(sampled.betas)
    low = float(sampled.coco[..., 2].min())
    height = low + 0.05
    problem = make(sampled, FitConfig(floor_weight=1e3), floor=(0, 0, 1, -height))
    found = solve_fresh(problem, rig, open_prior(), sampled.scale)
    joints = points(rig, found.x, sampled.scale)[:, :17]
    assert joints[..., 2].min() > height - 0.005


def test_crossing_limbs_are_pushed_apart() -> None:
    sampled = sample_moments(60, seed=11)
    rig = open_family().at(sampled.betas)
    overlaps = []
    for weight in (0.0, 5.0):
        problem = make(sampled, FitConfig(intersection_weight=weight, sigma_px=20))
        found = solve_fresh(problem, rig, open_prior(), sampled.scale)
        body = points(rig, found.x, sampled.scale)[:, 17:]
        overlaps.append(int(intersections(body, rig.radius * sampled.scale).sum()))
    assert overlaps[1] < overlaps[0]
