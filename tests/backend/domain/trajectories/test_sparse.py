"""Frames that lie far apart in time: what is near in number is not near in the infant's motion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.domain.trajectories import motion, noise, sureness
from backend.domain.trajectories.answer import Answer, Source
from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.guard import settle
from backend.domain.trajectories.second_look import not_taken
from backend.domain.trajectories.settings import DEFAULTS
from backend.domain.trajectories.solve import resolve_near, solve
from backend.domain.trajectories.taught import carries
from tests.backend.domain.trajectories.made import (
    Made,
    Noise,
    confirmed_at,
    evidence_with,
    made_session,
    moving_body,
    oks,
)

APART = 0.5
"""Seconds between frames."""

MOVED = 12
"""The frame before which the infant was laid elsewhere."""

CLEAN = Noise(jitter=0.2, slow=0.0, miss=0, swap=0, drift=0, adult=0, frozen=0, empty=0)


def laid_elsewhere(seed: int, cameras: int = 1) -> tuple[list[Made], SessionEvidence]:
    """24 frames, half a second apart, no motion of the picture measured between them."""
    rng = np.random.default_rng(seed)
    world = moving_body(rng, 24 * 15)[::15]
    turned = world[MOVED:] * (-1, -1, 1)
    world = np.concatenate((world[:MOVED], np.add(turned, (0.25, -0.15, 0))))
    made, session = made_session(seed, len(world), cameras, CLEAN, world)
    times = np.arange(len(world)) * APART
    apart = tuple(evidence_with(e, times=times, flow=None) for e in session.cameras)
    return made, SessionEvidence(apart, session.moments)


def _fall(made: list[Made], session: SessionEvidence, answer: Answer) -> np.ndarray:
    """By how much the OKS of frames that nobody confirmed fell below their pre-label's."""
    return np.concatenate([
        (oks(m.evidence.marks, m.truth, m.size) - oks(a.positions, m.truth, m.size))[~e.settled]
        for m, e, a in zip(made, session.cameras, answer.cameras, strict=True)
    ])  # fmt: skip


@pytest.mark.parametrize(("seed", "cameras"), [(3, 1), (4, 1), (5, 1), (6, 4)])
def test_an_infant_laid_elsewhere_within_a_gap_keeps_its_pre_labels(
    seed: int, cameras: int
) -> None:
    made, session = laid_elsewhere(seed, cameras)
    first = confirmed_at(made, session, [(c, t) for c in range(cameras) for t in range(6)])
    assert _fall(made, first, solve(first)).max() < 0.05
    beside = confirmed_at(made, first, [(0, MOVED - 1)])
    assert _fall(made, beside, resolve_near(solve(first), beside, (0, MOVED - 1))).max() < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_close_frames_keep_their_velocities_and_a_far_step_is_as_quick_as_it_was(seed: int) -> None:
    rng = np.random.default_rng(seed)
    speeds = rng.uniform(1, 4, (10, 17))
    places = rng.normal(0, 1, (10, 17, 2))
    places[6:] += 300
    known = np.ones((10, 17), bool)
    close = motion.between_speeds(speeds, places, known, np.arange(10) / 30, 0.2)
    np.testing.assert_array_equal(close, (speeds[1:] + speeds[:-1]) / 2)
    far = motion.between_speeds(speeds, places, known, np.arange(10) / 2, 0.2)
    # What an Uhlenbeck-Ornstein process of that speed moves by in half a second.
    deviation = np.sqrt(far * 2 * 0.2**2 * (2.5 - 1 + np.exp(-2.5)))
    assert (deviation[5] > 150).all()
    assert (np.delete(deviation, 5, axis=0) < 30).all()


def test_a_body_that_is_back_one_frame_later_did_not_move() -> None:
    places = np.zeros((10, 17, 2))
    places[5] += 300
    ones = np.ones((10, 17))
    far = motion.between_speeds(ones, places, ones > 0, np.arange(10) / 2, 0.2)
    np.testing.assert_array_equal(far, np.ones((9, 17)))


def test_marks_far_apart_in_time_neither_doubt_each_other_nor_count_as_one() -> None:
    right, marked = np.full((30, 17), 0.1), np.ones((30, 17), bool)
    right[15] = 1.0
    close, far = (noise.shared_doubt(right, marked, np.arange(30) * s) for s in (1 / 30, 0.5))
    assert (close[15] < -3).all()
    assert (far == 0).all()
    sizes = np.full(30, 80.0)
    counted = [noise.assumed(DEFAULTS, sizes, np.arange(30) * s).slowness for s in (1 / 30, 0.5)]
    assert counted == [pytest.approx(3.0), 1.0]


def test_errors_that_are_alike_are_believed_nearby_until_a_frame_was_asked() -> None:
    made, session = laid_elsewhere(3)
    near = confirmed_at(made, session, [(0, t) for t in range(6)])
    share = carries(near, sureness.read(near))[0]
    assert (share[:6] == 1).all()
    assert (np.diff(share[6:]) < 0).all()
    assert share[12] < 0.01
    answer = solve(session)
    told = sureness.foretell(session.cameras[0], answer.cameras[0], 5, sureness.CHECKED)
    asked = confirmed_at(made, replace(session, cameras=(told,)), [(0, 5)])
    assert (carries(asked, sureness.read(asked))[0] == 1).all()


def _stretched(pose: np.ndarray) -> np.ndarray:
    """Arms and legs half of which were left behind: as between two poses far from each other."""
    out = pose.copy()
    out[..., [8, 10, 14, 16], :] += 90.0
    return out


def test_a_pose_that_anatomy_doubts_takes_no_pre_label_s_place_far_from_other_frames() -> None:
    made, session = laid_elsewhere(7)
    evidence = confirmed_at(made, session, [(0, 0)]).cameras[0]
    inferred = evidence.marks.copy()
    inferred[[0, 5, 9]] = _stretched(inferred[[0, 5, 9]])
    found = not_taken(evidence, inferred, DEFAULTS.relax)
    np.testing.assert_array_equal(np.flatnonzero(found), [5, 9])  # 0 is what a person said
    close = evidence_with(evidence, times=np.arange(len(evidence)) / 30)
    assert not not_taken(close, inferred, DEFAULTS.relax).any()
    worse = evidence_with(evidence, marks=_stretched(evidence.marks))
    assert not not_taken(worse, inferred, DEFAULTS.relax).any()


def test_where_the_pre_label_stands_its_joints_say_how_far_the_trajectory_lies() -> None:
    made, session = laid_elsewhere(7)
    marks, sizes = session.cameras[0].marks, made[0].size
    place, said = _stretched(marks), np.full_like(marks, np.nan)
    stands = np.arange(len(marks)) == 5
    positions, sigmas, source = settle(
        marks, place, np.ones(marks.shape[:2]), said, sizes, DEFAULTS, stands=stands
    )
    np.testing.assert_array_equal(positions[5], marks[5])
    assert (source[5] == Source.PRE_LABEL).all()
    assert (source[6, [8, 10]] == Source.INFERRED).all()
    assert (sigmas[5, [8, 10, 14, 16]] > 50).all()
    assert sigmas[5, 0] == pytest.approx(1)
