"""What pre-labels will be worth, told from approved recordings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.prelabel_outlook import Known, coverage, curve, distance, forecaster


def recordings(rng: np.random.Generator, count: int, *, shift: float = 0.0) -> list[Known]:
    """A model whose similarity is its score squared, give or take the recording's own luck."""
    made = []
    for _ in range(count):
        scores = rng.beta(4, 2, 60) * (1 - shift)
        luck = rng.normal(0, 0.05)
        made.append(Known(scores, np.clip(scores**2 + luck + rng.normal(0, 0.1, 60), 0, 1)))
    return made


def test_the_curve_finds_what_a_score_is_worth() -> None:
    found = curve(recordings(np.random.default_rng(1), 30))
    at = np.array([0.3, 0.5, 0.7, 0.9])
    assert found(at) == pytest.approx(at**2, abs=0.05)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_more_score_is_never_worth_less(frames: list[tuple[float, float]]) -> None:
    scores, oks = np.array(frames).T
    found = curve([Known(scores, oks)])(np.linspace(0, 1, 50))
    assert (np.diff(found) >= -1e-12).all()
    assert oks.min() - 1e-9 <= found.min() <= found.max() <= oks.max() + 1e-9


def test_the_range_holds_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    held = []
    for _ in range(150):
        *known, new = recordings(rng, 10)
        told = forecaster(known).outlook(new.scores)
        assert told.low is not None
        assert told.high is not None
        held.append(told.low <= new.oks.mean() <= told.high)
    assert np.mean(held) == pytest.approx(coverage(9), abs=0.08)


def test_a_recording_on_which_the_model_is_less_sure_is_called_unlike() -> None:
    rng = np.random.default_rng(3)
    known = forecaster(recordings(rng, 12))
    assert known.outlook(recordings(rng, 1, shift=0.4)[0].scores).unlike is True
    alike = [known.outlook(one.scores).unlike for one in recordings(rng, 60)]
    assert np.mean(alike) < 0.25


def test_few_recordings_give_a_number_and_no_range() -> None:
    told = forecaster(recordings(np.random.default_rng(4), 4)).outlook(np.array([0.5]))
    assert (told.low, told.high, told.unlike) == (None, None, None)
    assert 0 < told.expected < 1


def test_equal_scores_are_no_distance_apart_and_disjoint_ones_are_one() -> None:
    assert distance(np.array([0.1, 0.2]), [np.array([0.1, 0.2])]) == 0
    assert distance(np.array([0.1, 0.2]), [np.array([0.8, 0.9])]) == 1
