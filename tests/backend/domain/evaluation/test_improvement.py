"""Whether one model is better than another, by more than chance."""

from __future__ import annotations

import numpy as np

from backend.domain.evaluation.improvement import improvement

INFANTS = [f"INF-{i // 10}" for i in range(80)]


def test_a_gain_on_every_infant_is_certain() -> None:
    old = np.random.default_rng(0).uniform(0.4, 0.6, 80)
    found = improvement(old + 0.1, old, INFANTS)
    assert found.certain
    assert abs(found.difference - 0.1) < 1e-9
    assert (found.infants, found.frames) == (8, 80)


def test_a_gain_on_one_infant_alone_is_not() -> None:
    old = np.full(80, 0.5)
    new = old.copy()
    new[:10] += 0.4
    found = improvement(new, old, INFANTS)
    assert found.difference > 0
    assert not found.certain


def test_few_infants_or_unknown_ones_give_no_interval() -> None:
    old = np.zeros(8)
    assert improvement(old + 1, old, ["a", "b"] * 4).interval is None
    assert improvement(old + 1, old, [""] * 8).infants == 0
