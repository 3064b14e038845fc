"""Pre-labels stay unless the evidence clearly contradicts them."""

from __future__ import annotations

import numpy as np

from backend.domain.trajectories.answer import Source
from backend.domain.trajectories.guard import movable, settle
from backend.domain.trajectories.settings import DEFAULTS
from backend.domain.trajectories.sizes import SPREAD

SIZES = np.full(1, 100.0)


def test_a_small_difference_moves_nothing() -> None:
    d = np.zeros((1, 17, 2))
    d[0, 9, 0] = 3.0
    assert not movable(d, np.full((1, 17), 2.0), SIZES, 0.003).any()


def test_a_clear_contradiction_moves_its_joint_alone() -> None:
    d = np.zeros((1, 17, 2))
    d[0, 9], d[0, 3, 0] = (40.0, 0.0), 0.5
    moved = movable(d, np.full((1, 17), 2.0), SIZES, 0.003)
    assert moved[0, 9]
    assert moved.sum() <= 2


def test_the_stated_chance_of_becoming_worse_holds() -> None:
    rng = np.random.default_rng(1)
    n = 4000
    sizes, deviation = np.full(n, 100.0), np.full((n, 17), 2.0)
    truth = np.zeros((n, 17, 2))
    place = truth + rng.normal(0, 2.0, truth.shape)
    marks = truth + rng.normal(0, 3.0, truth.shape) * rng.choice([1, 8], (n, 17, 1), p=[0.9, 0.1])
    moved = movable(place - marks, deviation, sizes, 0.003)
    answer = np.where(moved[..., None], place, marks)
    unit = (SPREAD * 100) ** 2
    before = (((marks - truth) ** 2).sum(-1) / unit).sum(1)
    after = (((answer - truth) ** 2).sum(-1) / unit).sum(1)
    assert (after > before).mean() < 0.01
    assert after.mean() < 0.5 * before.mean()


def test_confirmed_joints_stand_exactly_where_they_were_put() -> None:
    said = np.full((1, 17, 2), np.nan)
    said[0, 4] = (12.25, 99.125)
    marks, place = np.zeros((1, 17, 2)), np.full((1, 17, 2), 50.0)
    positions, sigmas, source = settle(marks, place, np.full((1, 17), 1.0), said, SIZES, DEFAULTS)
    assert tuple(positions[0, 4]) == (12.25, 99.125)
    assert source[0, 4] == Source.CONFIRMED
    assert sigmas[0, 4] < 1
    assert (positions[0, :4] == 50).all()


def test_nothing_known_is_said_as_such() -> None:
    nothing = np.full((1, 17, 2), np.nan)
    positions, sigmas, source = settle(
        nothing, nothing, np.full((1, 17), 1.0), nothing, SIZES, DEFAULTS
    )
    assert np.isnan(positions).all()
    assert np.isinf(sigmas).all()
    assert (source == Source.NOTHING).all()
