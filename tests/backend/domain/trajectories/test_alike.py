"""Errors of marks that are alike in all frames: learnt where people speak, taken off everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.trajectories import alike
from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.sizes import SPREAD, frame_sizes
from tests.backend.domain.trajectories.made import (
    Made,
    Noise,
    confirmed_at,
    evidence_with,
    made_session,
)

CALM = Noise(jitter=0.15, miss=0, swap=0, drift=0, adult=0, frozen=0, empty=0)


def _wrong_in_step(made: list[Made], session: SessionEvidence, size: float) -> SessionEvidence:
    """Each joint's marks err by the same share of the body's own directions in every frame."""
    rng = np.random.default_rng(3)
    error = alike.Alike(size * rng.normal(size=(17, 3)), size)
    cameras = []
    for one, evidence in zip(made, session.cameras, strict=True):
        off = error.offset(one.truth, frame_sizes(one.truth))
        cameras.append(evidence_with(evidence, marks=evidence.marks + off))
    return SessionEvidence(tuple(cameras), session.moments)


def _left(made: list[Made], session: SessionEvidence) -> tuple[float, float]:
    """Root mean square error of marks in OKS spreads, before and after."""
    found = alike.read(session.cameras)
    before, after = [], []
    for one, evidence in zip(made, session.cameras, strict=True):
        sizes = frame_sizes(one.truth)
        unit = (SPREAD * sizes[:, None])[..., None]
        better = evidence.marks - found.offset(evidence.marks, sizes)
        before.append(((evidence.marks - one.truth) / unit) ** 2)
        after.append(((better - one.truth) / unit) ** 2)
    return float(np.sqrt(np.mean(before))), float(np.sqrt(np.mean(after)))


def test_a_few_frames_tell_what_is_wrong_in_all() -> None:
    made, session = made_session(7, 240, 1, CALM)
    session = _wrong_in_step(made, session, 1.2)
    assert alike.read(session.cameras) is alike.NOTHING
    session = confirmed_at(made, session, [(0, t) for t in (30, 90, 150, 210)])
    before, after = _left(made, session)
    assert after < 0.45 * before


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_marks_that_err_each_by_itself_are_left_as_they_are(seed: int) -> None:
    made, session = made_session(seed, 200)
    session = confirmed_at(made, session, [(0, t) for t in range(10, 200, 20)])
    assert alike.read(session.cameras) is alike.NOTHING


def test_the_error_turns_with_the_body() -> None:
    """Where the picture is turned the offset is turned with it."""
    rng = np.random.default_rng(5)
    body = rng.normal(100, 30, (4, 17, 2))
    sizes = np.full(4, 60.0)
    known = alike.Alike(rng.normal(size=(17, 3)), 1.0)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert np.allclose(known.offset(body @ turn.T, sizes), known.offset(body, sizes) @ turn.T)


def test_joints_on_something_else_do_not_teach() -> None:
    made, session = made_session(7, 240, 1, CALM)
    session = confirmed_at(made, session, [(0, t) for t in (30, 90, 150, 210)])
    marks = session.cameras[0].marks.copy()
    marks[90] += 400.0
    session = SessionEvidence((evidence_with(session.cameras[0], marks=marks),))
    found = alike.read(session.cameras)
    assert np.abs(found.coefficients).max() < 0.5
