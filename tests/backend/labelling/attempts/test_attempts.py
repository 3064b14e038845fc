"""Answers to single frames: what is kept of them, and what they cannot change."""

from __future__ import annotations

import uuid

import pytest

from backend.core.database.tables import Attempt
from backend.domain.attempts import GoldUse
from backend.domain.errors import Conflict, InvalidInput, NotFound, StaleVersion
from backend.domain.operations import MoveJoint, SetMark
from backend.domain.reviews import Mark
from backend.domain.workflow import Stage
from backend.labelling.attempts import marking, service
from backend.labelling.handouts import service as handouts
from tests.backend.labelling.attempts.lab import Lab
from tests.factories import KEEP, annotation_of, make_recording


def test_an_answer_is_kept_apart_and_scored_once_it_is_handed_in(
    checked: tuple[Lab, Attempt],
) -> None:
    lab, attempt = checked
    before = annotation_of(lab.session, attempt.frame_id)
    was = (before.version, list(before.keypoints or []), before.updated_by_id)
    lab.write(lab.ben, attempt, MoveJoint(9, 303.0, 204.0), KEEP)
    out = service.close(lab.session, lab.ben, attempt.id)
    assert out.feedback is None, "a check never says what it was"
    assert attempt.verdict_agrees is True
    assert attempt.px is not None
    assert attempt.px[9] == pytest.approx(5.0)
    assert attempt.px[0] == 0.0
    assert attempt.oks is not None
    assert 0.9 < attempt.oks < 1
    assert attempt.seconds_shown == 2.0
    now = annotation_of(lab.session, attempt.frame_id)
    assert (now.version, list(now.keypoints or []), now.updated_by_id) == was


def test_the_same_write_twice_changes_nothing(checked: tuple[Lab, Attempt]) -> None:
    lab, attempt = checked
    key = lab.write(lab.ben, attempt, KEEP)
    again = service.apply_operations(lab.session, lab.ben, attempt.id, 0, key, [KEEP])
    assert (again.version, attempt.version, attempt.actions) == (1, 1, 1)


def test_an_older_tab_is_told_that_the_frame_moved_on(checked: tuple[Lab, Attempt]) -> None:
    lab, attempt = checked
    lab.write(lab.ben, attempt, KEEP)
    with pytest.raises(StaleVersion):
        service.apply_operations(lab.session, lab.ben, attempt.id, 0, uuid.uuid4(), [KEEP])


def test_what_was_handed_in_stays(checked: tuple[Lab, Attempt]) -> None:
    lab, attempt = checked
    key = lab.write(lab.ben, attempt, KEEP)
    service.close(lab.session, lab.ben, attempt.id)
    at = attempt.closed_at
    service.close(lab.session, lab.ben, attempt.id)
    assert attempt.closed_at == at
    with pytest.raises(Conflict, match="handed this frame in"):
        lab.write(lab.ben, attempt, MoveJoint(0, 5.0, 5.0))
    # A retry of the write before is answered all the same: its answer may have been lost.
    service.apply_operations(lab.session, lab.ben, attempt.id, 0, key, [KEEP])


def test_an_undecided_frame_cannot_be_handed_in(checked: tuple[Lab, Attempt]) -> None:
    lab, attempt = checked
    with pytest.raises(Conflict, match="Keep or discard"):
        service.close(lab.session, lab.ben, attempt.id)


def test_nobody_reads_or_writes_somebody_elses_attempt(checked: tuple[Lab, Attempt]) -> None:
    lab, attempt = checked
    for other in (lab.ann, lab.boss):
        with pytest.raises(NotFound):
            lab.write(other, attempt, KEEP)


def test_only_joints_and_the_verdict_can_be_changed(checked: tuple[Lab, Attempt]) -> None:
    lab, attempt = checked
    with pytest.raises(InvalidInput):
        lab.write(lab.ben, attempt, SetMark(Mark.GOOD))
    with pytest.raises(InvalidInput, match="outside the image"):
        lab.write(lab.ben, attempt, MoveJoint(0, 9000.0, 5.0))


def test_a_gold_frame_that_was_taken_back_is_handed_in_without_a_score(
    checked: tuple[Lab, Attempt],
) -> None:
    lab, attempt = checked
    marking.take_back(lab.session, lab.boss, lab.approved.id, GoldUse.CHECK)
    lab.write(lab.ben, attempt, KEEP)
    service.close(lab.session, lab.ben, attempt.id)
    assert (attempt.known_version, attempt.oks) == (None, None)


def test_single_frames_come_before_the_next_recording_of_the_queue(
    checked: tuple[Lab, Attempt],
) -> None:
    lab, attempt = checked
    make_recording(lab.session, Stage.PRELABELLED)
    with pytest.raises(Conflict, match="One single frame comes before"):
        handouts.take_next(lab.session, lab.ben)
    lab.write(lab.ben, attempt, KEEP)
    service.close(lab.session, lab.ben, attempt.id)
    assert handouts.take_next(lab.session, lab.ben).annotator_id == lab.ben.id
