"""Where a correction helps most."""

from __future__ import annotations

import numpy as np

from backend.domain.trajectories.answer import Answer, CameraAnswer, Source
from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.questions import expected_error, next_question, next_questions
from tests.backend.domain.trajectories.made import blank


def _answer(sigmas: np.ndarray, reach: float, source: np.ndarray | None = None) -> Answer:
    n = len(sigmas)
    return Answer(
        (
            CameraAnswer(
                np.zeros((n, 17, 2)), sigmas, np.full((n, 17), 2), np.full((n, 2, 2), -1),
                np.full((n, 17), Source.PRE_LABEL) if source is None else source,
                np.zeros(n, int), np.full((n - 1, 17), reach), np.full(n, 100.0),
            ),
        )
    )  # fmt: skip


def test_the_middle_of_a_doubtful_stretch_is_asked_not_its_edge() -> None:
    sigmas = np.full((100, 17), 1.0)
    sigmas[40:61, 9] = 30.0
    question = next_question(_answer(sigmas, 0.95), SessionEvidence((blank(100),)))
    assert question is not None
    assert 46 <= question.frame <= 54
    assert question.joints[0] == 9
    assert question.gain > 0


def test_a_lonely_bad_frame_yields_to_a_stretch() -> None:
    sigmas = np.full((100, 17), 1.0)
    sigmas[10, :2] = 40.0
    sigmas[60:80, 9] = 15.0
    question = next_question(_answer(sigmas, 0.97), SessionEvidence((blank(100),)))
    assert question is not None
    assert 60 <= question.frame < 80


def test_confirmed_and_discarded_frames_are_not_asked() -> None:
    sigmas = np.full((30, 17), 5.0)
    confirmed = np.full((30, 17, 2), np.nan)
    confirmed[:10] = 3.0
    discarded = np.zeros(30, bool)
    discarded[10:25] = True
    session = SessionEvidence((blank(30, confirmed=confirmed, discarded=discarded),))
    question = next_question(_answer(sigmas, 0.9), session)
    assert question is not None
    assert question.frame >= 25
    all_ = SessionEvidence((blank(30, discarded=np.ones(30, bool)),))
    assert next_question(_answer(sigmas, 0.9), all_) is None


def test_several_questions_lie_apart() -> None:
    sigmas = np.random.default_rng(1).uniform(1, 20, (300, 17))
    frames = [
        q.frame
        for q in next_questions(_answer(sigmas, 0.9), SessionEvidence((blank(300),)), count=5)
    ]
    assert len(frames) == 5
    assert np.diff(sorted(frames)).min() >= 30


def test_the_expected_oks_is_the_mean_under_the_stated_uncertainty() -> None:
    rng = np.random.default_rng(2)
    sigmas = rng.uniform(1, 10, (40, 17))
    expected = expected_error(_answer(sigmas, 0.9), SessionEvidence((blank(40),)))
    from backend.domain.trajectories.sizes import SILHOUETTE, SPREAD

    drawn = rng.normal(size=(500, 40, 17, 2)) * sigmas[..., None]
    oks = np.exp(-(drawn**2).sum(-1) / (2 * (SPREAD * SILHOUETTE * 100) ** 2)).mean(-1)
    assert abs(expected.oks - oks.mean()) < 0.002
    assert expected.error == 1 - expected.oks
    assert not expected.reached


def test_confirmed_frames_are_expected_right() -> None:
    source = np.full((20, 17), Source.CONFIRMED)
    expected = expected_error(
        _answer(np.full((20, 17), 9.0), 0.9, source), SessionEvidence((blank(20),))
    )
    assert expected.oks == 1
    assert expected.reached
