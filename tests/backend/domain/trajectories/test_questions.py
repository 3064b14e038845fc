"""Where a correction helps most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.domain.trajectories import sureness
from backend.domain.trajectories.answer import Answer, CameraAnswer, Source
from backend.domain.trajectories.evidence import CameraEvidence, Foretold, SessionEvidence
from backend.domain.trajectories.questions import (
    Question,
    check,
    expected_error,
    next_question,
    next_questions,
)
from backend.domain.trajectories.settings import Settings
from backend.domain.trajectories.sizes import SILHOUETTE, SPREAD
from tests.backend.domain.trajectories.made import blank


def _answer(sigmas: np.ndarray, reach: float, source: np.ndarray | None = None) -> Answer:
    n = len(sigmas)
    return Answer(
        (
            CameraAnswer(
                np.zeros((n, 17, 2)), sigmas, sigmas, np.full((n, 17), 2), np.full((n, 2, 2), -1),
                np.full((n, 17), Source.PRE_LABEL) if source is None else source,
                np.zeros(n, int), np.full((n - 1, 17), reach), np.full(n, 100.0),
            ),
        )
    )  # fmt: skip


def _doubted(answer: Answer, session: SessionEvidence) -> Question:
    """The frame that helps most, where none is due to check by."""
    return next_questions(answer, session)[0]


def _answered(evidence: CameraEvidence, frames: list[int], why: int) -> SessionEvidence:
    """These frames were asked for a reason, and confirmed."""
    told, said = Foretold.nothing(len(evidence)), evidence.confirmed.copy()
    told.why[frames], said[frames] = why, 4.0
    return SessionEvidence((replace(evidence, foretold=told, confirmed=said),))


def test_the_middle_of_a_doubtful_stretch_is_asked_not_its_edge() -> None:
    sigmas = np.full((100, 17), 1.0)
    sigmas[40:61, 9] = 30.0
    question = _doubted(_answer(sigmas, 0.95), SessionEvidence((blank(100),)))
    assert 46 <= question.frame <= 54
    assert question.joints[0] == 9
    assert question.gain > 0


def test_a_lonely_bad_frame_yields_to_a_stretch() -> None:
    sigmas = np.full((100, 17), 1.0)
    sigmas[10, :2] = 40.0
    sigmas[60:80, 9] = 15.0
    question = _doubted(_answer(sigmas, 0.97), SessionEvidence((blank(100),)))
    assert 60 <= question.frame < 80


def test_confirmed_and_discarded_frames_are_not_asked() -> None:
    sigmas = np.full((30, 17), 5.0)
    confirmed = np.full((30, 17, 2), np.nan)
    confirmed[:10] = 3.0
    discarded = np.zeros(30, bool)
    discarded[10:25] = True
    session = SessionEvidence((blank(30, confirmed=confirmed, discarded=discarded),))
    assert _doubted(_answer(sigmas, 0.9), session).frame >= 25
    due = next_question(_answer(sigmas, 0.9), session)
    assert due is not None
    assert due.frame >= 25
    all_ = SessionEvidence((blank(30, discarded=np.ones(30, bool)),))
    assert next_question(_answer(sigmas, 0.9), all_) is None


def test_only_frames_of_the_own_part_are_asked_also_to_check_and_once_more() -> None:
    sigmas = np.full((90, 17), 3.0)
    sigmas[10:30, 9] = 40.0
    session = SessionEvidence((blank(90),))
    part = [np.arange(90) >= 60]
    assert _doubted(_answer(sigmas, 0.9), session).frame < 60
    for found in (
        next_question(_answer(sigmas, 0.9), session, among=part),
        check(_answer(sigmas, 0.9), session, part),
        *next_questions(_answer(sigmas, 0.9), session, count=3, among=part),
    ):
        assert found is not None
        assert found.frame >= 60
    assert next_question(_answer(sigmas, 0.9), session, among=[np.zeros(90, bool)]) is None


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
    drawn = rng.normal(size=(500, 40, 17, 2)) * sigmas[..., None]
    oks = np.exp(-(drawn**2).sum(-1) / (2 * (SPREAD * SILHOUETTE * 100) ** 2)).mean(-1)
    assert abs(expected.oks - oks.mean()) < 0.002
    assert expected.error == 1 - expected.oks
    assert not expected.reached


def test_confirmed_frames_are_expected_right() -> None:
    source = np.full((20, 17), Source.CONFIRMED)
    expected = expected_error(
        _answer(np.full((20, 17), 9.0), 0.9, source),
        SessionEvidence((blank(20, confirmed=np.full((20, 17, 2), 3.0)),)),
    )
    assert expected.oks == 1
    assert expected.reached


def test_checks_lie_far_from_all_that_is_confirmed_whatever_is_doubted() -> None:
    sigmas = np.full((300, 17), 1.0)
    sigmas[20:40] = 30.0
    frames: list[int] = []
    for _ in range(4):
        session = _answered(blank(300), frames, sureness.CHECKED)
        question = check(_answer(sigmas, 0.9), session)
        assert question is not None
        assert all(abs(question.frame - t) >= 40 for t in frames)
        frames.append(question.frame)
    assert abs(frames[0] - 150) < 5


def test_checks_are_dense_in_the_beginning_and_never_end() -> None:
    sigmas = np.full((600, 17), 20.0)
    evidence, kinds = blank(600), []
    told, said = Foretold.nothing(600), evidence.confirmed.copy()
    for k in range(24):
        session = SessionEvidence((replace(evidence, foretold=told, confirmed=said),))
        question = next_question(_answer(sigmas, 0.9), session)
        assert question is not None
        kinds.append(question.check)
        told.why[question.frame] = sureness.CHECKED if question.check else sureness.DOUBTED
        told.order[question.frame], said[question.frame] = k, 4.0
    assert kinds[0]
    assert sum(kinds[:9]) >= 4
    assert 2 <= sum(kinds[10:]) <= 4


def _waved(evidence: CameraEvidence, frames: list[int], off: float) -> CameraEvidence:
    """What was let pass in these frames lies off by pixels from what the answer says."""
    waved = np.full((len(evidence), 17, 2), np.nan)
    waved[frames] = (off, 0.0)
    return replace(evidence, waved=waved)


def test_frames_that_were_let_pass_without_a_look_check_nothing() -> None:
    frames = list(range(10, 300, 60))[: sureness.ENOUGH]
    answer = _answer(np.full((300, 17), 0.5), 0.9)
    told = Foretold.nothing(300)
    told.why[frames], told.order[frames] = sureness.CHECKED, range(len(frames))
    evidence = replace(_waved(blank(300), frames, 0.0), foretold=told)
    session = SessionEvidence((evidence,))
    assert sureness.read(session) is sureness.UNTOLD
    assert sureness.answered(session) == (0, 0)
    assert not expected_error(answer, session).reached
    asked = next_question(answer, session)
    assert asked is not None
    assert asked.check
    assert asked.frame not in frames


def test_letting_every_frame_pass_leaves_the_expected_error_and_a_question() -> None:
    answer = _answer(np.full((300, 17), 3.0), 0.9)
    before = expected_error(answer, SessionEvidence((blank(300),)))
    all_ = SessionEvidence((_waved(blank(300), list(range(300)), 0.0),))
    after = expected_error(answer, all_)
    assert after.oks == pytest.approx(before.oks)
    assert not after.enough
    asked = next_question(answer, all_)
    assert asked is not None
    assert asked.check


def test_what_was_let_pass_is_expected_as_far_off_as_it_lies_from_the_answer() -> None:
    sigma, off, every = 3.0, 8.0, list(range(40))
    answer = _answer(np.full((40, 17), sigma), 0.9)
    found = expected_error(answer, SessionEvidence((_waved(blank(40), every, off),)))
    away = np.random.default_rng(5).normal(size=(20_000, 17, 2)) * sigma + (off, 0.0)
    unit = SPREAD * SILHOUETTE * 100
    assert found.oks == pytest.approx(np.exp(-(away**2).sum(-1) / (2 * unit**2)).mean(), abs=0.003)


def test_the_target_that_is_set_decides_when_checks_are_asked() -> None:
    sigmas = np.full((300, 17), 1.0)
    sigmas[200:] = 4.0
    session = _answered(blank(300), [150, 20, 280], sureness.CHECKED)
    answer = _answer(sigmas, 0.9)
    strict = next_question(answer, session, Settings(target_oks=0.9999))
    loose = next_question(answer, session, Settings(target_oks=0.5))
    assert strict is not None
    assert not strict.check
    assert loose is not None
    assert loose.check


def test_a_target_is_not_reached_before_it_was_checked() -> None:
    answer = _answer(np.full((300, 17), 0.5), 0.9)
    unchecked = expected_error(answer, SessionEvidence((blank(300),)))
    assert unchecked.oks > unchecked.target
    assert not unchecked.reached
    frames = list(range(10, 300, 60))[: sureness.ENOUGH]
    checked = expected_error(answer, _answered(blank(300), frames, sureness.CHECKED))
    assert (checked.checked, checked.reached) == (sureness.ENOUGH, True)
