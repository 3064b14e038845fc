"""What moves along with a dragged joint."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.trajectories.drag import CORRELATIONS, drag_along

VECTORS = Path(__file__).parents[3] / "vectors" / "drag.json"


def test_the_vectors_of_the_browser_are_those_of_this_rule() -> None:
    for case in json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]:
        positions = np.array([[np.nan] * 2 if p is None else p for p in case["positions"]])
        found = drag_along(positions, np.array(case["sigmas"]), case["joint"], np.array(case["to"]))
        wanted = np.array([[np.nan] * 2 if p is None else p for p in case["after"]])
        assert np.allclose(found, wanted, atol=1e-6, equal_nan=True)


def test_correlations_are_those_of_a_body() -> None:
    assert np.allclose(CORRELATIONS, CORRELATIONS.T)
    assert np.linalg.eigvalsh(CORRELATIONS).min() > 0
    assert CORRELATIONS[7, 9] > CORRELATIONS[5, 9] > CORRELATIONS[15, 9]


def test_a_forearm_follows_its_elbow_and_certain_joints_stay() -> None:
    sigmas = np.full(17, 8.0)
    sigmas[5] = 0.0
    after = drag_along(np.zeros((17, 2)), sigmas, 7, np.array([10.0, 0.0]))
    assert tuple(after[7]) == (10, 0)
    assert 5 < after[9, 0] < 10
    assert (after[5] == 0).all()
    assert after[16, 0] < 1


@given(st.integers(0, 16), st.floats(-50, 50), st.floats(-50, 50), st.integers(0, 99))
def test_nobody_goes_farther_than_the_hand(joint: int, x: float, y: float, seed: int) -> None:
    sigmas = np.random.default_rng(seed).uniform(0, 30, 17)
    after = drag_along(np.zeros((17, 2)), sigmas, joint, np.array([x, y]))
    assert np.linalg.norm(after, axis=1).max() <= np.hypot(x, y) + 1e-9
    assert np.allclose(after[joint], (x, y))


def test_a_joint_that_was_nowhere_is_placed_alone() -> None:
    positions = np.zeros((17, 2))
    positions[9] = np.nan
    after = drag_along(positions, np.ones(17), 9, np.array([4.0, 5.0]))
    assert tuple(after[9]) == (4, 5)
    assert (np.delete(after, 9, axis=0) == 0).all()
