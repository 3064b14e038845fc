"""Which rule a fit failed is said with its limit."""

from __future__ import annotations

import numpy as np

from worker.fitting.config import FitConfig
from worker.fitting.validate import passes_gate
from worker.tools.gate_words import failed_rules

CAMERAS = ("front", "side")
CONFIG = FitConfig()


def test_each_failed_rule_is_named_with_what_it_measured() -> None:
    good = np.full((2, 17), 3.0)
    assert failed_rules(good, CONFIG, CAMERAS) == []
    one = good.copy()
    one[1, 9] = 200.0
    said = failed_rules(one, CONFIG, CAMERAS)
    assert any(words.startswith("left wrist in side 200 px off, limit") for words in said)
    view = good.copy()
    view[0] = 29.0
    assert "mean error in front 29.0 px, limit 16 px" in failed_rules(view, CONFIG, CAMERAS)
    few = np.full((2, 17), np.nan)
    few[0, :2] = 1.0
    assert failed_rules(few, CONFIG, CAMERAS)[0].startswith("2 joints were given")
    assert failed_rules(few * np.nan, CONFIG, CAMERAS) == ["no joint was given"]


def test_words_are_said_exactly_where_the_gate_fails() -> None:
    rng = np.random.default_rng(0)
    errors = rng.gamma(1.5, 7.0, (200, 2, 17))
    errors[rng.random(errors.shape) < 0.5] = np.nan
    passed = passes_gate(errors, CONFIG)
    assert 10 < passed.sum() < 190
    assert [not failed_rules(e, CONFIG, CAMERAS) for e in errors] == passed.tolist()
