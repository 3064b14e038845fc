"""Levenberg–Marquardt for many moments at once in torch, where a GPU is.

The same energy, steps, damping and ends as :func:`worker.fitting.levenberg.fit_moments`, so that
poses agree: each moment has its own damping, and leaves the batch when it has ended. On a CPU the
compiled loop is faster; tests run this there against it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from worker.fitting import levenberg as lm
from worker.fitting.batched_energy import BatchedEnergy, Given, Stand
from worker.fitting.priors import PosePrior
from worker.fitting.problem import Problem
from worker.fitting.rig import Rig

Array = NDArray[np.float64]

BATCH: Final = 4096
"""Moments at once at most: about a third of a megabyte each."""


def fit_moments(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, x: Float[Array, "t n"],
    stages: Float[Array, "s 11"], aim: Float[Array, "t 17 3"], aim_w: Float[Array, "t 17"],
    device: str, batch: int = BATCH,
) -> tuple[Array, Array]:  # fmt: skip
    """Poses (T, 3 + 3A) from starts, and energy, steps and convergence (T, 3).

    Args:
        device: Of torch.
        batch: Moments at once at most; fewer where memory does not hold them.
    """
    place = torch.device(device)
    energy = BatchedEnergy(rig, prior, problem.cams, problem.floor, place)
    arrays = (
        problem.obs, problem.w2, np.nan_to_num(problem.tri), problem.tri_w, aim, aim_w,
        np.full(len(x), scale),
    )  # fmt: skip
    found, out = np.empty(x.shape), np.empty((len(x), 3))

    def part(start: int, end: int) -> None:
        given = Given(*(torch.as_tensor(a[start:end], device=place) for a in arrays))
        begin = torch.as_tensor(x[start:end], device=place)
        solved, told = descend(energy, begin, given, stages, problem.config.tolerance)
        found[start:end], out[start:end] = solved.cpu().numpy(), told.cpu().numpy()

    with torch.inference_mode():
        in_batches(len(x), batch, part)
    return found, out


def in_batches(count: int, size: int, run: Callable[[int, int], None]) -> int:
    """Run from 0 to ``count`` in parts of ``size``, in smaller ones where memory does not do.

    Returns:
        The size in the end.

    Raises:
        torch.OutOfMemoryError: not even a single one fits.
    """
    start = 0
    while start < count:
        end = min(count, start + size)
        try:
            run(start, end)
        except torch.OutOfMemoryError:
            if end - start == 1:
                raise
            size = max(1, (end - start) // 2)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            continue
        start = end
    return size


def descend(
    energy: BatchedEnergy, x: Float[Tensor, "n d"], given: Given, stages: Float[Array, "s 11"],
    tolerance: float,
) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n 3"]]:  # fmt: skip
    """Poses at the end of all stages; energy, steps, and 1 where the last stage has converged."""
    x = x.clone()
    out = torch.zeros(len(x), 3, dtype=x.dtype, device=x.device)
    for stage in stages:
        x, last, steps, converged = _stage(energy, x, given, stage, tolerance)
        out[:, 0], out[:, 2] = last, converged.to(x.dtype)
        out[:, 1] += steps
    return x, out


def _stage(
    energy: BatchedEnergy, x: Tensor, given: Given, stage: Array, tolerance: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """One stage: where each moment ends, its energy, steps and whether it has converged."""
    most = int(stage[lm.STEPS])
    now = energy.at(x, given, stage)
    end_x, end_energy = x.clone(), now.energy.clone()
    end_steps = torch.zeros_like(now.energy)
    end_converged = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    if most == 0:
        return end_x, end_energy, end_steps, end_converged
    live = torch.arange(len(x), device=x.device)
    mu, steps = torch.full_like(now.energy, 1e-3), torch.ones_like(now.energy)
    while len(live):
        step, solved = _solve(now, mu)
        trial = _wrapped(x + step)
        then = energy.at(trial, given, stage)
        lower = solved & (then.energy < now.energy)
        gain = now.energy - then.energy
        x = torch.where(lower[:, None], trial, x)
        now = Stand(
            torch.where(lower, then.energy, now.energy),
            torch.where(lower[:, None, None], then.H, now.H),
            torch.where(lower[:, None], then.h, now.h),
        )
        mu = torch.where(lower, (mu * 0.2).clamp(min=1e-7), (mu * 8).clamp(min=1e-4))
        settled = lower & (gain < tolerance * now.energy.clamp(min=1.0))
        stuck = ~lower & (mu >= 1e6)
        used = lower & ~settled & (steps >= most)
        ended = settled | stuck | used
        if bool(ended.any()):
            done = live[ended]
            end_x[done], end_energy[done] = x[ended], now.energy[ended]
            end_steps[done], end_converged[done] = steps[ended], (settled | stuck)[ended]
            left = ~ended
            live, x, mu, steps, lower = live[left], x[left], mu[left], steps[left], lower[left]
            now = Stand(now.energy[left], now.H[left], now.h[left])
            given = given.at(left)
        steps = steps + lower.to(steps.dtype)
    return end_x, end_energy, end_steps, end_converged


def _solve(now: Stand, mu: Tensor) -> tuple[Tensor, Tensor]:
    """Steps −(H + mu·diag H)⁻¹h (N, D), and for which moments that was positive definite."""
    diagonal = torch.diagonal(now.H, dim1=1, dim2=2)
    damped = now.H + torch.diag_embed(mu[:, None] * diagonal + 1e-9)
    L, info = torch.linalg.cholesky_ex(damped)
    return -torch.cholesky_solve(now.h[..., None], L)[..., 0], info == 0


def _wrapped(x: Tensor) -> Tensor:
    """The root's axis-angle within half a turn."""
    root = x[:, 3:6]
    angle = torch.linalg.vector_norm(root, dim=1, keepdim=True)
    factor = torch.where(angle > torch.pi, 1 - 2 * torch.pi / angle, torch.ones_like(angle))
    return torch.cat([x[:, :3], root * factor, x[:, 6:]], dim=1)
