"""The batches that a GPU solves, run on the CPU against the compiled loop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from backend.domain.skeleton import MIRROR
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import (
    CENTRES,
    camera_at,
    four_cameras,
    open_basis,
    open_family,
    open_prior,
    sample_moments,
)
from worker.fitting import levenberg as lm
from worker.fitting.batched import fit_moments, in_batches
from worker.fitting.batched_energy import BatchedEnergy, Given
from worker.fitting.config import FitConfig
from worker.fitting.device import has_driver, torch_device
from worker.fitting.initial import start_from_points
from worker.fitting.priors import PosePrior, reduce_prior
from worker.fitting.problem import Problem, make_problem
from worker.fitting.session import fit_session
from worker.fitting.solve import Solution, points, solve, solve_fresh, stage_table

SAME_M = 1e-4
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def problem_of(
    joints: np.ndarray, cameras: list[Camera] | None = None, **settings: object
) -> Problem:
    return make_problem(
        cameras or four_cameras(), joints, "visibility", open_basis().coco_weight, FitConfig(),
        **settings,  # type: ignore[arg-type]
    )  # fmt: skip


def hard_joints(count: int, seed: int) -> tuple[np.ndarray, object]:
    """A third of the joints missing, some 100 px off, and sides exchanged in a view of some."""
    sampled = sample_moments(count, seed=seed, noise_px=4.0)
    rng = np.random.default_rng(seed)
    joints = sampled.joints.copy()
    joints[rng.random(joints.shape[:3]) < 0.3, 2] = 0
    far = rng.random(joints.shape[:3]) < 0.03
    joints[far, :2] += 100.0
    joints[::5, 1] = joints[::5, 1][:, list(MIRROR)]
    return joints, sampled


def apart_m(rig: object, scale: float, one: Solution, other: Solution) -> np.ndarray:
    """(T,) largest distance of any of a moment's 41 points."""
    a, b = points(rig, one.x, scale), points(rig, other.x, scale)  # type: ignore[arg-type]
    return np.asarray(np.linalg.norm(a - b, axis=2).max(1))


def mixture() -> PosePrior:
    basis = open_basis()
    means = np.stack([basis.prior_mean, basis.prior_mean + 0.3])
    return reduce_prior(basis, (means, np.stack([basis.prior_factor] * 2), np.array([0.6, 0.4])))


@pytest.mark.parametrize("stage_number", [0, 1])
@pytest.mark.parametrize("prior", [open_prior, mixture], ids=["one Gaussian", "a mixture"])
def test_energy_and_gradient_are_those_of_the_compiled_solver(prior, stage_number) -> None:  # type: ignore[no-untyped-def]
    joints, sampled = hard_joints(6, 4)
    wide = camera_at("wide", CENTRES[3], lens=Lens.FISHEYE, distortion=(0.05, -0.01, 0.002, 0.0))
    lenses = [*four_cameras()[:3], wide]
    problem = problem_of(joints, lenses, floor=(0, 0.1, 1, -0.1))
    rng = np.random.default_rng(0)
    rig, scale = open_family().at(sampled.betas), sampled.scale  # type: ignore[attr-defined]
    x = sampled.x + rng.normal(0, 0.2, sampled.x.shape)  # type: ignore[attr-defined]
    x[0, 6:9] = 0.0  # no turn at all
    x[1, :3] = lenses[0].centre  # within a camera
    stage = stage_table(FitConfig(bend_weight=2.0))[stage_number]
    aim, aim_w = rng.normal(0, 0.2, (6, 17, 3)), rng.uniform(0, 1e3, (6, 17))
    tri = np.nan_to_num(problem.tri)
    energy = BatchedEnergy(rig, prior(), problem.cams, problem.floor, CPU)
    arrays = (problem.obs, problem.w2, tri, problem.tri_w, aim, aim_w, np.full(6, scale))
    given = Given(*map(torch.as_tensor, arrays))
    stand = energy.at(torch.as_tensor(x), given, stage)
    for t in range(6):
        gradient = np.empty(x.shape[1])
        data = (problem.obs[t], problem.w2[t], tri[t], problem.tri_w[t], aim[t], aim_w[t],
                problem.floor)  # fmt: skip
        expected = lm.energy_and_gradient(
            rig.packed, prior().packed, stage, problem.cams, data, x[t], scale, gradient
        )
        assert float(stand.energy[t]) == pytest.approx(expected, rel=1e-9)
        assert np.allclose(
            2 * stand.h[t].numpy(), gradient, rtol=1e-7, atol=1e-7 * np.abs(gradient).max()
        )


@pytest.mark.parametrize("views", [4, 2])
def test_batches_end_where_the_compiled_loop_does(views: int) -> None:
    joints, sampled = hard_joints(40, 3)
    problem = problem_of(joints[:, :views], four_cameras()[:views], floor=(0, 0, 1, 0.1))
    rig, scale = open_family().at(sampled.betas), sampled.scale  # type: ignore[attr-defined]
    start, _ = start_from_points(rig, problem.tri, scale, open_prior().mean[0])
    stages = stage_table(problem.config)
    compiled = solve(replace(problem, device="cpu"), rig, open_prior(), scale, start, stages)
    batched = solve(replace(problem, device="torch"), rig, open_prior(), scale, start, stages)
    assert apart_m(rig, scale, compiled, batched).max() < SAME_M
    assert np.allclose(compiled.energy, batched.energy, rtol=1e-6)
    assert np.array_equal(compiled.converged, batched.converged)
    # Where an energy is as good as equal, rounding may decide whether one step more is taken.
    assert (compiled.steps == batched.steps).mean() > 0.9


def test_one_view_with_its_many_starts_gives_the_same_poses() -> None:
    joints, sampled = hard_joints(12, 8)
    problem = problem_of(joints[:, :1], four_cameras()[:1])
    rig, scale = open_family().at(sampled.betas), sampled.scale  # type: ignore[attr-defined]
    compiled = solve_fresh(replace(problem, device="cpu"), rig, open_prior(), scale)
    batched = solve_fresh(replace(problem, device="torch"), rig, open_prior(), scale)
    assert apart_m(rig, scale, compiled, batched).max() < SAME_M
    assert np.array_equal(compiled.restarts, batched.restarts)


def test_neighbours_that_predict_joints_count_in_batches_too() -> None:
    joints, sampled = hard_joints(10, 5)
    problem = problem_of(joints)
    rig, scale = open_family().at(sampled.betas), sampled.scale  # type: ignore[attr-defined]
    aim, aim_w = sampled.coco + 0.02, np.full((10, 17), 1e4)  # type: ignore[attr-defined]
    stages, start = stage_table(problem.config)[-1:], sampled.x  # type: ignore[attr-defined]
    compiled, batched = (
        solve(replace(problem, device=device), rig, open_prior(), scale, start, stages, aim, aim_w)
        for device in ("cpu", "torch")
    )
    assert apart_m(rig, scale, compiled, batched).max() < SAME_M


def test_the_size_of_a_batch_changes_nothing() -> None:
    joints, sampled = hard_joints(9, 6)
    problem = problem_of(joints)
    rig, scale = open_family().at(sampled.betas), sampled.scale  # type: ignore[attr-defined]
    start, _ = start_from_points(rig, problem.tri, scale, open_prior().mean[0])
    none, nothing = np.zeros((9, 17, 3)), np.zeros((9, 17))
    whole, parts = (
        fit_moments(problem, rig, open_prior(), scale, start, stage_table(problem.config), none,
                    nothing, "cpu", batch=batch)
        for batch in (9, 2)
    )  # fmt: skip
    assert np.abs(whole[0] - parts[0]).max() < 1e-6
    assert np.array_equal(whole[1][:, 2], parts[1][:, 2])


def test_a_session_is_the_same_on_either_road() -> None:
    joints, _ = hard_joints(12, 9)
    fits = [
        fit_session(open_body(), four_cameras(), joints, device=device)
        for device in ("cpu", "torch")
    ]
    apart = np.abs(fits[0].joints3d_coco - fits[1].joints3d_coco)
    assert apart.max() < SAME_M
    assert np.array_equal(fits[0].gate_passed, fits[1].gate_passed)


def test_batches_that_memory_does_not_hold_are_halved() -> None:
    done: list[tuple[int, int]] = []

    def run(start: int, end: int) -> None:
        if end - start > 3:
            raise torch.OutOfMemoryError
        done.append((start, end))

    assert in_batches(20, 16, run) <= 3
    assert [a for a, _ in done] == [0, *(b for _, b in done[:-1])]
    assert done[-1][1] == 20


def test_memory_for_not_even_one_moment_is_an_error() -> None:
    def run(start: int, end: int) -> None:
        raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        in_batches(4, 4, run)


def test_without_being_asked_short_recordings_stay_with_the_compiled_loop() -> None:
    assert torch_device("auto", 100) is None
    assert torch_device("cpu", 10**6) is None
    assert torch_device("torch", 1) == "cpu"


@pytest.mark.skipif(has_driver(), reason="this machine may have a GPU")
def test_a_gpu_that_is_not_there_is_refused_and_never_chosen() -> None:
    assert torch_device("auto", 10**6) is None
    with pytest.raises(InvalidInput, match="no cuda device"):
        torch_device("cuda", 1)


def test_an_unknown_device_is_refused_before_anything_is_computed() -> None:
    joints, _ = hard_joints(2, 1)
    with pytest.raises(InvalidInput, match="not one of auto, cpu, cuda, torch"):
        fit_session(open_body(), four_cameras(), joints, device="tpu")
