"""Joints that move with the body around them."""

import numpy as np

from backend.domain.skeleton import JOINTS
from backend.domain.trajectories.body import BESIDE, carried_along
from backend.domain.trajectories.solve import solve
from tests.backend.domain.trajectories.made import evidence_with, made_session

EAR, WRIST = JOINTS.index("left_ear"), JOINTS.index("left_wrist")


def _turned(points: np.ndarray, angle: float, shift: tuple[float, float]) -> np.ndarray:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(points @ turn.T + shift)


def test_an_ear_goes_where_the_head_goes() -> None:
    first = np.random.default_rng(0).uniform(0, 60, (17, 2))
    place = np.stack([first, _turned(first, 0.02, (3.0, -1.0))])
    moved, variance = carried_along(place, np.full(2, 60.0))
    for joint in BESIDE:
        assert np.linalg.norm(moved[0, joint] - (place[1] - place[0])[joint]) < 0.6
    assert variance[0, EAR] < 10
    assert variance[0, WRIST] > 1e9


def test_a_still_body_holds_its_joints_firmly() -> None:
    still = np.tile(np.random.default_rng(1).uniform(0, 60, (17, 2)), (2, 1, 1))
    moved, variance = carried_along(still, np.full(2, 60.0))
    assert np.abs(moved).max() == 0
    assert variance[0, EAR] < 0.1


def test_a_hidden_ear_is_nearer_to_its_place_with_the_head_that_moves() -> None:
    made, session = made_session(31, 200)
    evidence = session.cameras[0]
    rng = np.random.default_rng(3)
    marks, scores = evidence.marks.copy(), evidence.scores.copy()
    # Behind the head for two seconds: its marks wander, and the picture says nothing of it.
    wander = np.cumsum(rng.normal(0, 1.2, (60, 2)), axis=0)
    marks[70:130, EAR] = made[0].truth[70:130, EAR] + wander - wander.mean(0)
    scores[70:130, EAR] = 0.4
    said = np.full((200, 17, 2), np.nan)
    said[20] = made[0].truth[20]
    hidden = evidence_with(evidence, marks=marks, scores=scores, confirmed=said)
    found = solve(type(session)((hidden,))).cameras[0].positions[70:130, EAR]
    truth = made[0].truth[70:130, EAR]
    before = np.linalg.norm(marks[70:130, EAR] - truth, axis=1).mean()
    assert np.linalg.norm(found - truth, axis=1).mean() < 0.75 * before
