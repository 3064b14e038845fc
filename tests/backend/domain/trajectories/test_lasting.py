"""Errors of marks that last: read at confirmed frames, carried to all others."""

from __future__ import annotations

import numpy as np

from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.lasting import drifted, freed, lasting, misses, nothing, size_of
from backend.domain.trajectories.solve import solve
from tests.backend.domain.trajectories.made import Noise, confirmed_at, evidence_with, made_session

TIMES = np.arange(300) / 30


def _at(frames: list[int], miss: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = np.zeros((len(frames), 17, 2))
    values[:, 9, 0] = miss
    return TIMES[frames], values, np.full((len(frames), 17), 0.5)


def test_what_ten_frames_say_holds_for_the_whole_camera() -> None:
    spoken, miss, variance = _at(list(range(10, 300, 30)), 1.0)
    found = lasting(TIMES, spoken, miss, variance, 1.1)
    assert 0.5 < found.offset[:, 9, 0].min() < 1.0
    assert np.abs(found.offset[:, 8]).max() == 0
    assert 0.3 < found.constant[9, 0] < 1.0


def test_what_one_frame_says_fades() -> None:
    spoken, miss, variance = _at([150], 1.0)
    found = lasting(TIMES, spoken, miss, variance, 1.1)
    assert found.offset[150, 9, 0] > 2 * found.offset[0, 9, 0] > 0
    assert found.left[150, 9] < 0.6 * found.left[0, 9]
    assert found.left[0, 9] < 1.1**2


def test_marks_on_something_else_say_nothing() -> None:
    marks, said = np.zeros((20, 17, 2)), np.full((20, 17, 2), np.nan)
    marks[:, 4] = 30.0
    said[10] = 0.0
    still, one = np.zeros((20, 17, 2)), np.ones((20, 17))
    miss, variance = misses(np.arange(20) / 30, marks, still, said, 0 * one, one, one, one)
    assert np.isinf(variance[0, 4])
    assert (miss[0, 4] == 0).all()
    assert np.isfinite(variance[0, 5])


def test_the_size_of_lasting_errors_is_read_from_the_large_misses() -> None:
    rng = np.random.default_rng(0)
    miss = rng.normal(0, 0.6, (40, 17, 2))
    # What is nearly right is left as it is.
    miss[np.linalg.norm(miss, axis=-1) < 0.5] = 0.0
    assert 0.3 < size_of(miss, np.full((40, 17), 0.5)) < 0.75


def test_without_a_word_nothing_is_taken_off_and_all_doubt_stays() -> None:
    found = nothing(5, 1.1)
    assert (found.offset == 0).all()
    assert np.allclose(found.left, 1.21)


def test_doubt_grows_with_the_way_that_flow_alone_carried() -> None:
    near = np.zeros((30, 17), bool)
    near[[0, 20], 3] = True
    factor = drifted(near)
    assert factor[0, 3] == 1
    assert factor[10, 3] > factor[5, 3] > 1
    assert (factor[:, 4] == 1).all()


def test_a_word_takes_the_doubt_from_its_neighbours() -> None:
    said = np.zeros((5, 17), bool)
    said[2] = True
    free = freed(np.full((4, 17), 0.9), said)
    assert free[2, 0] == 0
    assert free[0, 0] > free[1, 0] > 0


def test_a_camera_whose_hips_lie_too_high_is_put_right_far_from_confirmed_frames() -> None:
    calm = Noise(jitter=0.1, miss=0, swap=0, drift=0, adult=0, frozen=0, empty=0)
    made, session = made_session(7, 240, noise=calm)
    marks = session.cameras[0].marks.copy()
    marks[:, [11, 12], 1] -= 0.04 * made[0].size[:, None]
    high = SessionEvidence((evidence_with(session.cameras[0], marks=marks),))
    told = confirmed_at(made, high, [(0, t) for t in range(10, 240, 40)])
    far = np.abs(np.arange(240)[:, None] - np.arange(10, 240, 40)).min(1) > 12

    def missed(evidence: SessionEvidence) -> float:
        away = solve(evidence).cameras[0].positions - made[0].truth
        return float(np.abs(away[far][:, [11, 12], 1].mean()))

    assert missed(told) < 0.6 * missed(high)
