"""Cameras that are a little off are found by the joints that they show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.domain.trajectories.answer import Answer
from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.solve import resolve_near, solve
from tests.backend.domain.trajectories.made import (
    Made,
    confirmed_at,
    evidence_with,
    made_session,
)

MOMENTS = 60
OFF = np.array(((3.0, -2.0), (-4.0, 1.0), (1.0, 4.0), (0.0, -3.0)))


def _moved(session: SessionEvidence, off: np.ndarray) -> SessionEvidence:
    """The same pictures and labels; what is known of the cameras is off."""
    cameras = []
    for evidence, by in zip(session.cameras, off, strict=True):
        camera = evidence.camera
        assert camera is not None
        K = camera.K.copy()
        K[:2, 2] -= by
        cameras.append(evidence_with(evidence, camera=replace(camera, K=K)))
    return SessionEvidence(tuple(cameras), session.moments)


def _error(made: list[Made], answer: Answer) -> float:
    away = [
        np.linalg.norm(a.positions - m.truth, axis=-1)
        for m, a in zip(made, answer.cameras, strict=True)
    ]
    return float(np.nanmean(away))


@pytest.fixture(scope="module")
def session() -> tuple[list[Made], SessionEvidence]:
    return made_session(21, MOMENTS, 4)


def test_shifts_are_found_by_the_labels_alone_and_cost_next_to_nothing(
    session: tuple[list[Made], SessionEvidence],
) -> None:
    made, right = session
    good, bad = solve(right), solve(_moved(right, OFF))
    assert bad.shifts is not None
    # All views together may move: what cameras have in common are the joints.
    common = bad.shifts - OFF
    assert np.abs(bad.shifts).max() > 2
    assert np.abs(common).max() < np.abs(OFF).max()
    assert _error(made, bad) < 1.1 * _error(made, good)


@pytest.mark.parametrize("seed", [71, 72])
def test_the_one_of_three_cameras_that_is_off_is_named(seed: int) -> None:
    made, right = made_session(seed, MOMENTS, 3)
    off = np.array(((0.0, 0.0), (4.5, -4.0), (0.0, 0.0)))
    good, bad = solve(right), solve(_moved(right, off))
    assert good.shifts is not None
    assert bad.shifts is not None
    assert not good.shifts.any()
    assert np.linalg.norm(bad.shifts, axis=1).argmax() == 1
    assert np.linalg.norm(bad.shifts[1] - off[1]) < 3
    assert _error(made, bad) < 1.15 * _error(made, good)


def test_of_two_cameras_what_their_pictures_contradict_each_other_by_is_found() -> None:
    made, right = made_session(73, MOMENTS, 2)
    good, bad = solve(right), solve(_moved(right, OFF[:2]))
    assert bad.shifts is not None
    assert bad.shifts.any()
    assert _error(made, bad) < 1.15 * _error(made, good)


def test_cameras_that_are_right_stay_as_they_are(
    session: tuple[list[Made], SessionEvidence],
) -> None:
    answer = solve(session[1])
    assert answer.shifts is not None
    assert not answer.shifts.any()


def test_a_few_joints_tell_of_no_shift(session: tuple[list[Made], SessionEvidence]) -> None:
    made, right = session
    bare = SessionEvidence(
        tuple(
            evidence_with(c, marks=np.full_like(c.marks, np.nan), others=c.others[:, :0])
            for c in right.cameras
        ),
        right.moments,
    )
    said = confirmed_at(made, bare, [(c, t) for c in range(4) for t in (10, 40)])
    answer = solve(_moved(said, OFF))
    assert answer.shifts is not None
    assert not answer.shifts.any()


def test_near_a_correction_the_shifts_of_the_whole_session_hold(
    session: tuple[list[Made], SessionEvidence],
) -> None:
    made, right = session
    moved = _moved(right, OFF)
    before = solve(moved)
    after = resolve_near(before, confirmed_at(made, moved, [(0, 30)]), (0, 30))
    assert after.shifts is before.shifts
    assert _error(made, after) < 1.05 * _error(made, before)
