"""Pre-labels stay unless the evidence clearly contradicts them."""

from __future__ import annotations

import numpy as np

from backend.domain.trajectories.answer import Source
from backend.domain.trajectories.evidence import Array
from backend.domain.trajectories.guard import ASIDE, SHARES, gains, settle, ways
from backend.domain.trajectories.settings import DEFAULTS
from backend.domain.trajectories.sizes import SILHOUETTE, SPREAD

SIZES = np.full(1, 100.0)
UNIT = SPREAD * SILHOUETTE * 100


def oks(joints: Array, truth: Array) -> Array:
    """(T,) of a body of 100 px."""
    return np.asarray(np.exp(-((joints - truth) ** 2).sum(-1) / UNIT**2 / 2).mean(1))


def test_a_small_difference_moves_nothing() -> None:
    d = np.zeros((1, 17, 2))
    d[0, 9, 0] = 3.0
    assert not ways(d, np.full((1, 17), 8.0), SIZES, 0.003).any()


def test_a_clear_contradiction_moves_its_joint_alone() -> None:
    d = np.zeros((1, 17, 2))
    d[0, 9], d[0, 3, 0] = (40.0, 0.0), 0.5
    gone = ways(d, np.full((1, 17), 2.0), SIZES, 0.003)
    assert gone[0, 9] == 1
    assert (gone > 0).sum() <= 2


def test_the_stated_chance_of_becoming_worse_holds() -> None:
    rng = np.random.default_rng(1)
    n = 4000
    sizes, deviation = np.full(n, 100.0), np.full((n, 17), 2.0)
    truth = np.zeros((n, 17, 2))
    place = truth + rng.normal(0, 2.0 * np.sqrt(ASIDE), truth.shape)
    marks = place + rng.normal(0, 3.0, truth.shape) * rng.choice([1, 8], (n, 17, 1), p=[0.9, 0.1])
    gone = ways(place - marks, deviation, sizes, 0.003)
    answer = marks + gone[..., None] * (place - marks)
    before, after = oks(marks, truth), oks(answer, truth)
    assert (after < before).mean() < 0.01
    assert (1 - after).mean() < 0.3 * (1 - before).mean()


def test_mean_and_variance_of_a_gain_are_those_of_drawn_truths() -> None:
    away2, v = np.array([0.3, 2.0, 9.0]), np.array([0.1, 0.5, 2.0])
    mean, variance = gains(away2, v)
    way = np.stack([np.sqrt(away2), np.zeros(3)], -1)
    truth = np.random.default_rng(5).normal(size=(100_000, 3, 2)) * np.sqrt(v)[:, None]
    before = np.exp(-((way - truth) ** 2).sum(-1) / 2)
    for k, share in enumerate(SHARES):
        drawn = np.exp(-(((1 - share) * way - truth) ** 2).sum(-1) / 2) - before
        assert np.allclose(drawn.mean(0), mean[k], atol=0.006)
        assert np.allclose(drawn.var(0), variance[k], atol=0.006)


def test_one_joint_far_off_does_not_pay_for_a_body_that_is_unsure() -> None:
    d = np.zeros((1, 17, 2))
    d[..., 0] = 0.6 * UNIT
    d[0, 9, 0] = 30 * UNIT[9]
    deviation = 0.9 * UNIT[None]
    gone = ways(d, deviation, SIZES, 0.006, deviation**2)
    assert (gone[0, np.arange(17) != 9] == 0).all()


def test_what_nobody_can_explain_shortens_the_way_and_does_not_turn_it() -> None:
    d = np.zeros((1, 17, 2))
    d[..., 0] = 4.0
    deviation = np.full((1, 17), 6.0)
    by_chain = ways(d, deviation, SIZES, 0.006)
    unexplained = ways(d, deviation, SIZES, 0.006, np.full((1, 17), 36.0))
    assert (by_chain > unexplained).all()
    assert (unexplained < 0.5).all()


def test_what_errs_in_step_makes_hardly_any_frame_worse() -> None:
    rng = np.random.default_rng(3)
    n, k = 4000, UNIT
    floor = np.broadcast_to((0.9 * k) ** 2, (n, 17))
    way = 1.5 * k[:, None] * rng.normal(size=(n, 17, 2))
    along = np.sqrt(0.1) * rng.normal(size=(n, 1)) + np.sqrt(0.9) * rng.normal(size=(n, 17))
    truth = np.zeros((n, 17, 2))
    place = truth - (0.9 * k * along)[..., None] * way / np.linalg.norm(way, axis=-1)[..., None]
    marks = place - way
    gone = ways(place - marks, np.sqrt(floor), np.full(n, 100.0), 0.006, floor)
    answer = marks + gone[..., None] * (place - marks)
    before, after = oks(marks, truth), oks(answer, truth)
    assert (after < before).mean() < 0.01
    assert after.mean() > before.mean() + 0.02


def test_confirmed_joints_stand_exactly_where_they_were_put() -> None:
    said = np.full((1, 17, 2), np.nan)
    said[0, 4] = (12.25, 99.125)
    marks, place = np.zeros((1, 17, 2)), np.full((1, 17, 2), 50.0)
    positions, sigmas, source = settle(marks, place, np.full((1, 17), 1.0), said, SIZES, DEFAULTS)
    assert tuple(positions[0, 4]) == (12.25, 99.125)
    assert source[0, 4] == Source.CONFIRMED
    assert sigmas[0, 4] < 1
    assert (positions[0, :4] == 50).all()


def test_pre_labels_that_are_to_stand_do_so_and_what_was_missed_is_filled_in() -> None:
    marks, place = np.zeros((1, 17, 2)), np.full((1, 17, 2), 50.0)
    marks[0, 9] = np.nan
    said = np.full((1, 17, 2), np.nan)
    positions, sigmas, source = settle(
        marks, place, np.full((1, 17), 1.0), said, SIZES, DEFAULTS, stands=True
    )
    there = np.arange(17) != 9
    assert (positions[0, there] == 0).all()
    assert (source[0, there] == Source.PRE_LABEL).all()
    assert (positions[0, 9] == 50).all()
    assert source[0, 9] == Source.INFERRED
    assert (sigmas[0, there] > 20).all()


def test_nothing_known_is_said_as_such() -> None:
    nothing = np.full((1, 17, 2), np.nan)
    positions, sigmas, source = settle(
        nothing, nothing, np.full((1, 17), 1.0), nothing, SIZES, DEFAULTS
    )
    assert np.isnan(positions).all()
    assert np.isinf(sigmas).all()
    assert (source == Source.NOTHING).all()
