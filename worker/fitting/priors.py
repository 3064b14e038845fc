"""The pose prior of a body, reduced to the bones that are solved for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from worker.fitting.rig import JointBasis

Array = NDArray[np.float64]

BENDS = ((51 + 1, 1.0), (54 + 1, -1.0), (9, -1.0), (12, -1.0))
"""SMPLify-X's elbows and knees: entries of the body pose and the sign that is unnatural."""


@dataclass(frozen=True)
class PosePrior:
    """A mixture of Gaussians over the active bones but the root (n = 3A − 3 values).

    mean: (K, n), precision: (K, n, n), constant: (K,), lower, upper, bend: (n,). rest: how the
    other bones follow: (K, m) mean and (K, m, n) gain of θ_rest = mean + gain·(θ − mean_active).
    """

    mean: Float[Array, "k n"]
    precision: Float[Array, "k n n"]
    constant: Float[Array, " k"]
    lower: Float[Array, " n"]
    upper: Float[Array, " n"]
    bend: Float[Array, " n"]
    rest_mean: Float[Array, "k m"]
    rest_gain: Float[Array, "k m n"]

    @property
    def packed(self) -> tuple[Array, ...]:
        """For the compiled functions."""
        return self.mean, self.precision, self.constant, self.lower, self.upper, self.bend


def reduce_prior(
    basis: JointBasis,
    mixture: tuple[Float[Array, "k 69"], Float[Array, "k 69 69"], Float[Array, " k"]] | None = None,
) -> PosePrior:
    """The prior over the active bones alone: the others are integrated out.

    The hidden values enter no joint, so the best of them are their conditional mean, and what
    remains is the marginal: its precision is the Schur complement. Exact for one Gaussian.

    Args:
        mixture: means (K, 69), factors (K, 69, 69) and weights (K,) instead of the body's prior;
            the nearest component counts, with its constant, as in SMPLify (Bogo et al. 2016).
    """
    if mixture is None:
        means, factors = basis.prior_mean[None], basis.prior_factor[None]
        constants = np.zeros(1)
    else:
        means, factors, weights = mixture
        logdet = np.linalg.slogdet(factors)[1]
        constants = -2 * (np.log(weights) + logdet)
        constants = constants - constants.min()
    on = np.array([3 * (j - 1) + i for j in basis.active[1:] for i in range(3)])
    off = np.setdiff1d(np.arange(69), on)
    precisions, gains = [], []
    for factor in factors:
        Q = factor @ factor.T
        hidden = Q[np.ix_(off, off)] + 1e-9 * np.eye(len(off))
        gain = -np.linalg.solve(hidden, Q[np.ix_(off, on)])
        precisions.append(Q[np.ix_(on, on)] + Q[np.ix_(on, off)] @ gain)
        gains.append(gain)
    bend = np.zeros(69)
    for entry, sign in BENDS:
        bend[entry] = sign
    return PosePrior(
        np.ascontiguousarray(means[:, on]), np.ascontiguousarray(precisions), constants,
        basis.lower[on], basis.upper[on], bend[on],
        np.ascontiguousarray(means[:, off]), np.ascontiguousarray(gains),
    )  # fmt: skip


def full_pose(
    basis: JointBasis, prior: PosePrior, x: Float[Array, "t 3+3*{len(basis.active)}"]
) -> Float[Array, "t 72"]:
    """(T, 72) axis-angles of all bones from solutions (T, 3 + 3A)."""
    active = list(basis.active)
    pose = np.zeros((len(x), 24, 3))
    pose[:, active] = x[:, 3:].reshape(len(x), -1, 3)
    body = x[:, 6:]
    away = body[:, None] - prior.mean
    near = (np.einsum("tkn,knm,tkm->tk", away, prior.precision, away) + prior.constant).argmin(1)
    rest = prior.rest_mean[near] + np.einsum(
        "tmn,tn->tm", prior.rest_gain[near], away[np.arange(len(x)), near]
    )
    hidden = [j for j in range(1, 24) if j not in basis.active]
    pose[:, hidden] = rest.reshape(len(x), len(hidden), 3)
    return pose.reshape(len(x), 72)


def active_pose(
    basis: JointBasis, pose: Float[Array, "t 72"], translation: Float[Array, "t 3"]
) -> Float[Array, "t 3+3*{len(basis.active)}"]:
    """Solutions (T, 3 + 3A) from full poses (T, 72) and translations (T, 3)."""
    chosen = pose.reshape(len(pose), 24, 3)[:, list(basis.active)]
    return np.concatenate([translation, chosen.reshape(len(pose), -1)], axis=1)
