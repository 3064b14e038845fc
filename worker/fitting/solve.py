"""Poses of many moments for a fixed shape: stages, starts, and smoothness between neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.fitting import levenberg as lm
from worker.fitting.config import FitConfig
from worker.fitting.device import torch_device
from worker.fitting.initial import start_from_points
from worker.fitting.kinematics import pose_points
from worker.fitting.priors import PosePrior
from worker.fitting.problem import Problem
from worker.fitting.projection import errors_px
from worker.fitting.proposed import Proposed
from worker.fitting.rig import Rig
from worker.fitting.singleview import starts_from_view

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Solution:
    """Poses of T moments. x: (T, 3 + 3A); energy, steps, converged, restarts: (T,)."""

    x: Array
    energy: Array
    steps: Array
    converged: NDArray[np.bool_]
    restarts: Ints

    def put(self, rows: Ints, other: Solution) -> None:
        """Take these moments from another solution."""
        self.x[rows] = other.x
        self.energy[rows] = other.energy
        self.steps[rows] += other.steps
        self.converged[rows] = other.converged


def stage_table(config: FitConfig) -> Array:
    """(S, 11) numbers per stage for ``levenberg.fit_moments``; the last includes collisions."""
    table = np.zeros((len(config.rho_px), 11))
    table[:, lm.RHO2] = np.square(config.rho_px)
    table[:, lm.DATA] = config.sigma_px**-2
    table[:, lm.TRIANGULATED] = (
        np.asarray(config.triangulated_weight) * config.triangulated_sigma_m**-2
    )
    table[:, lm.TRIANGULATED_RHO2] = config.triangulated_rho_m**2
    table[:, lm.POSE] = config.pose_weight
    table[:, lm.LIMIT] = config.limit_weight
    table[:, lm.BEND] = config.bend_weight
    table[:, lm.FLOOR] = config.floor_weight * config.floor_sigma_m**-2
    table[:, lm.MARGIN] = config.floor_margin_m
    table[-1, lm.COLLISION] = config.intersection_weight * config.intersection_sigma_m**-2
    table[:, lm.STEPS] = config.rho_iterations
    return table


def solve(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, x: Array, stages: Array,
    aim: Array | None = None, aim_w: Array | None = None,
) -> Solution:  # fmt: skip
    """Levenberg–Marquardt from given starts x (T, 3 + 3A), which are not changed.

    By the compiled loop, or all moments at once on a GPU (``device``).
    """
    t = problem.moments
    x = np.ascontiguousarray(x, float).copy()
    out = np.zeros((t, 3))
    aim = np.zeros((t, 17, 3)) if aim is None else aim
    aim_w = np.zeros((t, 17)) if aim_w is None else aim_w
    place = torch_device(problem.device, t)
    if place is not None:
        from worker.fitting import batched

        x, out = batched.fit_moments(problem, rig, prior, scale, x, stages, aim, aim_w, place)
        return Solution(x, out[:, 0], out[:, 1], out[:, 2] > 0, np.zeros(t, np.int64))
    lm.fit_moments(
        rig.packed, prior.packed, stages, problem.config.tolerance, problem.cams, problem.obs,
        problem.w2, np.nan_to_num(problem.tri), problem.tri_w, aim, aim_w, problem.floor,
        np.full(t, scale), x, out,
    )  # fmt: skip
    return Solution(x, out[:, 0], out[:, 1], out[:, 2] > 0, np.zeros(t, np.int64))


def points(rig: Rig, x: Array, scale: float) -> Array:
    """(T, 41, 3) COCO joints, then the body's."""
    out = np.empty((len(x), 41, 3))
    pose_points(rig.packed, np.ascontiguousarray(x), np.full(len(x), scale), out)
    return out


def view_errors(problem: Problem, joints: Array) -> Array:
    """(T, C, 17) px of joints (T, 17, 3); NaN where there is nothing to compare with."""
    out = np.empty(problem.w2.shape)
    errors_px(problem.cams, problem.obs, problem.w2, np.ascontiguousarray(joints), out)
    return out


def solve_fresh(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, proposed: Proposed | None = None
) -> Solution:
    """Poses without any start: by triangulated joints where there are, with other starts where
    that ends badly, and by candidates of orientation where a single view must do. Proposed bodies
    are tried as well."""
    stages = stage_table(problem.config)
    t = problem.moments
    x, enough = start_from_points(rig, problem.tri, scale, prior.mean[0])
    solution = Solution(x, np.full(t, np.inf), np.zeros(t), np.zeros(t, bool), np.zeros(t, int))
    rows = np.flatnonzero(enough)
    if len(rows):
        solution.put(rows, solve(problem.at(rows), rig, prior, scale, x[rows], stages))
    error = _mean_error(problem, rig, solution.x, scale)
    bad = np.flatnonzero(~enough | (error > problem.config.restart_px))
    bad = bad[problem.views_seen[bad] > 0]
    if len(bad):
        _restart(problem, rig, prior, scale, solution, bad, enough, stages)
    if proposed is not None:
        _try_proposed(problem, rig, prior, scale, solution, proposed)
    return solution


def _try_proposed(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, solution: Solution,
    proposed: Proposed,
) -> None:  # fmt: skip
    """Fit from proposed bodies too, and keep what ends lower."""
    start, known = proposed.starts(problem, rig.basis, scale)
    rows = np.flatnonzero(known & (problem.views_seen > 0))
    if not len(rows):
        return
    stages = stage_table(problem.config)
    tried = solve(problem.at(rows), rig, prior, scale, start[rows], stages)
    solution.restarts[rows] += 1
    keep = np.flatnonzero(tried.energy < solution.energy[rows] - 1e-9)
    if len(keep):
        solution.put(
            rows[keep],
            Solution(tried.x[keep], tried.energy[keep], tried.steps[keep],
                     tried.converged[keep], tried.restarts[keep]),
        )  # fmt: skip


def _mean_error(problem: Problem, rig: Rig, x: Array, scale: float) -> Array:
    errors = view_errors(problem, points(rig, x, scale)[:, :17])
    out = np.full(len(errors), np.inf)
    some = np.isfinite(errors).any((1, 2))
    out[some] = np.nanmean(np.minimum(errors[some], 1e4), (1, 2))
    return out


def _restart(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, solution: Solution, bad: Ints,
    enough: NDArray[np.bool_], stages: Array,
) -> None:  # fmt: skip
    """Try other starts of some moments and keep the best."""
    part = problem.at(bad)
    candidates = list(starts_from_view(part, rig, prior, scale))
    turned = solution.x[bad].copy()
    turned[:, 3:6] = turn_around(turned[:, 3:6])
    for start, sensible in [
        (turned, enough[bad]),
        *((c, np.ones(len(bad), bool)) for c in candidates),
    ]:
        rows = np.flatnonzero(sensible)
        if not len(rows):
            continue
        tried = solve(part.at(rows), rig, prior, scale, start[rows], stages)
        solution.restarts[bad[rows]] += 1
        better = tried.energy < solution.energy[bad[rows]] - 1e-9
        solution.steps[bad[rows[~better]]] += tried.steps[~better]
        if better.any():
            keep = np.flatnonzero(better)
            solution.put(
                bad[rows[keep]],
                Solution(tried.x[keep], tried.energy[keep], tried.steps[keep],
                         tried.converged[keep], tried.restarts[keep]),
            )  # fmt: skip
    # The first start of a moment without triangulated joints is no restart.
    solution.restarts[bad[~enough[bad]]] -= 1


def turn_around(root: Array) -> Array:
    """Orientations (T, 3) of bodies that face the other way: half a turn about their own y."""
    from scipy.spatial.transform import Rotation

    half = Rotation.from_rotvec([0.0, np.pi, 0.0])
    return np.asarray((Rotation.from_rotvec(root) * half).as_rotvec())


def propagate(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, solution: Solution, rows: Ints
) -> None:
    """Try the neighbours' poses as starts, forwards and backwards in time; keep what is better."""
    stages = stage_table(problem.config)[-1:]
    wanted = set(rows.tolist())
    for order, step in ((range(problem.moments), -1), (range(problem.moments - 1, -1, -1), 1)):
        for t in order:
            other = t + step
            if t not in wanted or not 0 <= other < problem.moments:
                continue
            at = np.array([t])
            tried = solve(problem.at(at), rig, prior, scale, solution.x[[other]], stages)
            if tried.energy[0] < solution.energy[t] * (1 - 1e-3):
                solution.put(at, tried)


def smooth(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, solution: Solution, rows: Ints
) -> None:
    """Refit ``rows`` with their neighbours' prediction of the joints, even moments then odd ones.

    The prediction is SMPLify-KiDS's J_{t−1} + ½ΔJ with ΔJ = J_{t+1} − J_{t−1}: the middle between
    both neighbours in time; with one neighbour it is that one.
    """
    config = problem.config
    if not is_smooth(problem) or not len(rows):
        return
    stages = stage_table(config)[-1:]
    for _ in range(config.smooth_sweeps):
        for parity in (0, 1):
            at = rows[rows % 2 == parity]
            if not len(at):
                continue
            aim, aim_w = predict(problem, points(rig, solution.x, scale)[:, :17], at)
            part = problem.at(at)
            solution.put(at, solve(part, rig, prior, scale, solution.x[at], stages, aim, aim_w))


def is_smooth(problem: Problem) -> bool:
    """Whether neighbours say something of each other: only where times are known."""
    return problem.config.smooth_weight > 0 and problem.times is not None and problem.moments > 1


def predict(problem: Problem, joints: Array, at: Ints) -> tuple[Array, Array]:
    """Where neighbours expect the joints (n, 17, 3), and the weight of that (n, 17)."""
    config = problem.config
    before, after = np.maximum(at - 1, 0), np.minimum(at + 1, problem.moments - 1)
    seen = problem.views_seen > 0
    if problem.times is None:
        return np.zeros((len(at), 17, 3)), np.zeros((len(at), 17))
    d0, d1 = problem.times[at] - problem.times[before], problem.times[after] - problem.times[at]
    near0 = (at > 0) & (d0 <= config.smooth_gap_s) & seen[before]
    near1 = (at < problem.moments - 1) & (d1 <= config.smooth_gap_s) & seen[after]
    both = near0 & near1
    share = np.where(both, d1 / np.maximum(d0 + d1, 1e-9), near0.astype(float))[:, None, None]
    aim = share * joints[before] + (1 - share) * joints[after]
    dt = np.where(both, np.sqrt(np.maximum(d0 * d1, 0)), np.where(near0, d0, d1))
    sigma = config.smooth_sigma_m + 0.5 * config.smooth_acceleration_m_s2 * dt * dt
    # One neighbour alone knows no velocity: an infant's limb moves at about half a metre a second.
    sigma = np.where(near0 ^ near1, sigma + 0.5 * dt, sigma)
    weight = np.where(near0 | near1, config.smooth_weight / sigma**2, 0.0)
    return aim, np.repeat(weight[:, None], 17, axis=1)
