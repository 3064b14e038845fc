"""Random samples, and what they say of the frames that nobody opened."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.error_rates import ErrorRate
from backend.domain.errors import InvalidInput
from backend.domain.vouching import SamplingRule, drawn, sample_size, sampled_rate, why_not_vouched

VECTORS = Path(__file__).parents[2] / "vectors"
RULE = SamplingRule(min_frames=30, share=0.05, max_errors_per_1000=20)


@pytest.mark.parametrize(
    ("frames", "size"), [(0, 0), (1, 1), (30, 30), (31, 30), (600, 30), (601, 31), (20_000, 1000)]
)
def test_a_sample_has_the_least_number_or_the_share(frames: int, size: int) -> None:
    assert sample_size(frames, RULE) == size


@pytest.mark.parametrize(
    "options", [{"min_frames": 0}, {"share": 1.5}, {"share": -0.1}, {"max_errors_per_1000": 0}]
)
def test_a_rule_that_cannot_be_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        SamplingRule(**options)  # type: ignore[arg-type]


@given(st.sets(st.integers(1, 2**40), max_size=60), st.integers(0, 70), st.integers(0, 2**31 - 1))
def test_a_sample_can_be_drawn_again_and_a_larger_one_holds_it(
    frames: set[int], size: int, seed: int
) -> None:
    sample = drawn(frames, size, seed)
    assert len(sample) == len(set(sample)) == min(size, len(frames))
    assert set(sample) <= frames
    assert drawn(sorted(frames, reverse=True), size, seed) == sample
    assert drawn(frames, size + 5, seed)[:size] == sample


def test_every_frame_is_drawn_as_often_as_any_other() -> None:
    often: Counter[int] = Counter()
    for seed in range(3000):
        often.update(drawn(range(1, 21), 5, seed))
    expected = 3000 * 5 / 20
    chi2 = sum((often[i] - expected) ** 2 / expected for i in range(1, 21))
    assert chi2 < 43.8  # 99.9 % of chi² with 19 degrees of freedom


def test_wrong_joints_of_a_sample_are_taken_to_come_by_two() -> None:
    # Half as many joints tell something.
    assert sampled_rate([17] * 30, [0] * 30, 100_000) == ErrorRate(0.0, 0.0, 14.84)


def test_the_limit_is_held_against_the_upper_end() -> None:
    assert "Up to 25 wrong joints in 1,000" in (
        why_not_vouched(ErrorRate(5.0, 1.0, 25.0), RULE) or ""
    )
    assert why_not_vouched(ErrorRate(5.0, 1.0, 20.0), RULE) is None
    assert why_not_vouched(None, RULE) is None


@pytest.mark.parametrize("truth", [0.005, 0.03])
def test_the_interval_holds_the_truth_as_often_as_it_says(truth: float) -> None:
    rng = np.random.default_rng(3)
    population, size, held = 400, 60, 0
    for _ in range(300):
        # Bad frames err in several joints at once.
        bad = rng.random(population) < truth * 17 / 3
        wrong = np.where(bad, 3, 0)
        sample = rng.choice(population, size, replace=False)
        rate = sampled_rate([17] * size, wrong[sample].tolist(), population)
        assert rate is not None
        held += rate.low <= 1000 * wrong.sum() / (17 * population) <= rate.high
    assert held / 300 >= 0.9


def test_the_browser_draws_the_same_frames() -> None:
    for case in json.loads((VECTORS / "vouching.json").read_text())["drawn"]:
        assert drawn(case["frames"], case["size"], case["seed"]) == case["drawn"]
