from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.fixtures.fitting import (
    four_cameras,
    open_basis,
    open_family,
    open_prior,
    sample_moments,
)
from worker.fitting import levenberg as lm
from worker.fitting.config import FitConfig
from worker.fitting.priors import PosePrior, reduce_prior
from worker.fitting.problem import make_problem
from worker.fitting.solve import stage_table

TERMS = {
    "views": {},
    "triangulated joints": {lm.TRIANGULATED: 1e4},
    "pose prior": {lm.POSE: 3.0},
    "limits": {lm.LIMIT: 500.0},
    "bends": {lm.BEND: 2.0},
    "floor": {lm.FLOOR: 1e4, lm.MARGIN: 0.25},
    "self-intersection": {lm.COLLISION: 1e4},
}


class Moment:
    """One moment whose energy can be asked for."""

    def __init__(self, terms: dict[int, float], prior: PosePrior | None = None) -> None:
        sampled = sample_moments(1, seed=4)
        problem = make_problem(
            four_cameras(), sampled.joints, "visibility", open_basis().coco_weight, FitConfig(),
            floor=(0, 0, 1, 0),
        )  # fmt: skip
        rng = np.random.default_rng(0)
        self.rig = open_family().at(sampled.betas)
        self.prior = prior or open_prior()
        self.scale = sampled.scale
        self.cams = problem.cams
        self.x = sampled.x[0] + rng.normal(0, 0.15, sampled.x.shape[1])
        # Legs that cross and an elbow beyond its limit, so that no term is silent.
        self.x[:3] = sampled.x[0, :3] + 0.02
        self.stage = stage_table(FitConfig())[-1].copy()
        self.stage[[lm.FLOOR, lm.COLLISION, lm.LIMIT]] = 0
        for column, value in terms.items():
            self.stage[column] = value
        joints = sampled.coco[0]
        self.data: Any = (
            problem.obs[0], problem.w2[0], joints + 0.01, np.ones(17), joints - 0.02,
            np.full(17, 100.0), problem.floor,
        )  # fmt: skip

    def energy(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        gradient = np.empty(len(x))
        energy = lm.energy_and_gradient(
            self.rig.packed, self.prior.packed, self.stage, self.cams, self.data, x, self.scale,
            gradient,
        )  # fmt: skip
        return energy, gradient


@pytest.mark.parametrize("term", TERMS)
def test_the_gradient_matches_finite_differences(term: str) -> None:
    moment = Moment(TERMS[term])
    if term == "self-intersection":
        moment.x[6:] *= 2.5
    if term == "limits":
        moment.x[6:] *= 3
    _, gradient = moment.energy(moment.x)
    h = 1e-6
    by_steps = [
        (moment.energy(moment.x + d)[0] - moment.energy(moment.x - d)[0]) / (2 * h)
        for d in np.eye(len(moment.x)) * h
    ]
    np.testing.assert_allclose(gradient, by_steps, rtol=1e-5, atol=1e-5 * np.abs(gradient).max())


@pytest.mark.parametrize("term", [term for term in TERMS if term != "views"])
def test_each_term_counts(term: str) -> None:
    with_term, without = Moment(TERMS[term]), Moment({})
    if term in ("self-intersection", "limits"):
        for moment in (with_term, without):
            moment.x[6:] *= 3
    assert with_term.energy(with_term.x)[0] > without.energy(without.x)[0]


def test_the_nearest_component_of_a_mixture_counts() -> None:
    basis = open_basis()
    means = np.stack([basis.prior_mean + 2.0, basis.prior_mean])
    factors = np.stack([basis.prior_factor] * 2)
    mixture = reduce_prior(basis, (means, factors, np.array([0.5, 0.5])))
    assert Moment({}, mixture).energy(Moment({}).x)[0] == pytest.approx(
        Moment({}).energy(Moment({}).x)[0]
    )


def test_the_reduced_prior_is_the_least_over_the_hidden_bones() -> None:
    basis, prior = open_basis(), open_prior()
    rng = np.random.default_rng(1)
    away = rng.normal(0, 0.3, prior.mean.shape[1])
    on = [3 * (j - 1) + i for j in basis.active[1:] for i in range(3)]
    theta = np.zeros(69)
    theta[on] = away
    theta[[i for i in range(69) if i not in on]] = prior.rest_gain[0] @ away
    assert away @ prior.precision[0] @ away == pytest.approx(
        float(np.sum((theta @ basis.prior_factor) ** 2)), rel=1e-4
    )
