"""What is good stays approved and locked; only the rest goes back."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, User
from backend.domain.document import MoveJoint, SetVerdict
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.reviews import Mark
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from backend.domain.workflow import Event, Stage
from backend.labelling.marks import joints as joint_marks
from backend.labelling.marks import service as marks
from backend.labelling.marks.schemas import JointMarksIn, JointMarksOut
from backend.labelling.reviews import service, threads
from backend.labelling.reviews.approving import unvouched_frames
from backend.labelling.reviews.schemas import CommentIn
from backend.labelling.workflow import service as stages
from tests.factories import (
    accept,
    annotation_of,
    edit,
    find_good,
    frame_ids_of,
    look_at,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session)


@pytest.fixture
def submitted(session: Session, annotator: User) -> Recording:
    recording = make_recording(session, frames=4, annotator=annotator)
    make_candidates(session, recording)
    for frame_id in frame_ids_of(session, recording):
        accept(session, annotator, frame_id)
    stages.fire(session, recording, Event.SUBMIT, annotator)
    return recording


def judge(
    session: Session, inspector: User, frame_id: int, *wrong: int, right: tuple[int, ...] = ()
) -> JointMarksOut:
    round_number = session.get_one(Recording, annotation_of(session, frame_id).recording_id).round
    said = JointMarksIn(round=round_number, wrong=list(wrong), right=list(right))
    return joint_marks.judge(session, inspector, frame_id, said)


def send_back(session: Session, recording: Recording, inspector: User) -> None:
    stages.fire(session, recording, Event.RETURN, inspector)


def test_one_frame_to_revise_leaves_the_others_approved_and_locked(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    bad, good, other, unmarked = frame_ids_of(session, submitted)
    marks.mark(session, inspector, bad, Mark.REVISE)
    for frame_id in (good, other):
        marks.mark(session, inspector, frame_id, Mark.GOOD)
    send_back(session, submitted, inspector)
    locked = [annotation_of(session, i).approved_round for i in (bad, good, other, unmarked)]
    assert locked == [None, 1, 1, None]
    with pytest.raises(Conflict, match="approved in round 1 and is locked"):
        edit(session, annotator, good, MoveJoint(3, 50.0, 51.0))
    with pytest.raises(Conflict, match="locked"):
        accept(session, annotator, other)
    edit(session, annotator, bad, MoveJoint(3, 50.0, 51.0))
    stages.fire(session, submitted, Event.SUBMIT, annotator)
    assert unvouched_frames(session, submitted.id) == [bad, unmarked]
    look_at(session, inspector, bad, unmarked)
    assert marks.mark_remaining_good(session, inspector, submitted.id).unseen == 0
    stages.fire(session, submitted, Event.APPROVE_KEYPOINTS, inspector)
    assert submitted.stage == Stage.BOXING


def test_wrong_joints_go_back_and_the_others_can_be_corrected_with_them(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    frame_id = frame_ids_of(session, submitted)[0]
    said = judge(session, inspector, frame_id, 9, right=(5, 7))
    assert said.mark is Mark.REVISE
    send_back(session, submitted, inspector)
    assert annotation_of(session, frame_id).open_joints == [9]
    edit(session, annotator, frame_id, MoveJoint(9, 50.0, 51.0))
    edit(session, annotator, frame_id, MoveJoint(10, 60.0, 61.0))
    joint = annotation_of(session, frame_id).keypoints
    assert joint is not None
    assert list(joint[30:32]) == [60.0, 61.0]
    # What had been sent back is still known: the inspector is shown what else changed.
    assert annotation_of(session, frame_id).open_joints == [9]
    # The verdict is the frame's, not a joint's.
    blurred = Decision(Verdict.DISCARD, DiscardReason.MOTION_BLUR)
    edit(session, annotator, frame_id, SetVerdict(blurred))


def test_calling_the_frame_good_takes_its_wrong_joints_back(
    session: Session, submitted: Recording, inspector: User
) -> None:
    frame_id = frame_ids_of(session, submitted)[0]
    judge(session, inspector, frame_id, 9, right=(5,))
    marks.mark(session, inspector, frame_id, Mark.GOOD)
    said = joint_marks.shown(session, frame_id, 1)
    assert (said.wrong, said.right, said.mark) == ([], [5], Mark.GOOD)


def test_a_frame_whose_wrong_joints_were_all_taken_back_has_no_mark(
    session: Session, submitted: Recording, inspector: User
) -> None:
    frame_id = frame_ids_of(session, submitted)[0]
    judge(session, inspector, frame_id, 9)
    assert judge(session, inspector, frame_id, right=(9,)).mark is None
    marks.mark(session, inspector, frame_id, Mark.REVISE)
    assert judge(session, inspector, frame_id, right=(9,)).mark is Mark.REVISE


def test_a_joint_is_not_both_and_an_absent_one_not_right(
    session: Session, submitted: Recording, inspector: User
) -> None:
    frame_id = frame_ids_of(session, submitted)[0]
    with pytest.raises(InvalidInput, match="right and wrong"):
        judge(session, inspector, frame_id, 9, right=(9,))
    with pytest.raises(Conflict, match="you looked at round 5"):
        joint_marks.judge(session, inspector, frame_id, JointMarksIn(round=5, wrong=[1]))
    bare = frame_ids_of(session, make_recording(session, Stage.INSPECTING))[0]
    with pytest.raises(InvalidInput, match="has no place"):
        judge(session, inspector, bare, right=(0,))
    assert judge(session, inspector, bare, 0).wrong == [0]


def test_what_was_approved_and_then_changed_must_be_vouched_for_again(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    frame_ids = frame_ids_of(session, submitted)
    find_good(session, inspector, submitted)
    stages.fire(session, submitted, Event.APPROVE_KEYPOINTS, inspector)
    submitted.stage = Stage.KEYPOINTS_APPROVED.value
    maintainer = make_maintainer(session)
    stages.fire(session, submitted, Event.REOPEN, maintainer, note="left and right")
    edit(session, annotator, frame_ids[1], MoveJoint(3, 50.0, 51.0))
    stages.fire(session, submitted, Event.SUBMIT, annotator)
    assert unvouched_frames(session, submitted.id) == [frame_ids[1]]


def test_reopening_opens_every_frame(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    bad, good, *_ = frame_ids_of(session, submitted)
    marks.mark(session, inspector, good, Mark.GOOD)
    judge(session, inspector, bad, 9)
    send_back(session, submitted, inspector)
    submitted.stage = Stage.APPROVED.value
    stages.fire(session, submitted, Event.REOPEN, make_maintainer(session), note="again")
    for frame_id in (good, bad):
        edit(session, annotator, frame_id, MoveJoint(3, 50.0, 51.0))


def test_an_inspector_opens_a_locked_frame_by_marking_it_in_a_later_round(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    bad, good, *_ = frame_ids_of(session, submitted)
    marks.mark(session, inspector, good, Mark.GOOD)
    marks.mark(session, inspector, bad, Mark.REVISE)
    send_back(session, submitted, inspector)
    accept(session, annotator, bad)
    stages.fire(session, submitted, Event.SUBMIT, annotator)
    marks.mark(session, inspector, good, Mark.REVISE)
    send_back(session, submitted, inspector)
    edit(session, annotator, good, MoveJoint(3, 50.0, 51.0))


def test_a_second_return_keeps_what_the_first_round_approved_locked(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    bad, good, *_ = frame_ids_of(session, submitted)
    marks.mark(session, inspector, good, Mark.GOOD)
    marks.mark(session, inspector, bad, Mark.REVISE)
    send_back(session, submitted, inspector)
    accept(session, annotator, bad)
    stages.fire(session, submitted, Event.SUBMIT, annotator)
    marks.mark(session, inspector, bad, Mark.REVISE)
    send_back(session, submitted, inspector)
    assert annotation_of(session, good).approved_round is not None


def test_a_mention_waits_for_nobody_once_its_frame_was_approved(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    bad, good, *_ = frame_ids_of(session, submitted)
    said = CommentIn(body="is this the left foot?", mentions=[annotator.id])
    for frame_id in (bad, good):
        service.comment(session, inspector, frame_id, said)
    marks.mark(session, inspector, good, Mark.GOOD)
    marks.mark(session, inspector, bad, Mark.REVISE)
    assert [m.position for m in threads.mentions_of(session, annotator)] == [1, 0]
    send_back(session, submitted, inspector)
    assert [m.position for m in threads.mentions_of(session, annotator)] == [0]
    accept(session, annotator, bad)
    stages.fire(session, submitted, Event.SUBMIT, annotator)
    find_good(session, inspector, submitted)
    stages.fire(session, submitted, Event.APPROVE_KEYPOINTS, inspector)
    session.flush()
    assert threads.mentions_of(session, annotator) == []
