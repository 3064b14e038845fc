"""The training of newcomers: until the standard is reached, or a maintainer says so."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.core.database.tables import Attempt, AuditEntry, TrainingPass
from backend.domain.attempts import GoldUse
from backend.domain.errors import Conflict, Forbidden
from backend.domain.operations import MoveJoint, Operation
from backend.domain.workflow import Stage
from backend.labelling.attempts import service
from backend.labelling.handouts import service as handouts
from tests.backend.labelling.attempts.lab import Lab
from tests.factories import KEEP, make_annotator, make_recording


def test_a_newcomer_trains_until_the_standard_is_reached(lab: Lab) -> None:
    lab.gold(GoldUse.TRAINING)
    lab.rules(training_required=True, training_frames=2, training_min_oks=0.9)
    newcomer = make_annotator(lab.session)
    make_recording(lab.session, Stage.PRELABELLED)
    with pytest.raises(Conflict, match="training"):
        handouts.take_next(lab.session, newcomer)
    assert handouts.queue(lab.session, newcomer).may_pull is False
    for right in (False, True, True):
        frame = service.training(lab.session, newcomer).frame
        assert frame is not None
        attempt = lab.session.get_one(Attempt, frame.id)
        x, y = (300.0, 200.0) if right else (20.0, 20.0)
        wrong: list[Operation] = [] if right else [MoveJoint(j, 600.0, 400.0) for j in range(9)]
        lab.write(newcomer, attempt, MoveJoint(9, x, y), *wrong, KEEP)
        feedback = service.close(lab.session, newcomer, attempt.id).feedback
        assert feedback is not None
        assert (feedback.px[9] == 0.0) is right
        assert feedback.known_joints is not None
        assert feedback.known_joints[9].x == 300.0
    assert feedback.passed
    assert lab.session.get_one(TrainingPass, newcomer.id).frames == 2
    acts = select(AuditEntry.action).where(AuditEntry.actor_id == newcomer.id)
    assert list(lab.session.scalars(acts)) == ["training_passed"]
    assert handouts.take_next(lab.session, newcomer).annotator_id == newcomer.id


def test_training_goes_through_all_frames_before_one_comes_again(lab: Lab) -> None:
    lab.gold(GoldUse.TRAINING, draw=2)
    laps = []
    for _ in range(3):
        out = service.training(lab.session, lab.ben)
        assert out.frame is not None
        laps.append((out.lap, lab.session.get_one(Attempt, out.frame.id).frame_id))
        lab.write(lab.ben, lab.session.get_one(Attempt, out.frame.id), KEEP)
        service.close(lab.session, lab.ben, out.frame.id)
    assert [lap for lap, _ in laps] == [1, 1, 2]
    assert laps[0][1] != laps[1][1]


def test_without_training_frames_a_maintainer_lets_people_work(lab: Lab) -> None:
    lab.rules(training_required=True)
    make_recording(lab.session, Stage.PRELABELLED)
    assert service.training(lab.session, lab.ben).frame is None
    service.set_training(lab.session, lab.boss, lab.ben.id, passed=True)
    assert handouts.take_next(lab.session, lab.ben).annotator_id == lab.ben.id
    service.set_training(lab.session, lab.boss, lab.ben.id, passed=False)
    with pytest.raises(Forbidden):
        service.set_training(lab.session, lab.ben, lab.ben.id, passed=True)
