"""Two answers become one, by a third person's word."""

from __future__ import annotations

import pytest

from backend.domain.attempts import Take
from backend.domain.errors import Conflict, Forbidden, InvalidInput
from backend.domain.verdicts import Verdict
from backend.domain.workflow import Stage
from backend.labelling.attempts import adjudicating
from backend.labelling.attempts.schemas import ChoiceIn
from backend.overview.quality.service import pairs
from tests.backend.labelling.attempts.lab import Two
from tests.factories import annotation_of, make_inspector


def test_a_third_person_takes_each_joint_from_one_of_two(two: Two) -> None:
    judge = make_inspector(two.session)
    wanted = two.wanted(ChoiceIn(joint=9, take=Take.MEAN))
    out = adjudicating.adjudicate(two.session, judge, two.attempt.id, wanted)
    now = annotation_of(two.session, two.frame)
    assert (now.version, now.updated_by_id) == (out.version, judge.id)
    assert now.keypoints is not None
    assert now.keypoints[27] == pytest.approx((two.first[27] + 110.0) / 2)
    again = adjudicating.adjudicate(two.session, judge, two.attempt.id, wanted)
    assert again == out
    with pytest.raises(Conflict, match="already"):
        adjudicating.adjudicate(
            two.session, judge, two.attempt.id, two.wanted(ChoiceIn(joint=9, take=Take.FIRST))
        )


def test_a_joint_that_differs_must_be_decided(two: Two) -> None:
    with pytest.raises(InvalidInput, match="left wrist"):
        adjudicating.adjudicate(two.session, two.lab.boss, two.attempt.id, two.wanted())


def test_nobody_decides_between_their_own_answer_and_anothers(two: Two) -> None:
    for person in (two.lab.ann, two.lab.ben):
        person.roles = ["annotator", "inspector"]
        with pytest.raises(Forbidden, match="yours"):
            adjudicating.adjudicate(
                two.session, person, two.attempt.id, two.wanted(ChoiceIn(joint=9, take=Take.FIRST))
            )


def test_an_approved_recording_is_not_changed(two: Two) -> None:
    two.recording.stage = Stage.APPROVED.value
    two.session.flush()
    with pytest.raises(Conflict, match="approved"):
        adjudicating.adjudicate(
            two.session, two.lab.boss, two.attempt.id, two.wanted(ChoiceIn(joint=9, take=Take.MEAN))
        )


@pytest.mark.parametrize("settle", ["recording", "frame"])
def test_what_is_approved_is_not_offered_to_be_decided(two: Two, settle: str) -> None:
    assert pairs(two.session, two.lab.boss, only_open=True, limit=9).open == 1
    if settle == "recording":
        two.recording.stage = Stage.APPROVED.value
    else:
        annotation_of(two.session, two.frame).approved_round = 1
    two.session.flush()
    left = pairs(two.session, two.lab.boss, only_open=True, limit=9)
    assert (left.open, left.pairs) == (0, [])
    (shown,) = pairs(two.session, two.lab.boss, only_open=False, limit=9).pairs
    assert "approved" in (shown.blocked or "")


def test_a_pair_says_who_may_not_decide_it(two: Two) -> None:
    two.lab.ben.roles = ["annotator", "inspector"]
    (shown,) = pairs(two.session, two.lab.ben, only_open=True, limit=9).pairs
    assert "is yours" in (shown.blocked or "")


def test_who_inspects_the_recording_does_not_decide_in_it(two: Two) -> None:
    judge = make_inspector(two.session)
    two.recording.inspector_id = judge.id
    two.session.flush()
    with pytest.raises(Forbidden, match="inspect"):
        adjudicating.adjudicate(
            two.session, judge, two.attempt.id, two.wanted(ChoiceIn(joint=9, take=Take.FIRST))
        )


def test_a_verdict_can_be_the_seconds(two: Two) -> None:
    attempt = two.attempt
    attempt.verdict, attempt.reason = "discard", "motion_blur"
    attempt.state = "discarded"
    two.session.flush()
    adjudicating.adjudicate(two.session, two.lab.boss, attempt.id, two.wanted(verdict=Take.SECOND))
    assert annotation_of(two.session, two.frame).verdict == Verdict.DISCARD.value
