"""Flow carries what is known across what is not."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.trajectories.answer import CameraAnswer
from backend.domain.trajectories.evidence import Flow, SessionEvidence
from backend.domain.trajectories.flow import carried, doubted, seen_by
from backend.domain.trajectories.solve import resolve_near, solve
from tests.backend.domain.trajectories.made import (
    blank,
    confirmed_at,
    evidence_with,
    made_session,
)

N = 21


def _steady(x: float, y: float, sure: float = 1.0) -> Flow:
    """Everything moves by the same each frame."""
    moved = np.broadcast_to(np.array((x, y)), (N - 1, 8, 8, 2)).copy()
    return Flow(np.zeros((N - 1, 2)), np.full(N - 1, 60.0), moved, np.full((N - 1, 8, 8), sure))


def _wave() -> np.ndarray:
    """Places (N, 2) that no straight line joins: there and back."""
    when = np.arange(N)
    return np.stack((100 + 6.0 * np.minimum(when, N - 1 - when), np.full(N, 50.0)), -1)


def _there_and_back() -> Flow:
    flow = _steady(6.0, 0.0)
    flow.displacement[(N - 1) // 2 :] *= -1
    return flow


def test_gaps_follow_the_flow_from_both_ends() -> None:
    at, known = np.full((N, 17, 2), np.nan), np.zeros((N, 17), bool)
    at[0], at[-1] = (100.0, 50.0), (100.0, 50.0)
    known[[0, -1]] = True
    filled = carried(_there_and_back(), at, known)
    assert np.allclose(filled[:, 3], _wave())


def test_without_flow_gaps_are_joined_by_a_line() -> None:
    at, known = np.full((N, 17, 2), np.nan), np.zeros((N, 17), bool)
    at[0], at[-1] = (100.0, 50.0), (120.0, 50.0)
    known[[0, -1]] = True
    assert np.allclose(carried(None, at, known)[:, 3, 0], np.linspace(100, 120, N))


def test_what_a_person_placed_twice_is_carried_there_and_back_without_any_pre_label() -> None:
    said = np.full((N, 17, 2), np.nan)
    said[[0, -1]] = (100.0, 50.0)
    seen = np.where(np.isfinite(said[..., 0]), 2, -1)
    nothing = blank(
        N, marks=np.full((N, 17, 2), np.nan), scores=np.zeros((N, 17)), confirmed=said,
        confirmed_visibility=seen, flow=_there_and_back(),
    )  # fmt: skip
    answer: CameraAnswer = solve(SessionEvidence((nothing,))).cameras[0]
    assert np.abs(answer.positions[:, 3] - _wave()).max() < 4
    assert answer.sigmas[10, 3] > 2 * answer.sigmas[1, 3]


def test_links_are_doubted_where_scores_are_low_not_where_there_are_none() -> None:
    scores = np.full((9, 17), 0.9)
    scores[:, 1], scores[:, 2] = 0.3, np.nan
    factor = doubted(scores)
    assert factor[4, 0] == pytest.approx(1)
    assert factor[4, 1] > 5
    assert factor[4, 2] == pytest.approx(1)


def test_where_a_model_finds_nothing_between_other_frames_the_picture_is_doubted() -> None:
    marked = np.ones((9, 17), bool)
    marked[4] = False
    unsaid = np.full((9, 17), -1)
    scores = np.where(marked, 0.9, 0.0)
    assert seen_by(scores, marked, marked, unsaid)[4, 0] < 0.5
    # Found, but of no use: the picture is as good as those beside it.
    assert seen_by(scores, marked, np.ones_like(marked), unsaid)[4, 0] == pytest.approx(0.9)
    unsaid[4] = 2
    assert seen_by(scores, marked, marked, unsaid)[4, 0] > 0.8


def test_a_lost_wrist_follows_one_correction() -> None:
    made, session = made_session(50, 120)
    evidence = session.cameras[0]
    marks, scores = evidence.marks.copy(), evidence.scores.copy()
    marks[56:65, 10] = made[0].truth[56:65, 10] + (90.0, 0.0)
    scores[56:65, 10] = 0.35
    lost = SessionEvidence((evidence_with(evidence, marks=marks, scores=scores),))
    after = resolve_near(solve(lost), confirmed_at(made, lost, [(0, 60)]), (0, 60)).cameras[0]
    away = np.linalg.norm(after.positions[56:65, 10] - made[0].truth[56:65, 10], axis=1)
    assert away.max() < 4
