"""Intervals are over infants, and are refused where they would say nothing."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.evaluation import intervals
from backend.domain.evaluation.intervals import clusters_of


def test_infants_are_drawn_with_replacement_as_many_as_there_are() -> None:
    drawn = intervals.draw(7, 200, seed=3)
    assert drawn.shape == (200, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert drawn.max() > 1


def test_the_same_seed_gives_the_same_draws() -> None:
    assert np.array_equal(intervals.draw(9, 50, 1), intervals.draw(9, 50, 1))
    assert not np.array_equal(intervals.draw(9, 50, 1), intervals.draw(9, 50, 2))


def test_many_frames_of_few_infants_give_a_wide_interval() -> None:
    infant = np.repeat(np.arange(10), 1000)
    values = np.repeat(np.linspace(0, 1, 10), 1000)
    found = intervals.interval(intervals.means(values, infant, intervals.draw(10, 2000, 1)))
    assert found is not None
    # The standard error over 10 infants is 0.1; over 10,000 frames it would be 0.003.
    assert 0.3 < found.high - found.low < 0.5


def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for seed in range(200):
        means = rng.normal(0.5, 0.1, 40)
        values = (means[:, None] + rng.normal(0, 0.02, (40, 20))).ravel()
        infant = np.repeat(np.arange(40), 20)
        found = intervals.interval(intervals.means(values, infant, intervals.draw(40, 400, seed)))
        assert found is not None
        hits += found.low <= 0.5 <= found.high
    assert 178 <= hits <= 199


def test_a_mean_is_over_all_values_not_over_infants() -> None:
    values = np.array([[0.0, 1.0], [1.0, np.nan], [1.0, 1.0]])
    found = intervals.means(values, np.array([0, 0, 1]), np.array([[1, 1], [2, 0], [0, 0]]))
    assert found[:2].tolist() == pytest.approx([4 / 5, 2 / 3])
    assert np.isnan(found[2])


@pytest.mark.parametrize("count", [0, 1, 4])
def test_few_infants_give_a_sentence_instead_of_an_interval(count: int) -> None:
    said = intervals.caution("infant", count)
    assert said is not None
    assert said.startswith("No intervals")
    assert str(count) in said


def test_some_infants_give_an_interval_with_a_warning_and_many_without() -> None:
    assert "too narrow" in (intervals.caution("infant", 8) or "")
    assert intervals.caution("infant", 20) is None
    assert "recordings" in (intervals.caution("recording", 50) or "")


def test_recordings_stand_in_where_an_image_does_not_name_its_infant() -> None:
    facts = [{"infant": "B07", "recording": "a"}, {"recording": "b"}]
    assert clusters_of(facts).unit == "recording"
    assert clusters_of([{"infant": "B07"}, {"infant": "B09"}]).names == ("B07", "B09")
    assert clusters_of([{"infant": "B07"}, {}]).unit is None


def test_a_measure_that_is_often_missing_has_no_interval() -> None:
    values = np.linspace(0, 1, 100)
    values[:5] = np.nan
    assert intervals.interval(values) is not None
    values[:6] = np.nan
    assert intervals.interval(values) is None
