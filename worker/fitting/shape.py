"""Step one: one shape and one scale per infant and recording, from selected moments.

Betas, log-free scale and the poses of the selected moments are solved together. Poses of different
moments meet only in the shape, so each is eliminated by its Schur complement; what remains is a
system of B + 1 unknowns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from worker.fitting import levenberg as lm
from worker.fitting.compiled import FAST
from worker.fitting.config import FitConfig
from worker.fitting.initial import limb_scale, start_from_points
from worker.fitting.kinematics import derivative, forward
from worker.fitting.levenberg import make_work
from worker.fitting.priors import PosePrior
from worker.fitting.problem import Problem
from worker.fitting.rig import JointBasis, Rig, make_rig
from worker.fitting.solve import points, solve_fresh, stage_table

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Shape:
    """betas: (B,). scale: of the body. moments: which ones fixed them."""

    betas: Array
    scale: float
    moments: tuple[int, ...]


class RigFamily:
    """All rigs of a body: they are linear in the betas."""

    def __init__(self, basis: JointBasis, capsule_scale: float) -> None:
        zero = np.zeros(basis.n_betas)
        self.basis = basis
        self.mean = make_rig(basis, zero, capsule_scale)
        units = [make_rig(basis, unit, capsule_scale) for unit in np.eye(basis.n_betas)]
        self.offset = np.stack([rig.offset - self.mean.offset for rig in units])
        self.entry_c = np.stack([rig.entry_c - self.mean.entry_c for rig in units])

    def at(self, betas: Array) -> Rig:
        """The rig with these betas (B,)."""
        return replace(
            self.mean,
            betas=np.asarray(betas, float),
            offset=self.mean.offset + np.tensordot(betas, self.offset, 1),
            entry_c=self.mean.entry_c + np.tensordot(betas, self.entry_c, 1),
        )

    def by_shape(self, x: Array, scale: float) -> Array:
        """(T, 41, 3, B): how the points of poses x move with the betas."""
        still = np.array(x)
        still[:, :3] = 0
        columns = [
            points(replace(self.mean, offset=offset, entry_c=c), still, scale)
            for offset, c in zip(self.offset, self.entry_c, strict=True)
        ]
        return np.stack(columns, axis=3)


def choose_moments(problem: Problem, rig: Rig, prior: PosePrior, count: int) -> Ints:
    """Moments that tell most of the shape: many joints seen by several views, in many postures.

    The best seen comes first; then always the one whose limbs point furthest from those of all
    chosen ones, among the better half.
    """
    seen = (problem.tri_w > 0).sum(1) + 0.01 * (problem.w2 > 0).sum((1, 2))
    good = np.flatnonzero((seen >= np.median(seen[seen > 0])) & (seen > 0))
    if len(good) <= count:
        return good
    x, _ = start_from_points(rig, problem.tri[good], 1.0, prior.mean[0])
    limbs = points(rig, x, 1.0)[:, 17:] - x[:, None, :3]
    limbs = limbs.reshape(len(good), -1)
    chosen = [int(seen[good].argmax())]
    away = np.full(len(good), np.inf)
    while len(chosen) < count:
        away = np.minimum(away, np.linalg.norm(limbs - limbs[chosen[-1]], axis=1))
        chosen.append(int((away * seen[good] / seen[good].max()).argmax()))
    return np.sort(good[np.unique(chosen)])


def expected_scale(basis: JointBasis, config: FitConfig) -> tuple[float, float]:
    """Mean and standard deviation of the scale, from the usual length of an infant."""
    mean = config.expected_length_m / basis.length
    return mean, mean * config.length_spread


def fit_shape(problem: Problem, family: RigFamily, prior: PosePrior) -> Shape:
    """Shape and scale of the infant of a session."""
    config, basis = problem.config, family.basis
    expected, spread = expected_scale(basis, config)
    rows = choose_moments(problem, family.mean, prior, config.shape_moments)
    part = problem.at(rows)
    measured = limb_scale(family.mean, part.tri)
    scale = expected if measured is None else float(np.clip(measured, 0.3, 3.0))
    betas = np.zeros(basis.n_betas)
    start = solve_fresh(part, family.at(betas), prior, scale)
    if measured is None:
        # Views that cannot be triangulated: depth and scale are one, the expectation decides.
        return Shape(betas, scale, tuple(int(r) for r in rows))
    stage = stage_table(config)[-1].copy()
    stage[lm.COLLISION] = 0
    x = start.x

    def total(x: Array, betas: Array, scale: float) -> tuple[float, Array, Array, Array, Array]:
        energies, H, h, A, g, J = linearise(part, family.at(betas), prior, stage, scale, x)
        p = config.shape_weight * basis.beta_precision
        e = energies.sum() + betas @ p @ betas + ((scale - expected) / spread) ** 2
        by_shape = np.concatenate(
            [
                family.by_shape(x, scale)[:, :17],
                ((points(family.at(betas), x, scale)[:, :17] - x[:, None, :3]) / scale)[..., None],
            ],
            axis=3,
        )
        AJ = np.einsum("tkij,tkjb->tkib", A, by_shape)
        cross = np.einsum("tkin,tkib->tnb", J, AJ)
        own = np.einsum("tkia,tkib->ab", by_shape, AJ)
        side = np.einsum("tkib,tki->b", by_shape, g)
        own[:-1, :-1] += p
        side[:-1] += p @ betas
        own[-1, -1] += spread**-2
        side[-1] += (scale - expected) / spread**2
        return float(e), H, h, cross, np.column_stack([own, side])

    mu, now = 1e-3, total(x, betas, scale)
    for _ in range(config.shape_iterations):
        energy, H, h, cross, shared = now
        damped = H + mu * np.einsum("tnn,nm->tnm", H, np.eye(H.shape[1]))
        solved = np.linalg.solve(damped, np.concatenate([h[..., None], cross], axis=2))
        own = shared[:, :-1] + mu * np.diag(np.diag(shared[:, :-1]))
        reduced = own - np.einsum("tna,tnb->ab", cross, solved[..., 1:])
        right = shared[:, -1] - np.einsum("tna,tn->a", cross, solved[..., 0])
        d = -np.linalg.solve(reduced, right)
        dx = -solved[..., 0] - solved[..., 1:] @ d
        trial = total(x + dx, betas + d[:-1], scale + d[-1]) if scale + d[-1] > 0.1 else None
        if trial is None or not trial[0] < energy:
            mu = max(mu * 8, 1e-4)
            if mu > 1e6:
                break
            continue
        x, betas, scale = x + dx, betas + d[:-1], float(scale + d[-1])
        now, mu = trial, max(mu * 0.2, 1e-7)
        if energy - trial[0] < 10 * config.tolerance * energy:
            break
    return Shape(betas, scale, tuple(int(r) for r in rows))


def linearise(
    problem: Problem, rig: Rig, prior: PosePrior, stage: Array, scale: float, x: Array
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Per moment: energy, H (n, n), h (n,), A (17, 3, 3), g (17, 3), J (17, 3, n)."""
    t, n = x.shape
    out = (
        np.zeros(t), np.zeros((t, n, n)), np.zeros((t, n)), np.zeros((t, 17, 6)),
        np.zeros((t, 17, 3)), np.zeros((t, 17, 3, n)),
    )  # fmt: skip
    linearise_all(
        rig.packed, prior.packed, stage, problem.cams, problem.obs, problem.w2,
        np.nan_to_num(problem.tri), problem.tri_w, problem.floor, scale,
        np.ascontiguousarray(x), *out,
    )  # fmt: skip
    energy, H, h, packed, g, J = out
    H = np.tril(H) + np.tril(H, -1).transpose(0, 2, 1) + 1e-9 * np.eye(n)
    A = packed[..., [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(t, 17, 3, 3)
    return energy, H, h, A, g, J


@njit(cache=True, fastmath=FAST, nogil=True)
def linearise_all(  # type: ignore[no-untyped-def]
    rig, prior, stage, cams, obs, w2, tri, tri_w, floor, scale, x, energy, H, h, A, g, J
):
    """Normal equations of many moments, and the derivative of each joint by the whole pose."""
    n = x.shape[1]
    bones = rig[0].shape[0]
    R, M, P, X = (
        np.empty((bones, 3, 3)), np.empty((bones, 3, 3)), np.empty((bones, 3)), np.empty((41, 3)),
    )  # fmt: skip
    qv, qd = np.zeros(n - 6), np.zeros(n - 6)
    work = make_work(rig)
    everything = np.arange(bones)
    for t in range(x.shape[0]):
        data = (obs[t], w2[t], tri[t], tri_w[t], tri[t], np.zeros(17), floor)
        energy[t], chosen = lm.evaluate(
            rig, prior, stage, cams, data, x[t], scale, (R, M, P, X), A[t], g[t], qv, qd, work
        )
        lm.normal_equations(
            rig, prior, stage, scale, (R, M, P, X), A[t], g[t], qv, qd, chosen, H[t], h[t], work
        )
        forward(rig, x[t], scale, R, M, P, X, 17)
        for m in range(bones):
            work[0][m] = m
        for k in range(17):
            derivative(
                rig, k, scale, R, M, P, everything, bones, work[0], work[1], work[2], J[t, k], 0
            )
