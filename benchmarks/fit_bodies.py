"""Body fits per second on one core: ``python -m benchmarks.fit_bodies``.

Four views × 17 joints (2 px noise, a fifth occluded) of poses sampled from the open body's prior.
Ours: triangulation, start, and Levenberg–Marquardt to convergence (an accepted step lowers the
energy by less than 1e-5 of it). The peer is *this energy by L-BFGS*, not SMPLify: the same energy
in torch, minimised with a strong Wolfe line search as SMPLify does, over the same stages from the
same starts, one moment after the other and many at once; torch's energy is first held against ours.
A whole session is ``fit_session``: shape and scale, poses, covariances, quality and gate. Time is
CPU time of a single thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from backend.multiview.bodies.model_file import open_body
from benchmarks.table import Row, print_table, speed_against_peer
from tests.fixtures.fitting import (
    Sampled,
    camera_at,
    four_cameras,
    open_basis,
    open_family,
    open_prior,
    sample_moments,
)
from worker.fitting import levenberg as lm
from worker.fitting.config import FitConfig
from worker.fitting.initial import start_from_points
from worker.fitting.priors import PosePrior
from worker.fitting.problem import Problem, make_problem
from worker.fitting.rig import Rig
from worker.fitting.session import fit_session
from worker.fitting.solve import solve, stage_table

OURS, PEER, BATCH = 2000, 24, 256
TARGET_PER_S = 1000


class TorchEnergy:
    """The energy of N moments, written down plainly in torch (float64)."""

    def __init__(
        self, problem: Problem, rig: Rig, prior: PosePrior, scale: float, rows: np.ndarray
    ) -> None:
        tensor = torch.as_tensor
        self.rig, self.scale = rig, scale
        self.offset, self.c, self.b = tensor(rig.offset), tensor(rig.entry_c), tensor(rig.entry_b)
        self.bone = tensor(rig.entry_bone)
        self.point = torch.repeat_interleave(
            torch.arange(41), tensor(np.diff(rig.entry_at)), output_size=len(rig.entry_b)
        )
        self.obs, self.w2 = tensor(problem.obs[rows]), tensor(problem.w2[rows])
        self.tri = tensor(np.nan_to_num(problem.tri[rows]))
        self.tri_w = tensor(problem.tri_w[rows])
        cameras = [k for k in problem.cameras if k is not None]
        self.K = tensor(np.stack([k.K for k in cameras]))
        self.T = tensor(np.stack([k.pose for k in cameras]))
        self.lens = tensor(np.stack([np.pad(k.distortion, (0, 5))[:5] for k in cameras]))
        self.mean, self.Q = tensor(prior.mean[0]), tensor(prior.precision[0])
        self.lower, self.upper = tensor(prior.lower), tensor(prior.upper)
        ends, pairs = tensor(rig.ends), tensor(rig.pairs)
        self.ends = [ends[pairs[:, side], end] for side in (0, 1) for end in (0, 1)]
        self.reach = scale * tensor(rig.radius)[pairs].sum(1)

    def points(self, x: Tensor) -> Tensor:
        turn = torch.linalg.matrix_exp(_cross(x[:, 3:].reshape(-1, 3)))
        turn = turn.reshape(len(x), -1, 3, 3)
        R: list[Tensor] = []
        P: list[Tensor] = []
        for m, p in enumerate(self.rig.parent.tolist()):
            R.append(turn[:, m] if p < 0 else R[p] @ turn[:, m])
            P.append(
                torch.zeros(len(x), 3, dtype=x.dtype) if p < 0 else P[p] + R[p] @ self.offset[m]
            )
        part = (torch.stack(R, 1)[:, self.bone] @ self.c[..., None])[..., 0]
        part = part + self.b[:, None] * torch.stack(P, 1)[:, self.bone]
        zero = torch.zeros(len(x), 41, 3, dtype=x.dtype)
        return x[:, None, :3] + self.scale * zero.index_add(1, self.point, part)

    def __call__(self, x: Tensor, stage: np.ndarray) -> Tensor:
        """(N,) energies at x (N, n)."""
        X = self.points(x)
        joints = X[:, :17]
        local = joints[:, None] @ self.T[:, :3, :3].transpose(1, 2) + self.T[:, None, :3, 3]
        a, b = (local[..., i] / local[..., 2] for i in (0, 1))
        k1, k2, p1, p2, k3 = (self.lens[:, i, None] for i in range(5))
        r2 = a * a + b * b
        f = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
        u = a * f + 2 * p1 * a * b + p2 * (r2 + 2 * a * a)
        v = b * f + p1 * (r2 + 2 * b * b) + 2 * p2 * a * b
        px = self.K[:, 0, 0, None] * u + self.K[:, 0, 1, None] * v + self.K[:, 0, 2, None]
        py = self.K[:, 1, 1, None] * v + self.K[:, 1, 2, None]
        e2 = (px - self.obs[..., 0]) ** 2 + (py - self.obs[..., 1]) ** 2
        energy = stage[lm.DATA] * (self.w2 * _robust(e2, stage[lm.RHO2])).sum((1, 2))
        d2 = ((joints - self.tri) ** 2).sum(2)
        guide = (self.tri_w * _robust(d2, stage[lm.TRIANGULATED_RHO2])).sum(1)
        energy = energy + stage[lm.TRIANGULATED] * guide
        away = x[:, 6:] - self.mean
        energy = energy + stage[lm.POSE] * ((away @ self.Q) * away).sum(1)
        over = torch.relu(x[:, 6:] - self.upper) ** 2 + torch.relu(self.lower - x[:, 6:]) ** 2
        energy = energy + stage[lm.LIMIT] * over.sum(1)
        if stage[lm.COLLISION] > 0:
            deep = torch.relu(self.reach - self._distance(X))
            energy = energy + stage[lm.COLLISION] * (deep**2).sum(1)
        return energy

    def _distance(self, X: Tensor) -> Tensor:
        """Of pairs of segments: where they come closest is held, their ends move."""
        p0, p1, q0, q1 = (X[:, end] for end in self.ends)
        with torch.no_grad():
            pairs = list(zip(*(end.tolist() for end in self.ends), strict=True))
            shares = [[lm_closest(one, *ends)[:2] for ends in pairs] for one in X.detach().numpy()]
            s, t = torch.as_tensor(shares, dtype=X.dtype).permute(2, 0, 1)[..., None]
        gap = (1 - s) * p0 + s * p1 - (1 - t) * q0 - t * q1
        return torch.linalg.vector_norm(gap, dim=2)


def lm_closest(X: np.ndarray, *ends: int) -> tuple[float, float, float]:
    from worker.fitting.normal import closest

    found: tuple[float, float, float] = closest(X, *ends)
    return found


def _robust(r2: Tensor, rho2: float) -> Tensor:
    return rho2 * r2 / (rho2 + r2)


def _cross(v: Tensor) -> Tensor:
    x, y, z = v.T
    zero = torch.zeros_like(x)
    return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).reshape(-1, 3, 3)


def by_lbfgs(energy: TorchEnergy, start: np.ndarray, stages: np.ndarray) -> np.ndarray:
    """SMPLify's way: L-BFGS per stage, over the sum of N moments; returns their last energies."""
    x = torch.tensor(start, requires_grad=True)
    for stage in stages:
        optimiser = torch.optim.LBFGS(
            [x], lr=1.0, max_iter=300, history_size=20, line_search_fn="strong_wolfe",
            tolerance_change=1e-7, tolerance_grad=1e-6,
        )  # fmt: skip

        def closure(stage: np.ndarray = stage, step: torch.optim.LBFGS = optimiser) -> Tensor:
            step.zero_grad()
            value = energy(x, stage).sum()
            value.backward()  # type: ignore[no-untyped-call]
            return value

        optimiser.step(closure)
    with torch.no_grad():
        return np.asarray(energy(x, stages[-1]))


def cpu_seconds(run: Callable[[], object]) -> float:
    begin = time.thread_time()
    run()
    return time.thread_time() - begin


def make(sampled: Sampled, cameras: list | None = None) -> Problem:
    return make_problem(
        cameras or four_cameras(), sampled.joints, "visibility", open_basis().coco_weight,
        FitConfig(),
    )  # fmt: skip


def whole(sampled: Sampled, rig: Rig, cameras: list | None = None) -> np.ndarray:
    """From joints to converged poses."""
    problem, prior = make(sampled, cameras), open_prior()
    x, _ = start_from_points(rig, problem.tri, sampled.scale, prior.mean[0])
    return solve(problem, rig, prior, sampled.scale, x, stage_table(FitConfig())).energy


def main() -> int:
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    sampled = sample_moments(OURS)
    rig, prior, scale = open_family().at(sampled.betas), open_prior(), sampled.scale
    problem, stages = make(sampled), stage_table(FitConfig())
    whole(sample_moments(4), rig)  # compile
    start, _ = start_from_points(rig, problem.tri, scale, prior.mean[0])
    worst = 0.0
    for t in range(4):
        energy = TorchEnergy(problem, rig, prior, scale, np.array([t]))
        for stage in stages:
            data = (
                problem.obs[t], problem.w2[t], np.nan_to_num(problem.tri[t]), problem.tri_w[t],
                np.zeros((17, 3)), np.zeros(17), problem.floor,
            )  # fmt: skip
            ours = lm.energy_and_gradient(
                rig.packed, prior.packed, stage, problem.cams, data, start[t], scale,
                np.empty(start.shape[1]),
            )  # fmt: skip
            theirs = float(energy(torch.as_tensor(start[t : t + 1]), stage))
            worst = max(worst, abs(ours - theirs) / ours)
    if worst > 1e-6:
        raise RuntimeError(f"the peer's energy is another one: {worst:.1e} apart")
    best, energies = (
        min(((cpu_seconds(lambda: whole(sampled, rig)), i) for i in range(3)), key=lambda r: r[0])[
            0
        ],
        whole(sampled, rig),
    )
    found = solve(problem, rig, prior, scale, start, stages)
    begin = time.thread_time()
    peer = np.concatenate(
        [
            by_lbfgs(TorchEnergy(problem, rig, prior, scale, rows), start[rows], stages)
            for rows in np.arange(PEER)[:, None]
        ]
    )
    peer_each = (time.thread_time() - begin) / PEER
    some = np.arange(BATCH)
    begin = time.thread_time()
    batched = by_lbfgs(TorchEnergy(problem, rig, prior, scale, some), start[some], stages)
    batched_each = (time.thread_time() - begin) / BATCH
    session_each = whole_session()
    each = best / OURS
    rate = 1 / each
    ratio = energies[:PEER] / peer
    rows = [
        Row("body fits, 4 views x 17 joints", f"{rate:,.0f} fits/s per core",
            f"limit: {TARGET_PER_S:,} fits/s", rate / TARGET_PER_S, "ratio >= 1",
            rate >= TARGET_PER_S),
        Row("a whole session: shape to intervals", f"{1 / session_each:,.0f} moments/s",
            f"poses alone: {rate:,.0f}", session_each / each, "quoted", None),
        speed_against_peer("a fit", each, "this energy by L-BFGS, one by one", peer_each,
                           at_least=1),
        speed_against_peer("a fit", each, f"this energy by L-BFGS, {BATCH} at once", batched_each,
                           at_least=1),
        Row("sum of residual energies", f"{energies[:PEER].sum():.4f}",
            f"one by one: {peer.sum():.4f}", energies[:PEER].sum() / peer.sum(), "ratio <= 1",
            bool(energies[:PEER].sum() <= peer.sum() * (1 + 1e-4))),
        Row("sum of residual energies, all at once", f"{energies[:BATCH].sum():.1f}",
            f"L-BFGS: {batched.sum():.1f}", energies[:BATCH].sum() / batched.sum(), "ratio <= 1",
            bool(energies[:BATCH].sum() <= batched.sum() * (1 + 1e-4))),
        Row("moments not above the peer (1e-4)", f"{(ratio <= 1 + 1e-4).sum()} of {PEER}",
            f"worst ratio {ratio.max():.5f}", None, "-", None),
    ]  # fmt: skip
    print_table(
        f"{OURS:,} fits; {found.steps.mean():.1f} steps on average, {found.converged.mean():.1%} "
        f"converged; energies agree to {worst:.0e}",
        [*rows, *views(each)],
    )
    return 0 if all(row.passed is not False for row in rows) else 1


def whole_session() -> float:
    """CPU seconds a moment of ``fit_session``: all that a recording without masks costs."""
    sampled = sample_moments(OURS)
    body = open_body()
    return min(
        cpu_seconds(lambda: fit_session(body, four_cameras(), sampled.joints)) for _ in range(2)
    ) / len(sampled.joints)  # fmt: skip


def views(four: float) -> list[Row]:
    """How the cost of a fit grows with the number of views."""
    rows = []
    for count in (2, 8, 16):
        angles = 2 * np.pi * np.arange(count) / count
        cameras = [
            camera_at(f"c{i}", (1.7 * np.cos(a), 1.7 * np.sin(a), 1.0 + 0.02 * i))
            for i, a in enumerate(angles)
        ]
        sampled = sample_moments(500, cameras=cameras)
        rig = open_family().at(sampled.betas)
        each = min(cpu_seconds(lambda: whole(sampled, rig, cameras)) for _ in range(2)) / 500  # noqa: B023
        rows.append(
            Row(f"a fit of {count} views", f"{each * 1e6:.0f} µs", f"4 views: {four * 1e6:.0f} µs",
                each / four, "quoted", None)
        )  # fmt: skip
    return rows


if __name__ == "__main__":
    sys.exit(main())
