"""Steps with vertices: poses and shape by masks and scans, then a small deformation of the skin.

Gauss–Newton with the skin's analytic Jacobian over all 24 bones (hands and feet are seen by masks,
though no joint tells of them). Correspondences are found anew after each step, as in ICP.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.multiview.bodies.model_file import BodyModel
from worker.fitting import levenberg as lm
from worker.fitting.config import FitConfig
from worker.fitting.evidence import MaskStore, Pulls, pulls_of
from worker.fitting.levenberg import joint_terms
from worker.fitting.problem import Problem
from worker.fitting.rig import JointBasis
from worker.fitting.shape import expected_scale
from worker.fitting.skin import Skin
from worker.fitting.solve import stage_table
from worker.fitting.vertexpulls import pull_pose
from worker.fitting.visible import seen_from

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SHAPE_MOMENTS = 8
SHAPE_ROUNDS = 3


@dataclass
class SurfaceFit:
    """State of the surface steps. pose: (T, 72), translation: (T, 3), betas: (B,), scale,
    offsets: (V, 3) metres at scale 1 or None. eyes: cameras that took the scan of each moment, by
    their place; none where that is not known. rows: moments that have masks or scans."""

    body: BodyModel
    basis: JointBasis
    problem: Problem
    masks: MaskStore
    scans: Sequence[Array | None]
    pose: Array
    translation: Array
    betas: Array
    scale: float
    aim: Array
    aim_w: Array
    offsets: Array | None = None
    eyes: Sequence[Sequence[int]] | None = None
    chosen: Ints = field(init=False)
    support: Ints = field(init=False)
    mix: Array = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.body.v_template)
        step = max(1, count // self.problem.config.surface_vertices)
        self.chosen = np.arange(0, count, step)
        regressor = np.asarray(self.body.coco_regressor, float)
        self.support = np.flatnonzero(np.abs(regressor).max(0) > 1e-6)
        self.mix = regressor[:, self.support]

    @property
    def config(self) -> FitConfig:
        """The settings."""
        return self.problem.config

    @property
    def placed(self) -> bool:
        """Whether several views tell where the body is."""
        return len(self.problem.cameras) > 1

    @property
    def rows(self) -> Ints:
        """Moments with a mask or a scan."""
        return np.array(
            [t for t in range(len(self.pose)) if self.masks.has(t) or self.scans[t] is not None],
            int,
        )

    def seen(self, t: int, vertices: Array) -> NDArray[np.bool_] | None:
        """(V,) vertices that the cameras of a moment's scan see; None where they are not known."""
        if self.eyes is None or self.scans[t] is None:
            return None
        cameras = [self.problem.cameras[c] for c in self.eyes[t]]
        views = [seen_from(k, vertices, self.body.faces) for k in cameras if k is not None]
        return np.any(views, axis=0) if views and len(views) == len(cameras) else None

    def skin(self) -> Skin:
        """The body with the present shape."""
        return Skin.of(self.body, self.betas, self.offsets)


def refine_pose(fit: SurfaceFit, skin: Skin, t: int, scan_rho_m: float, steps: int) -> float:
    """Improve one moment by joints, prior, limits and surface; returns the energy."""
    config = fit.config
    stage = stage_table(config)[-1]
    Q = fit.basis.prior_factor @ fit.basis.prior_factor.T * config.pose_weight[-1]

    def look(pose: Array, place: Array) -> tuple[float, Pulls, Array, Array]:
        vertices = skin.vertices(pose, place, fit.scale)
        pulls = pulls_of(
            fit.masks.views(int(t)), fit.scans[t], vertices, fit.chosen, config, scan_rho_m,
            placed=fit.placed, seen=seen,
        )  # fmt: skip
        X = fit.mix @ vertices[fit.support]
        energy, A, g = _joint_terms(fit, stage, t, X)
        away = pose[3:] - fit.basis.prior_mean
        over = np.maximum(pose[3:] - fit.basis.upper, 0) - np.maximum(fit.basis.lower - pose[3:], 0)
        energy += pulls.energy + away @ Q @ away + config.limit_weight * (over @ over)
        return float(energy), pulls, A, g

    pose, place = fit.pose[t], fit.translation[t]
    seen = fit.seen(t, skin.vertices(pose, place, fit.scale))
    energy, pulls, A, g = look(pose, place)
    mu = 1e-2
    for _ in range(steps):
        J = skin.jacobian(pose, fit.scale, fit.mix, fit.support)
        H = np.einsum("kia,kij,kjb->ab", J, A, J, optimize=True)
        h = np.einsum("kia,ki->a", J, g)
        H_pulls, h_pulls = pull_pose(skin, pose, fit.scale, pulls.vertex, pulls.A, pulls.g)
        H += H_pulls
        h += h_pulls
        away = pose[3:] - fit.basis.prior_mean
        over = np.maximum(pose[3:] - fit.basis.upper, 0) - np.maximum(fit.basis.lower - pose[3:], 0)
        H[6:, 6:] += Q + config.limit_weight * np.diag(over != 0)
        h[6:] += Q @ away + config.limit_weight * over
        gain = 0.0
        while mu < 1e4:
            d = -np.linalg.solve(H + np.diag(mu * np.diag(H) + 1e-9), h)
            after = look(pose + d[3:], place + d[:3])
            if after[0] < energy:
                gain = energy - after[0]
                pose, place = pose + d[3:], place + d[:3]
                energy, pulls, A, g = after
                mu = max(mu * 0.2, 1e-4)
                break
            mu *= 8
        if gain < 1e-3 * energy:
            break
    fit.pose[t], fit.translation[t] = pose, place
    return energy


def _joint_terms(fit: SurfaceFit, stage: Array, t: int, X: Array) -> tuple[float, Array, Array]:
    """Energy, information (17, 3, 3) and vector (17, 3) of all terms on the COCO joints."""
    A, g = np.empty((17, 6)), np.empty((17, 3))
    p = fit.problem
    energy = joint_terms(
        stage, p.cams, p.obs[t], p.w2[t], np.nan_to_num(p.tri[t]), p.tri_w[t], fit.aim[t],
        fit.aim_w[t], p.floor, np.ascontiguousarray(X), A, g,
    )  # fmt: skip
    return float(energy), A[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(17, 3, 3), g


def refine_shape(fit: SurfaceFit, rows: Ints, scan_rho_m: float) -> None:
    """One step of betas and scale by joints and surface of some moments, poses held."""
    config, skin = fit.config, fit.skin()
    stage = stage_table(config)[-1].copy()
    stage[lm.COLLISION] = 0
    expected, spread = expected_scale(fit.basis, config)
    n = len(fit.betas)
    H, h = np.zeros((n + 1, n + 1)), np.zeros(n + 1)
    H[:n, :n] = config.shape_weight * fit.basis.beta_precision
    h[:n] = H[:n, :n] @ fit.betas
    H[n, n], h[n] = spread**-2, (fit.scale - expected) / spread**2
    for t in rows:
        vertices = skin.vertices(fit.pose[t], fit.translation[t], fit.scale)
        pulls = pulls_of(
            fit.masks.views(int(t)), fit.scans[t], vertices, fit.chosen, config, scan_rho_m,
            placed=fit.placed, seen=fit.seen(int(t), vertices),
        )  # fmt: skip
        _, A, g = _joint_terms(fit, stage, t, fit.mix @ vertices[fit.support])
        both = np.concatenate([fit.support, pulls.vertex])
        D = _by_shape(fit, skin, fit.pose[t], both)
        D = np.concatenate(
            [D, ((vertices[both] - fit.translation[t]) / fit.scale)[..., None]], axis=2
        )
        J, D = np.einsum("kv,vib->kib", fit.mix, D[: len(fit.support)]), D[len(fit.support) :]
        H += np.einsum("kia,kij,kjb->ab", J, A, J, optimize=True)
        h += np.einsum("kia,ki->a", J, g)
        AD = np.einsum("nij,njb->nib", pulls.A, D)
        H += np.tensordot(D, AD, ([0, 1], [0, 1]))
        h += np.einsum("nib,ni->b", D, pulls.g)
    d = -np.linalg.solve(H + 1e-3 * np.diag(np.diag(H)), h)
    fit.betas = fit.betas + d[:n]
    fit.scale = float(np.clip(fit.scale + d[n], 0.8 * fit.scale, 1.25 * fit.scale))


def _by_shape(fit: SurfaceFit, skin: Skin, pose: Array, vertices: Ints) -> Array:
    """(N, 3, B) derivative of posed vertices by betas."""
    R, _, _ = skin.bones(pose)
    J = np.asarray(fit.basis.J_betas)
    P = np.zeros_like(J)
    for j in range(1, 24):
        p = skin.parents[j]
        P[j] = P[p] + R[p] @ (J[j] - J[p])
    moved = P - np.einsum("jab,jbn->jan", R, J)
    w = skin.weights[vertices]
    turn = np.einsum("vj,jab->vab", w, R)
    dirs = np.asarray(fit.body.shapedirs, float)[vertices]
    return np.asarray(
        fit.scale * (np.einsum("vab,vbn->van", turn, dirs) + np.tensordot(w, moved, 1))
    )


def refine_shapes(fit: SurfaceFit, rows: Ints) -> None:
    """Betas and scale by the surface of a few moments, in turn with the poses of these."""
    few = rows[np.unique(np.linspace(0, len(rows) - 1, min(SHAPE_MOMENTS, len(rows))).astype(int))]
    for rho in _stages(fit, rows):
        for _ in range(SHAPE_ROUNDS):
            skin = fit.skin()
            for t in few:
                refine_pose(fit, skin, int(t), rho, 2)
            refine_shape(fit, few, rho)


def refine_poses(fit: SurfaceFit, rows: Ints, progress: Callable[[int], None]) -> None:
    """The poses of all these moments by their surface, shape held."""
    skin = fit.skin()
    for count, t in enumerate(rows):
        for rho in _stages(fit, rows):
            refine_pose(fit, skin, int(t), rho, fit.config.surface_steps)
        progress(count + 1)


def _stages(fit: SurfaceFit, rows: Ints) -> tuple[float, ...]:
    """ρ of the scans, falling; masks alone need one stage."""
    return fit.config.scan_rho_m if any(fit.scans[t] is not None for t in rows) else (1.0,)
