"""The sample of what was accepted in playback, and the rate of errors that it shows."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.releases.playback import error_rate, in_sample

IDS = np.arange(1, 20_001)


def test_a_sample_has_the_share_that_was_asked_for_and_hangs_on_the_seed() -> None:
    first, second = in_sample(IDS, 0.05, 1), in_sample(IDS, 0.05, 2)
    assert first.mean() == pytest.approx(0.05, abs=0.005)
    assert (first & second).mean() == pytest.approx(0.0025, abs=0.001)


def test_a_sample_stays_the_same_when_frames_come_and_go_and_grows_with_the_share() -> None:
    sample = in_sample(IDS, 0.1, 7)
    np.testing.assert_array_equal(in_sample(IDS[::3], 0.1, 7), sample[::3])
    assert not (in_sample(IDS, 0.05, 7) & ~sample).any()


def test_no_error_in_a_sample_still_says_how_many_there_may_be() -> None:
    rate = error_rate([17] * 20, [0] * 20)
    assert rate is not None
    assert (rate.estimate, rate.low) == (0.0, 0.0)
    assert 8 < rate.high < 14  # the rule of three says 3 / 340, nearly 9 in a thousand


def test_errors_that_come_together_in_a_frame_widen_the_interval() -> None:
    spread = error_rate([17] * 40, [1] * 10 + [0] * 30)
    together = error_rate([17] * 40, [10] + [0] * 39)
    assert spread is not None
    assert together is not None
    assert spread.estimate == together.estimate
    assert together.high - together.low > 1.5 * (spread.high - spread.low)


def test_without_checked_joints_nothing_is_said() -> None:
    assert error_rate([], []) is None
