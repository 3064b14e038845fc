"""How far the engine may believe itself, by what people answered to what it foretold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.domain.trajectories import sureness
from backend.domain.trajectories.evidence import CameraEvidence, Foretold, SessionEvidence
from backend.domain.trajectories.questions import expected_error, next_question
from backend.domain.trajectories.sizes import SPREAD
from backend.domain.trajectories.solve import solve
from tests.backend.domain.trajectories.made import Noise, blank, confirmed_at, made_session

SIZE = 100.0


def _answered(
    seed: int, frames: int, stated: float, error: float, why: int = sureness.CHECKED
) -> SessionEvidence:
    """Frames foretold with a deviation, and answers that miss by another, in OKS spreads; people
    let stand what lies nearer than they mind."""
    rng = np.random.default_rng(seed)
    n = 40 * frames
    at = np.arange(20, n, 40)
    unit = SPREAD * SIZE
    said = np.full((n, 17, 2), np.nan)
    miss = error * rng.normal(size=(frames, 17, 2))
    stands = np.linalg.norm(miss, axis=-1) < sureness.MINDED
    told = Foretold.nothing(n)
    told.positions[at] = 50.0
    told.sigmas[at], told.sizes[at] = stated * unit, SIZE
    told.why[at], told.order[at] = why, np.arange(frames)
    said[at] = 50.0 + np.where(stands[..., None], 0.0, miss) * unit[:, None]
    accepted = np.zeros((n, 17), bool)
    accepted[at] = stands
    camera: CameraEvidence = blank(n, confirmed=said, accepted=accepted)
    return SessionEvidence((replace(camera, foretold=told),))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("stated", [0.15, 0.3, 0.6])
def test_an_engine_that_is_right_is_left_as_it_is(stated: float, seed: int) -> None:
    found = sureness.read(_answered(seed, 6, stated, stated))
    whole = np.sqrt((found.factor * stated) ** 2 + found.floor**2)
    assert (whole < 1.35 * stated + 0.05).all()
    assert (found.factor >= 1).all()


@pytest.mark.parametrize("why", [sureness.CHECKED, sureness.DOUBTED])
@pytest.mark.parametrize("error", [0.8, 1.6])
def test_an_engine_that_is_wrong_where_it_felt_sure_hears_of_it(error: float, why: int) -> None:
    found = sureness.read(_answered(1, 5, 0.15, error, why))
    whole = np.sqrt((found.factor * 0.15) ** 2 + found.floor**2)
    assert (whole > 0.7 * error).all()
    assert (whole < 1.6 * error).all()
    assert found.low <= found.typical <= found.high * 1.3


def test_one_wild_joint_does_not_make_the_whole_body_doubtful() -> None:
    session = _answered(2, 6, 0.3, 0.3)
    camera = session.cameras[0]
    said = camera.confirmed.copy()
    at = np.flatnonzero(camera.settled)
    said[at[2], 9] += 60.0
    found = sureness.read(SessionEvidence((replace(camera, confirmed=said),)))
    assert found.floor[:5].max() < 0.25


def test_frames_that_nobody_asked_for_say_nothing() -> None:
    """Whoever stops where something looks wrong sees only what is wrong."""
    assert sureness.read(_answered(1, 5, 0.15, 1.6, sureness.NOT_ASKED)) is sureness.UNTOLD


def test_what_people_say_leaves_less_doubt_around_it() -> None:
    said = np.full((300, 17, 2), np.nan)
    said[150] = 5.0
    (left,) = sureness.apart(SessionEvidence((blank(300, confirmed=said),)))
    assert (left[150] == 0).all()
    assert (np.diff(left[150:200, 0]) > 0).all()
    assert left[0, 0] > 0.99


def _biased(seed: int) -> tuple[list, SessionEvidence]:  # type: ignore[type-arg]
    """Two cameras whose marks err alike: each view confirms the other."""
    calm = Noise(jitter=0.1, miss=0, swap=0, drift=0, adult=0, frozen=0, empty=0)
    made, session = made_session(seed, 60, 2, calm)
    cameras = []
    for one, evidence in zip(made, session.cameras, strict=True):
        middle = one.truth[:, 11:13].mean(1, keepdims=True)
        cameras.append(replace(evidence, marks=middle + 0.72 * (evidence.marks - middle)))
    return made, SessionEvidence(tuple(cameras), session.moments)


def test_views_that_err_alike_are_not_believed_once_they_were_checked() -> None:
    made, session = _biased(4)
    answer = solve(session)
    before = expected_error(answer, session)
    assert not before.enough
    for _ in range(sureness.ENOUGH):
        asked = next_question(answer, session)
        assert asked is not None
        why = sureness.CHECKED if asked.check else sureness.DOUBTED
        cameras = list(session.cameras)
        cameras[asked.camera] = sureness.foretell(
            cameras[asked.camera], answer.cameras[asked.camera], asked.frame, why
        )
        session = SessionEvidence(tuple(cameras), session.moments)
        session = confirmed_at(made, session, [(asked.camera, asked.frame)])
        answer = solve(session)
    after = expected_error(answer, session)
    similar = []
    for one, found in zip(made, answer.cameras, strict=True):
        d2 = ((found.positions - one.truth) ** 2).sum(-1)
        similar.append(np.exp(-d2 / (2 * (SPREAD * 1.35 * one.size[:, None]) ** 2)).mean())
    assert after.oks < np.mean(similar) + 0.05
