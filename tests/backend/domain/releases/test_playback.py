"""The sample of what was accepted in playback."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.releases.playback import in_sample

IDS = np.arange(1, 20_001)


def test_a_sample_has_the_share_that_was_asked_for_and_hangs_on_the_seed() -> None:
    first, second = in_sample(IDS, 0.05, 1), in_sample(IDS, 0.05, 2)
    assert first.mean() == pytest.approx(0.05, abs=0.005)
    assert (first & second).mean() == pytest.approx(0.0025, abs=0.001)


def test_a_sample_stays_the_same_when_frames_come_and_go_and_grows_with_the_share() -> None:
    sample = in_sample(IDS, 0.1, 7)
    np.testing.assert_array_equal(in_sample(IDS[::3], 0.1, 7), sample[::3])
    assert not (in_sample(IDS, 0.05, 7) & ~sample).any()
