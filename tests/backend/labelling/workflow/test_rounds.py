"""A recording's way through the stages, with what must hold at each step."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import AuditEntry, Job, Recording, ReviewRound, User
from backend.core.database.tables.jobs import JobKind
from backend.core.jobs import service as jobs
from backend.domain.boxes import BoxStatus
from backend.domain.document import MoveJoint
from backend.domain.errors import Conflict, Forbidden, InvalidInput
from backend.domain.workflow import Event, Role, Stage
from backend.labelling.boxes import service as boxes
from backend.labelling.workflow import service as stages
from backend.overview.recordings.service import summary
from tests.factories import (
    accept,
    discard,
    edit,
    find_good,
    frame_ids_of,
    make_annotator,
    make_boxes,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_mark,
    make_recording,
    make_user,
)


class Team:
    """A recording with its people."""

    def __init__(self, session: Session, stage: Stage, frames: int = 3) -> None:
        self.session = session
        self.annotator = make_annotator(session)
        self.inspector = make_inspector(session)
        self.maintainer = make_maintainer(session)
        self.recording = make_recording(
            session, stage, frames=frames, annotator=self.annotator, inspector=self.inspector
        )
        make_candidates(session, self.recording)
        self.frames = frame_ids_of(session, self.recording)

    def fire(self, event: Event, user: User | None, **options: str) -> Stage:
        stages.fire(self.session, self.recording, event, user, **options)
        return Stage(self.recording.stage)

    def accept_all(self) -> None:
        for frame in self.frames:
            accept(self.session, self.annotator, frame)

    def job(self, kind: JobKind) -> Job:
        return self.session.scalars(
            select(Job).where(Job.recording_id == self.recording.id, Job.kind == kind.value)
        ).one()


@pytest.fixture
def team(session: Session) -> Team:
    return Team(session, Stage.ANNOTATING)


def _last_round(session: Session, recording: Recording) -> ReviewRound:
    row = session.scalars(
        select(ReviewRound)
        .where(ReviewRound.recording_id == recording.id)
        .order_by(ReviewRound.id.desc())
    ).first()
    assert row is not None
    return row


def test_a_session_is_submitted_when_every_frame_is_decided(team: Team) -> None:
    accept(team.session, team.annotator, team.frames[0])
    with pytest.raises(Conflict, match="2 frames not decided yet") as refused:
        team.fire(Event.SUBMIT, team.annotator)
    assert refused.value.context["undecided"] == team.frames[1:]
    accept(team.session, team.annotator, team.frames[1])
    discard(team.session, team.annotator, team.frames[2])
    assert team.fire(Event.SUBMIT, team.annotator) is Stage.INSPECTING
    assert _last_round(team.session, team.recording).submitted_by_id == team.annotator.id


def test_a_returned_session_comes_back_with_a_new_round(team: Team) -> None:
    team.accept_all()
    team.fire(Event.SUBMIT, team.annotator)
    with pytest.raises(Conflict, match="Say what to revise"):
        team.fire(Event.RETURN, team.inspector)
    make_mark(team.session, team.inspector, team.frames[1])
    with pytest.raises(Conflict, match="1 frame marked to revise"):
        team.fire(Event.APPROVE_KEYPOINTS, team.inspector)
    assert team.fire(Event.RETURN, team.inspector) is Stage.RETURNED
    assert team.recording.round == 2
    assert _last_round(team.session, team.recording).decision == "returned"
    assert summary(team.session, team.recording.id).to_revise == 1


def test_a_frame_to_revise_must_be_touched_before_submitting_again(team: Team) -> None:
    team.accept_all()
    team.fire(Event.SUBMIT, team.annotator)
    make_mark(team.session, team.inspector, team.frames[1])
    team.fire(Event.RETURN, team.inspector)
    with pytest.raises(
        Conflict, match="marked by the inspector not yet looked at again"
    ) as refused:
        team.fire(Event.SUBMIT, team.annotator)
    assert refused.value.context["unaddressed"] == [team.frames[1]]
    edit(team.session, team.annotator, team.frames[1], MoveJoint(3, 50.0, 51.0))
    assert summary(team.session, team.recording.id).to_revise == 0
    assert team.fire(Event.SUBMIT, team.annotator) is Stage.INSPECTING


def test_accepting_again_counts_as_looking_again(team: Team) -> None:
    team.accept_all()
    team.fire(Event.SUBMIT, team.annotator)
    make_mark(team.session, team.inspector, team.frames[0])
    team.fire(Event.RETURN, team.inspector)
    accept(team.session, team.annotator, team.frames[0])
    assert team.fire(Event.SUBMIT, team.annotator) is Stage.INSPECTING


def test_approving_joints_starts_the_boxes(team: Team) -> None:
    team.accept_all()
    team.fire(Event.SUBMIT, team.annotator)
    find_good(team.session, team.inspector, team.recording)
    assert team.fire(Event.APPROVE_KEYPOINTS, team.inspector) is Stage.BOXING
    assert team.job(JobKind.BOXES).queue == "gpu"


def test_nobody_inspects_what_they_annotated(session: Session) -> None:
    both = make_user(session, Role.ANNOTATOR, Role.INSPECTOR)
    team = Team(session, Stage.ANNOTATING)
    team.recording.annotator_id = both.id
    team.recording.inspector_id = None
    for frame in team.frames:
        accept(session, both, frame)
    team.fire(Event.SUBMIT, both)
    with pytest.raises(Forbidden, match="nobody inspects what they annotated"):
        team.fire(Event.APPROVE_KEYPOINTS, both)
    # Not even after the session was given to somebody else.
    team.recording.annotator_id = team.annotator.id
    session.flush()
    with pytest.raises(Forbidden):
        team.fire(Event.APPROVE_KEYPOINTS, both)
    with pytest.raises(Conflict, match="annotated in this recording"):
        stages.assign(session, team.recording, team.maintainer, {"inspector_id": both.id})


def test_an_unassigned_inspector_takes_the_session_by_deciding(team: Team) -> None:
    team.recording.inspector_id = None
    team.accept_all()
    team.fire(Event.SUBMIT, team.annotator)
    team.fire(Event.RETURN, team.inspector, note="left and right")
    assert team.recording.inspector_id == team.inspector.id


def test_an_annotator_claims_a_session_by_starting_it(session: Session) -> None:
    team = Team(session, Stage.PRELABELLED)
    team.recording.annotator_id = None
    assert team.fire(Event.START_ANNOTATING, team.annotator) is Stage.ANNOTATING
    assert team.recording.annotator_id == team.annotator.id


def test_boxes_are_approved_when_all_are_sound(session: Session) -> None:
    team = Team(session, Stage.ANNOTATING, frames=2)
    team.accept_all()
    team.recording.stage = Stage.BOXED.value
    make_boxes(session, team.recording)
    team.fire(Event.START_BOX_REVIEW, team.inspector)
    assert team.fire(Event.APPROVE, team.inspector) is Stage.APPROVED
    with pytest.raises(Conflict):
        team.fire(Event.SUBMIT, team.annotator)


def test_a_missing_box_blocks_approval(session: Session) -> None:
    team = Team(session, Stage.ANNOTATING, frames=2)
    team.accept_all()
    team.recording.stage = Stage.INSPECTING_BOXES.value
    with pytest.raises(Conflict, match="2 frames without a box"):
        team.fire(Event.APPROVE, team.inspector)


def test_a_flagged_box_that_nobody_decided_on_blocks_approval(session: Session) -> None:
    team = Team(session, Stage.ANNOTATING, frames=3)
    team.accept_all()
    team.recording.stage = Stage.BOXED.value
    flagged = team.frames[:2]
    make_boxes(session, team.recording, {f: {"flagged": True, "consistency": 0.4} for f in flagged})
    team.fire(Event.START_BOX_REVIEW, team.inspector)
    boxes.approve_remaining(session, team.inspector, team.recording, include_flagged=False)
    with pytest.raises(Conflict, match="2 frames with a flagged box that nobody") as refused:
        team.fire(Event.APPROVE, team.inspector)
    assert refused.value.context["undecided"] == flagged
    for frame in flagged:
        boxes.judge_box(session, team.inspector, frame, BoxStatus.APPROVED, 1)
    assert team.fire(Event.APPROVE, team.inspector) is Stage.APPROVED


def test_a_joint_moved_after_its_box_blocks_approval(session: Session) -> None:
    team = Team(session, Stage.ANNOTATING, frames=2)
    team.accept_all()
    team.recording.stage = Stage.BOXED.value
    make_boxes(session, team.recording)
    team.recording.stage = Stage.BOXES_RETURNED.value
    edit(session, team.annotator, team.frames[0], MoveJoint(3, 50.0, 51.0))
    team.recording.stage = Stage.INSPECTING_BOXES.value
    with pytest.raises(Conflict, match="1 frame with a box older than its joints"):
        team.fire(Event.APPROVE, team.inspector)


def test_reopening_needs_a_reason_and_is_written_down(session: Session) -> None:
    team = Team(session, Stage.APPROVED)
    with pytest.raises(Forbidden):
        team.fire(Event.REOPEN, team.inspector, note="because")
    with pytest.raises(Conflict, match="Say why"):
        team.fire(Event.REOPEN, team.maintainer)
    assert team.fire(Event.REOPEN, team.maintainer, note="wrong infant") is Stage.RETURNED
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.subject_id == team.recording.id)
    ).all()[-1]
    assert entry.details["note"] == "wrong infant"
    assert entry.actor_id == team.maintainer.id


def test_a_failed_pre_label_job_gives_the_session_back(session: Session) -> None:
    team = Team(session, Stage.INGESTED)
    team.fire(Event.PRELABEL, team.maintainer)
    job = team.job(JobKind.PRELABEL)
    jobs.claim(session, job.id)
    jobs.fail(session, job, "no weights")
    assert team.recording.stage == Stage.INGESTED
    jobs.retry(session, job.id)
    assert team.recording.stage == Stage.PRELABELLING


def test_a_retried_job_brings_its_stage_back_by_the_same_way_and_orders_no_other(
    session: Session,
) -> None:
    team = Team(session, Stage.INSPECTING)
    find_good(session, team.inspector, team.recording)
    team.fire(Event.APPROVE_KEYPOINTS, team.inspector)
    job = team.job(JobKind.BOXES)
    jobs.claim(session, job.id)
    jobs.fail(session, job, "the cable was cut")
    assert team.recording.stage == Stage.KEYPOINTS_APPROVED
    jobs.retry(session, job.id)
    assert team.recording.stage == Stage.BOXING
    assert team.job(JobKind.BOXES) is job
    entry = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_id == team.recording.id)
        .order_by(AuditEntry.id.desc())
    ).first()
    assert entry is not None
    assert (entry.details["event"], entry.details["note"]) == (Event.BOX, "job retried")


def test_a_failed_second_run_keeps_the_first_pre_labels(session: Session) -> None:
    team = Team(session, Stage.PRELABELLED)
    team.recording.prelabel_model = "rtmo-l"
    team.fire(Event.PRELABEL, team.maintainer)
    job = team.job(JobKind.PRELABEL)
    jobs.request_cancel(session, job.id)
    assert team.recording.stage == Stage.PRELABELLED


def test_people_are_assigned_by_their_roles(team: Team) -> None:
    with pytest.raises(InvalidInput, match="is not an inspector"):
        stages.assign(
            team.session, team.recording, team.maintainer,
            {"inspector_id": make_annotator(team.session).id},
        )  # fmt: skip
    both = make_user(team.session, Role.ANNOTATOR, Role.INSPECTOR)
    with pytest.raises(Conflict, match="two different people"):
        stages.assign(
            team.session, team.recording, team.maintainer,
            {"annotator_id": both.id, "inspector_id": both.id},
        )  # fmt: skip
