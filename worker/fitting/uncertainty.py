"""How sure a fit is: a covariance for each joint, for shape and scale, and an expected error.

Eight causes add up (``influence``): noise of the marks, poses that the prior does not expect, an
infant that is not the body, joints that are placed elsewhere on their bones, cameras as their
calibration knows them, cameras that the residuals say are off, views that stand against one
another, and shape with scale. How much of each, and how much wider where a moment's views
contradict one another, was learnt from made recordings (``benchmarks/bodies/learn_width.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.fit_quality import LENGTH_M
from worker.fitting.camera_evidence import CameraErrors, CameraSums, moved_by_cameras
from worker.fitting.camera_spread import spreads_of
from worker.fitting.evident import body_misfit, focal_px, label_noise, middles, trust
from worker.fitting.influence import Seen, influences, look
from worker.fitting.kinematics import joint_frames
from worker.fitting.priors import PosePrior
from worker.fitting.problem import Problem
from worker.fitting.shape import RigFamily, expected_scale
from worker.fitting.solve import points

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

CAUSES = ("noise", "prior", "model", "joints", "cameras", "misfit", "contradiction", "shape")
SIGNS = (
    "beyond_noise", "given_up", "pull", "view", "outvoted", "camera", "few", "pair", "scatter",
    "joints",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Whole:
    """What holds for a whole recording.

    noise_px: of a visible mark along x or y. joints_m: (17,) how far joints of the infant lie from
    the body's on their bones, along one axis. cameras: by how much they seem off, and what is not
    known of them. shape: (B + 1, B + 1) covariance of betas and scale but for the cameras.
    by_camera: (C) of (B + 1, 10), how shape answers each.
    """

    noise_px: float
    joints_m: Array
    cameras: CameraErrors
    shape: Array
    by_camera: list[Array]

    @property
    def misfit(self) -> Array:
        """(C, 10) by how much cameras seem off."""
        return self.cameras.off

    @property
    def shape_covariance(self) -> Array:
        """(B + 1, B + 1) of betas and scale, cameras included."""
        W = np.concatenate(self.by_camera, axis=1)
        off = W @ self.misfit.reshape(-1)
        return np.asarray(self.shape + W @ self.cameras.covariance @ W.T + np.outer(off, off))


@dataclass(frozen=True, eq=False)
class Evidence:
    """What covariance and quality are computed from. T moments, C views.

    causes: (T, 8, 17, 3, 3) m², by ``CAUSES``. signs: (T, 10) by ``SIGNS``, zero where nothing is
    odd. seen: marks against the fit. X: (T, 17, 3). pulls: (T, C) mean shift of the joints by each
    view's residuals, metres.
    """

    whole: Whole
    causes: Array
    signs: Array
    seen: Seen
    X: Array
    pulls: Array


MODEL_M = np.array([6.0] + [5.0] * 4 + [5.0] * 2 + [4.0] * 2 + [5.0] * 2 + [8.0] * 2 + [5.0] * 4)
MODEL_M = MODEL_M / 1000
"""(17,) metres along one axis by which a joint of a body that is like ours lies elsewhere. Hips are
placed least alike."""


MOST = 1500
"""Moments that are looked at for what holds for a whole recording."""

MOST_OF_CAMERAS = 240
"""… and for what they say of its cameras, which takes longer."""


def of_recording(
    problem: Problem, family: RigFamily, prior: PosePrior, betas: Array, scale: float, x: Array,
    shape_rows: Ints, covariances: Any = None,
) -> Whole:  # fmt: skip
    """What holds for a whole recording, from its fits x (T, n).

    Args:
        shape_rows: Moments that fixed the shape; none where a single view left it to the prior.
        covariances: Of the cameras, as calibrations keep them (``camera_spread.spread_of``).
    """
    some = np.unique(np.linspace(0, problem.moments - 1, min(problem.moments, MOST)).astype(int))
    part = problem.at(some)
    X = points(family.at(betas), np.ascontiguousarray(x[some]), scale)[:, :17]
    seen = look(part, X)
    noise = label_noise(part, seen)
    rig, frames = family.at(betas), np.empty((len(some), 17, 3, 3))
    joint_frames(rig.packed, np.ascontiguousarray(x[some]), scale, frames)
    off = body_misfit(part, X, frames, noise)
    model = np.sqrt(MODEL_M**2 + off**2)
    spreads = spreads_of(problem.cameras, covariances, problem.assumed.tolist())
    shape, by_camera = _shape(problem, family, prior, betas, scale, x, shape_rows, noise, model)
    few = np.unique(np.linspace(0, len(some) - 1, min(len(some), MOST_OF_CAMERAS)).astype(int))
    less = part.at(few)
    sums = CameraSums(less, look(less, X[few]), noise)
    if len(sums.used) > 1:
        for one in influences(less, family, prior, betas, scale, x[some[few]]):
            sums.add(one, by_camera)
    return Whole(noise, off, sums.errors(spreads), shape, by_camera)


def _noise_of_marks(problem: Problem, seen: Seen, noise: float) -> Array:
    """(T, 17, 3, 3) covariance of the energy's gradient by the marks of each joint."""
    v = noise**2 / trust(problem)
    r2 = (seen.r**2).sum(3)
    # What is far off counts by how far it is: it may pull a little still.
    v = v + np.maximum(0.0, r2 / 2 - 9 * v)
    return np.asarray(np.einsum("tck,tckia,tckib->tkab", seen.f**2 * v, seen.P, seen.P))


def gather(
    problem: Problem, family: RigFamily, prior: PosePrior, betas: Array, scale: float, x: Array,
    whole: Whole,
) -> Evidence:  # fmt: skip
    """All that is needed to say how sure the fits x (T, n) are."""
    X = points(family.at(betas), np.ascontiguousarray(x), scale)[:, :17]
    seen = look(problem, X)
    B = _noise_of_marks(problem, seen, whole.noise_px)
    t, c = problem.w2.shape[:2]
    causes, pulls = np.zeros((t, len(CAUSES), 17, 3, 3)), np.zeros((t, c))
    views = [i for i in range(c) if problem.cameras[i] is not None]
    for some in influences(problem, family, prior, betas, scale, x):
        at, K = some.rows, some.K
        KB = np.einsum("tkijm,tjmn->tkijn", K, B[at])
        causes[at, 0] = np.einsum("tkijn,tkljn->tkil", KB, K)
        causes[at, 1] = some.prior
        R = np.einsum("tkijm,tjmn->tkijn", K, some.A)
        R[:, range(17), :, range(17)] -= np.eye(3)
        for cause, size in ((2, MODEL_M), (3, whole.joints_m)):
            causes[at, cause] = np.einsum("tkijn,tkljn->tkil", R * size[:, None] ** 2, R)
        n = len(at)
        U = moved_by_cameras(some, seen, whole.by_camera, views).reshape(n, 17, 3, -1)
        causes[at, 4] = U @ whole.cameras.covariance @ U.swapaxes(-1, -2)
        off = U @ whole.misfit.reshape(-1)
        causes[at, 5] = off[..., :, None] * off[..., None, :]
        for i in views:
            fP = seen.f[at, i][..., None, None] * seen.P[at, i]
            g = np.einsum("tkpa,tkp->tka", fP, seen.r[at, i]).reshape(n, 51, 1)
            moved = (K.reshape(n, 51, 51) @ g).reshape(n, 17, 3)
            pulls[at, i] = np.linalg.norm(moved, axis=2).mean(1)
        causes[at, 7] = some.shape @ whole.shape @ some.shape.swapaxes(-1, -2)
    causes[:, 6] = _contradiction(problem, seen)
    wider = np.exp(STRANGE * outside(scale * family.basis.length))
    for cause in OF_THE_BODY:
        causes[:, cause] *= wider**2
    signs = _signs(problem, seen, whole, causes, pulls)
    return Evidence(whole, causes, signs, seen, X, pulls)


def _shape(
    problem: Problem, family: RigFamily, prior: PosePrior, betas: Array, scale: float, x: Array,
    rows: Ints, noise_px: float, model: Array,
) -> tuple[Array, list[Array]]:  # fmt: skip
    """Covariance of (betas, scale) but for the cameras, and its answer (B + 1, 10) to each."""
    config, basis = problem.config, family.basis
    n, c = basis.n_betas + 1, len(problem.cameras)
    _, spread = expected_scale(basis, config)
    own = np.zeros((n, n))
    own[:-1, :-1] = config.shape_weight * basis.beta_precision
    own[-1, -1] = spread**-2
    if not len(rows):
        return np.asarray(np.linalg.inv(own), float), [np.zeros((n, 10))] * c
    part, x = problem.at(rows), np.ascontiguousarray(x[rows])
    seen = look(part, points(family.at(betas), x, scale)[:, :17])
    B = _noise_of_marks(part, seen, noise_px)
    info, noise, odd = own.copy(), np.zeros((n, n)), np.zeros((n, n))
    by_camera = np.zeros((c, n, 10))
    for some in influences(part, family, prior, betas, scale, x):
        S, at = some.shape, some.rows
        info += np.einsum("tkia,tkib->ab", some.AS, S)
        noise += np.einsum("tkia,tkij,tkjb->ab", S, B[at], S, optimize=True)
        W = np.einsum("tkia,tkij->tkja", S, some.A)
        # The same joint lies the same way off in all moments: errors add up, and do not average.
        odd += len(rows) * np.einsum("tkja,k,tkjb->ab", W, model**2, W, optimize=True)
        fP = seen.f[at][..., None, None] * seen.P[at]
        by_camera += np.einsum("tkia,tckpi,tckpb->cab", S, fP, seen.own[at], optimize=True)
    R = np.linalg.inv((info + info.T) / 2)
    return R @ (noise + odd + own) @ R, [R @ one for one in by_camera]


STRANGE = 2.0
"""How much wider the body's own causes get by each e-fold of length beyond infants'. Set by hand:
of an adult, 1.7 times as long as a child of 36 months, they are three times as wide."""

OF_THE_BODY = tuple(CAUSES.index(cause) for cause in ("prior", "model", "shape"))
"""What is known of infants, and not of others."""


def outside(length_m: float) -> float:
    """Logarithm of how far a length lies outside of those of infants; 0 within."""
    low, high = LENGTH_M
    return float(np.log(max(1.0, length_m / high, low / max(length_m, 1e-6))))


def _contradiction(problem: Problem, seen: Seen) -> Array:
    """(T, 17, 3, 3) how far the joint lies from where views have it that were not believed.

    One view of four that is wrong says little; where half of them stand against the other half,
    nobody knows which are right.
    """
    given = problem.w2 > 0
    full = problem.w2 * problem.config.sigma_px**-2
    lost = np.where(given, 1 - np.sqrt(seen.f / np.maximum(full, 1e-12)), 0.0)
    views = np.maximum(given.sum(1), 1)
    share = np.minimum(1.0, 2 * lost.sum(1) / views) ** 6
    away = np.linalg.norm(seen.r, axis=3) * seen.mm / 1000
    square = (np.minimum(away, 0.5) ** 2 * given).sum(1) / views / 2
    return np.asarray((share * square)[..., None, None] * np.eye(3))


def _usual_weight(rho2: float, noise: float) -> float:
    """Mean share of its information that a mark keeps when it scatters as all do."""
    part = -np.log1p(-(np.arange(40) + 0.5) / 40)
    return float(((rho2 / (rho2 + 2.3 * noise**2 * part)) ** 2).mean())


def _signs(problem: Problem, seen: Seen, whole: Whole, causes: Array, pulls: Array) -> Array:
    """(T, 10) logarithms, 0 where all is as noise would have it."""
    noise, given, w = whole.noise_px, problem.w2 > 0, trust(problem)
    count = given.sum((1, 2))
    r2 = (seen.r**2).sum(3) * w
    beyond = np.where(given, np.minimum(r2, 36 * noise**2), 0).sum((1, 2)) / np.maximum(count, 1)
    full = problem.w2 * problem.config.sigma_px**-2
    kept = seen.f.sum((1, 2)) / np.maximum(full.sum((1, 2)), 1e-12)
    focal = float(np.nanmedian(focal_px(problem)))
    usual = _usual_weight(problem.config.rho_px[-1] ** 2, noise)
    width = np.sqrt(np.trace(causes[:, :5].sum(1), axis1=2, axis2=3).mean(1))
    middle = middles(np.sqrt(r2), given) / noise
    views = np.maximum(given.any(2).sum(1), 1)
    outvoted = (middle > OUTVOTED).sum(1) / (views + 1)
    shift = np.linalg.norm(np.einsum("tckpa,ca->tckp", seen.own, whole.misfit), axis=3)
    camera = middles(shift, given).max(1) / noise
    return np.stack(
        [
            np.log(np.maximum(1.0, beyond / (2 * noise**2))),
            -np.log(np.clip(kept / usual, 1e-3, 1.0)),
            np.log1p(pulls.max(1) / np.maximum(width, 1e-6)),
            np.log(np.maximum(1.0, middle.max(1) / 1.3)),
            -np.log(1 - outvoted),
            np.log1p(camera),
            np.log(np.maximum(1.0, MANY / np.maximum(count, 1))),
            np.log(ENOUGH_VIEWS / np.minimum(views, ENOUGH_VIEWS)),
            np.full(len(kept), np.log(max(1.0, noise / focal / USUAL_RAD))),
            np.full(len(kept), np.log1p(np.sqrt((whole.joints_m**2).mean()) / USUAL_M)),
        ],
        axis=1,
    )


OUTVOTED = 2.5
"""A view whose middle mark misses by so many standard deviations has lost against the others."""

MANY = 48
"""Marks of a moment below which they count as few."""

ENOUGH_VIEWS = 4
"""Views from which more of them are only more marks."""

USUAL_RAD = 0.0025
"""Scatter of marks above which fits are no longer linear in it."""

USUAL_M = 0.005
"""Distance along an axis by which joints of an infant that is like ours lie elsewhere."""
