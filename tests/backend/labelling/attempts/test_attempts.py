"""Single frames: who is given which, what is kept of the answers, and what they cannot change."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Attempt,
    AuditEntry,
    GoldFrame,
    QualityRule,
    Recording,
    TrainingPass,
    User,
)
from backend.domain.attempts import GoldUse, Purpose, Take
from backend.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from backend.domain.operations import MoveJoint, Operation, SetMark
from backend.domain.reliability import is_drawn
from backend.domain.reviews import Mark
from backend.domain.verdicts import Verdict
from backend.domain.workflow import Stage
from backend.labelling.attempts import adjudicating, drawing, marking, service
from backend.labelling.attempts.schemas import (
    AdjudicationIn,
    ChoiceIn,
    MarkGoldIn,
    QualityRulesBody,
)
from backend.labelling.handouts import service as handouts
from tests.factories import (
    KEEP,
    accept,
    annotation_of,
    edit,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)


@pytest.fixture(autouse=True)
def _nothing_else(session: Session) -> None:
    """Other tests of this worker may have committed frames and gold frames."""
    for row in session.scalars(select(GoldFrame)):
        session.delete(row)
    session.execute(update(Annotation).values(updated_by_id=None))
    session.flush()


class Lab:
    """An approved recording by Ann, one that Ann corrects now, and Ben who annotates elsewhere."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.boss = make_maintainer(session)
        self.ann = make_annotator(session, name="Ann")
        self.ben = make_annotator(session, name="Ben")
        self.approved = make_recording(session, Stage.ANNOTATING, frames=4, annotator=self.ann)
        make_candidates(session, self.approved)
        self.truth = frame_ids_of(session, self.approved)
        for frame_id in self.truth:
            edit(session, self.ann, frame_id, MoveJoint(9, 300.0, 200.0), KEEP)
        self.approved.stage = Stage.APPROVED.value
        session.flush()

    def rules(self, **changes: Any) -> None:
        self.session.execute(update(QualityRule).values(**changes))
        self.session.expire_all()

    def gold(self, use: GoldUse = GoldUse.CHECK, draw: int = 4) -> list[int]:
        wanted = MarkGoldIn(recording_id=self.approved.id, draw=draw, use=use)
        return marking.mark_gold(self.session, self.boss, wanted).frame_ids

    def work(self, user: User, frames: int) -> Recording:
        """Somebody decides frames of a recording of their own."""
        recording = make_recording(self.session, frames=frames, annotator=user)
        make_candidates(self.session, recording)
        for frame_id in frame_ids_of(self.session, recording):
            accept(self.session, user, frame_id)
        return recording

    def stack(self, user: User) -> list[Attempt]:
        ids = [frame.id for frame in service.stack(self.session, user).frames]
        return [self.session.get_one(Attempt, key) for key in ids]

    def write(self, user: User, attempt: Attempt, *operations: Operation) -> uuid.UUID:
        key = uuid.uuid4()
        service.apply_operations(
            self.session, user, attempt.id, attempt.version, key, operations, seconds_shown=2.0
        )
        return key


@pytest.fixture
def lab(session: Session) -> Lab:
    return Lab(session)


# Gold


def test_approved_frames_become_gold_with_the_answer_that_stands(lab: Lab) -> None:
    marked = lab.gold(draw=2)
    assert len(marked) == 2
    row = lab.session.get_one(GoldFrame, marked[0])
    assert row.version == annotation_of(lab.session, marked[0]).version


def test_the_same_seed_draws_the_same_gold_frames(lab: Lab) -> None:
    first = lab.gold(draw=2)
    marking.take_back(lab.session, lab.boss, lab.approved.id, GoldUse.CHECK)
    assert lab.gold(draw=2) == first


def test_a_frame_that_is_not_approved_cannot_become_gold(lab: Lab) -> None:
    open_one = lab.work(lab.ben, 1)
    wanted = MarkGoldIn(
        recording_id=open_one.id,
        frame_ids=frame_ids_of(lab.session, open_one),
        use=GoldUse.CHECK,
    )
    with pytest.raises(Conflict, match="not approved"):
        marking.mark_gold(lab.session, lab.boss, wanted)


def test_only_maintainers_choose_gold_frames(lab: Lab) -> None:
    wanted = MarkGoldIn(recording_id=lab.approved.id, draw=1, use=GoldUse.CHECK)
    with pytest.raises(Forbidden):
        marking.mark_gold(lab.session, lab.ann, wanted)


# What is given out


def test_gold_comes_at_the_chosen_share_of_what_somebody_decides(lab: Lab) -> None:
    lab.gold()
    lab.rules(gold_share=0.25)
    lab.work(lab.ben, 3)
    assert lab.stack(lab.ben) == []
    lab.work(lab.ben, 5)
    assert service.waiting(lab.session, lab.ben) == 2
    given = lab.stack(lab.ben)
    assert [row.purpose for row in given] == [Purpose.CHECK.value] * 2
    assert lab.stack(lab.ben) == given, "asked again, nothing more is given"


def test_nobody_is_given_a_frame_of_a_recording_that_they_have_a_part_in(lab: Lab) -> None:
    lab.gold()
    lab.rules(gold_share=1.0)
    lab.work(lab.ann, 4)
    assert lab.stack(lab.ann) == []


def test_an_attempt_begins_with_the_prelabel_and_not_with_the_truth(lab: Lab) -> None:
    lab.gold()
    lab.rules(gold_share=0.25)
    lab.work(lab.ben, 4)
    (attempt,) = lab.stack(lab.ben)
    truth = annotation_of(lab.session, attempt.frame_id)
    assert attempt.keypoints is not None
    assert attempt.keypoints != truth.keypoints
    assert (attempt.verdict, attempt.state) == ("undecided", "undecided")


def test_a_drawn_frame_goes_to_one_second_person_who_did_not_see_it(lab: Lab) -> None:
    lab.rules(double_share=1.0)
    lab.work(lab.ann, 3)
    cleo = make_annotator(lab.session)
    lab.work(lab.ben, 2)
    lab.work(cleo, 4)
    for_ben = lab.stack(lab.ben)
    assert len(for_ben) == 2
    for_cleo = lab.stack(cleo)
    frames = [row.frame_id for row in (*for_ben, *for_cleo)]
    assert len(frames) == len(set(frames))
    assert {row.purpose for row in for_cleo} == {Purpose.SECOND.value}
    assert all(row.seed == "1" and row.share == 1.0 for row in for_ben)
    assert all(
        annotation_of(lab.session, row.frame_id).updated_by_id in {lab.ann.id, cleo.id}
        for row in for_ben
    )


def test_the_draw_in_sql_is_the_rule_of_the_domain(lab: Lab) -> None:
    frames = frame_ids_of(lab.session, make_recording(lab.session, frames=60))
    for share in (0.0, 0.1, 0.5, 1.0):
        condition = drawing.is_drawn("seed é", share, Annotation.frame_id)
        query = select(Annotation.frame_id).where(Annotation.frame_id.in_(frames), condition)
        assert set(lab.session.scalars(query)) == {
            frame for frame in frames if is_drawn(frame, share, "seed é")
        }


def test_what_was_decided_before_the_share_was_set_is_not_checked(lab: Lab) -> None:
    lab.gold()
    lab.work(lab.ben, 8)
    body = QualityRulesBody.model_validate(lab.session.get_one(QualityRule, 1))
    marking.change_rules(lab.session, lab.boss, body.model_copy(update={"gold_share": 0.5}))
    assert lab.stack(lab.ben) == []


# Answers


@pytest.fixture
def checked(lab: Lab) -> tuple[Lab, Attempt]:
    """A gold frame that lies before Ben."""
    lab.gold()
    lab.rules(gold_share=0.25)
    lab.work(lab.ben, 4)
    (attempt,) = lab.stack(lab.ben)
    return lab, attempt


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


# Training


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


# Two answers become one


class Two:
    """A frame that Ann annotated, and Ben after her."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.session = lab, lab.session
        lab.rules(double_share=1.0)
        self.recording = lab.work(lab.ann, 1)
        (self.frame,) = frame_ids_of(self.session, self.recording)
        lab.session.execute(
            update(Annotation).where(Annotation.frame_id.in_(lab.truth)).values(updated_by_id=None)
        )
        lab.work(lab.ben, 1)
        (self.attempt,) = lab.stack(lab.ben)
        lab.write(lab.ben, self.attempt, MoveJoint(9, 110.0, 200.0), KEEP)
        service.close(self.session, lab.ben, self.attempt.id)
        self.first = list(annotation_of(self.session, self.frame).keypoints or [])

    def wanted(self, *choices: ChoiceIn, **changes: Any) -> AdjudicationIn:
        body = {
            "operation_id": uuid.uuid4(),
            "version": annotation_of(self.session, self.frame).version,
            "verdict": Take.FIRST,
            "choices": list(choices),
        }
        return AdjudicationIn.model_validate(body | changes)


@pytest.fixture
def two(lab: Lab) -> Two:
    return Two(lab)


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
