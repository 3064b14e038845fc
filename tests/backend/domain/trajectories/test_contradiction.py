"""One wrong accept among right ones: it draws nobody along, and is asked for again."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.trajectories import sureness
from backend.domain.trajectories.contradiction import contradicted, heard
from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.questions import expected_error, next_question
from backend.domain.trajectories.solve import resolve_near, solve
from tests.backend.domain.trajectories.made import (
    Made,
    evidence_with,
    made_session,
    moving_body,
    oks,
)

WRONG = 40
"""The frame in which somebody accepted the adult."""


def with_adult(seed: int, cameras: int = 1) -> tuple[list[Made], SessionEvidence]:
    """90 moments, an adult beside the infant all the time."""
    rng = np.random.default_rng([seed, 1])
    adult = 2.4 * moving_body(rng, 90) + (0.45, 0.2, 0.1)
    return made_session(seed, 90, cameras, adult=adult)


def accepted(
    session: SessionEvidence, camera: int, frames: list[int], poses: np.ndarray, *, by_hand: bool
) -> SessionEvidence:
    """After people let poses (K, 17, 2) stand where they were shown, or placed them by hand."""
    cameras = list(session.cameras)
    one = cameras[camera]
    confirmed, visibility = one.confirmed.copy(), one.confirmed_visibility.copy()
    glanced = one.glanced
    confirmed[frames], visibility[frames], glanced[frames] = poses, 2, not by_hand
    cameras[camera] = evidence_with(
        one, confirmed=confirmed, confirmed_visibility=visibility, accepted=glanced
    )
    return SessionEvidence(tuple(cameras), session.moments)


def rightly(made: list[Made], session: SessionEvidence, frames: list[int]) -> SessionEvidence:
    """After people accepted these frames in every camera, all of it in place."""
    rng = np.random.default_rng(5)
    for c, one in enumerate(made):
        off = 0.01 * one.size[frames, None, None] * rng.normal(0, 1, (len(frames), 17, 2))
        session = accepted(session, c, frames, one.truth[frames] + off, by_hand=False)
    return session


def adult_in(session: SessionEvidence, camera: int = 0) -> np.ndarray:
    """(1, 17, 2) of the frame: whoever of those found is larger."""
    evidence = session.cameras[camera]
    both = np.stack((evidence.marks[WRONG], evidence.others[WRONG, 0, :, :2]))
    return both[np.nanargmax(np.ptp(np.nan_to_num(both), axis=1).max(-1))][None]


@pytest.mark.parametrize(("seed", "cameras"), [(31, 1), (32, 1), (33, 4)])
def test_an_accepted_adult_draws_nobody_along_raises_the_expected_error_and_is_asked_again(
    seed: int, cameras: int
) -> None:
    made, session = with_adult(seed, cameras)
    session = rightly(made, session, [10, 70])
    before = solve(session)
    wrong = accepted(session, 0, [WRONG], adult_in(session), by_hand=False)
    assert np.flatnonzero(contradicted(wrong)[0]).tolist() == [WRONG]
    assert expected_error(solve(wrong), wrong).error > expected_error(before, session).error
    for answer in (solve(wrong), resolve_near(before, wrong, (0, WRONG))):
        question = next_question(answer, wrong)
        assert question is not None
        assert (question.camera, question.frame, question.again) == (0, WRONG, True)
        for t in (WRONG - 1, WRONG + 1):
            now, then = (
                oks(a.cameras[0].positions[t], made[0].truth[t], made[0].size[t])
                for a in (answer, before)
            )
            assert now > then - 0.02
    # What was said is where it was.
    np.testing.assert_array_equal(wrong.cameras[0].confirmed[WRONG], adult_in(session)[0])


def test_who_looked_again_and_stands_by_it_is_heard_and_not_asked_any_more() -> None:
    made, session = with_adult(31)
    session = rightly(made, session, [10, 70])
    wrong = accepted(session, 0, [WRONG], adult_in(session), by_hand=False)
    answer = solve(wrong)
    seen = next_question(answer, wrong, seen={(0, WRONG)})
    assert seen is not None
    assert not seen.again
    told = sureness.foretell(
        wrong.cameras[0], answer.cameras[0], WRONG, sureness.DOUBTED, again=True
    )
    again = SessionEvidence((told,), wrong.moments)
    assert heard(again) is again
    np.testing.assert_array_equal(solve(again).cameras[0].positions[WRONG], adult_in(session)[0])
    assert sureness.read(again).asked == 0


def test_what_somebody_placed_by_hand_is_never_doubted() -> None:
    _, session = with_adult(31)
    by_hand = accepted(session, 0, [WRONG], adult_in(session), by_hand=True)
    assert heard(by_hand) is by_hand


@pytest.mark.parametrize("seed", range(34, 40))
@pytest.mark.parametrize("cameras", [1, 3])
def test_nobody_who_accepted_what_is_right_is_doubted(seed: int, cameras: int) -> None:
    made, session = with_adult(seed, cameras)
    assert not np.any(contradicted(rightly(made, session, list(range(2, 90, 8)))))
