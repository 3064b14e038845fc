"""Scores against what was reached."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.evaluation.matching import AREA_RANGES, match
from backend.domain.evaluation.reliability import Reliability, reliability
from backend.domain.evaluation.samples import Predictions, Truths
from tests.backend.domain.evaluation.people import figure, predictions, truths


def measured(there: Truths, found: Predictions) -> Reliability:
    matches = match(there, found, thresholds=np.array([0.1]), ranges=AREA_RANGES[:1])
    return reliability(found, matches)


def test_the_error_is_the_mean_distance_of_score_and_oks_over_predictions() -> None:
    there = truths([figure(), figure(), figure()])
    found = predictions([figure(), figure(), figure(9000)], scores=[0.9, 0.7, 0.2])
    result = measured(there, found)
    assert result.error == pytest.approx((0.1 + 0.3 + 0.2) / 3)
    assert [b.count for b in result.bins] == [0, 0, 1, 0, 0, 0, 0, 1, 0, 1]
    assert result.bins[2].oks == 0


def test_within_a_bin_scores_may_differ_as_long_as_their_mean_is_right() -> None:
    there = truths([figure(), figure()])
    found = predictions([figure(), figure(9000)], scores=[0.54, 0.46])
    assert measured(there, found).error == pytest.approx((0.46 + 0.46) / 2)
    found = predictions([figure(), figure(9000)], scores=[0.52, 0.51])
    assert measured(there, found).error == pytest.approx(abs(0.515 - 0.5))


def test_predictions_of_a_crowd_are_left_out() -> None:
    there = truths([figure(), figure()], crowd=np.array([True, False]))
    assert measured(there, predictions([figure(), figure()], scores=[0.0, 1.0])).count == 1


def test_scores_that_are_no_shares_have_no_error_but_a_reason() -> None:
    result = measured(truths([figure()]), predictions([figure()], scores=[7.0]))
    assert result.error is None
    assert "0 to 1" in (result.why_not or "")


def test_nothing_predicted_has_no_error() -> None:
    assert measured(truths([figure()]), predictions([])).error is None
