"""Model, annotator and rounds side by side; what changed between rounds, and how long it took."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, User
from backend.domain.document import MoveJoint
from backend.domain.errors import InvalidInput
from backend.domain.reviews import Mark
from backend.domain.workflow import Event
from backend.labelling.marks import joints as joint_marks
from backend.labelling.marks import service as marks
from backend.labelling.marks.schemas import JointMarksIn
from backend.labelling.workflow import service as stages
from backend.overview.inspecting import service
from tests.factories import (
    MODEL,
    accept,
    discard,
    edit,
    frame_ids_of,
    look_at,
    make_annotator,
    make_candidates,
    make_inspector,
    make_recording,
)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session, name="Anna")


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session, name="Ines")


@pytest.fixture
def submitted(session: Session, annotator: User) -> Recording:
    """Four frames: one accepted, one with a wrist moved by 5 px, one discarded, one accepted."""
    recording = make_recording(session, frames=4, annotator=annotator)
    make_candidates(session, recording)
    first, second, third, fourth = frame_ids_of(session, recording)
    accept(session, annotator, first)
    accept(session, annotator, second)
    edit(session, annotator, second, MoveJoint(9, 113.0, 84.0))
    discard(session, annotator, third)
    accept(session, annotator, fourth)
    stages.fire(session, recording, Event.SUBMIT, annotator)
    return recording


def next_round(session: Session, recording: Recording, annotator: User, inspector: User) -> None:
    """The first frame comes back and its nose is moved."""
    first = frame_ids_of(session, recording)[0]
    look_at(session, inspector, first, seconds=4.0)
    said = JointMarksIn(round=1, wrong=[0])
    joint_marks.judge(session, inspector, first, said)
    stages.fire(session, recording, Event.RETURN, inspector, note="the nose")
    edit(session, annotator, first, MoveJoint(0, 100.0, 63.0))
    stages.fire(session, recording, Event.SUBMIT, annotator)


def test_in_the_first_round_the_model_stands_beside_the_annotator(
    session: Session, submitted: Recording
) -> None:
    second = frame_ids_of(session, submitted)[1]
    shown = service.comparison(session, second)
    assert shown.author is not None
    assert (shown.author.name, shown.model_name, shown.previous) == ("Anna", MODEL, None)
    assert shown.model is not None
    assert shown.model.pixels[9] == pytest.approx(5)
    assert shown.model.pixels[0] == 0
    assert shown.model.oks is not None
    assert 0.9 < shown.model.oks < 1


def test_in_a_later_round_the_round_before_stands_there_too(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    first = frame_ids_of(session, submitted)[0]
    next_round(session, submitted, annotator, inspector)
    shown = service.comparison(session, first)
    assert (shown.round, shown.previous_round, shown.open_joints) == (2, 1, [0])
    assert shown.previous is not None
    assert shown.previous.pixels[0] == 3
    assert shown.marks_before is not None
    assert shown.marks_before.wrong == [0]
    assert shown.marks.wrong == []


def test_filters_know_agreement_people_looks_and_marks_of_every_frame(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    first, second, *_ = frame_ids_of(session, submitted)
    marks.mark(session, inspector, first, Mark.GOOD)
    look_at(session, inspector, first)
    joint_marks.judge(session, inspector, second, JointMarksIn(round=1, wrong=[9, 10]))
    facts = service.facts(session, inspector, submitted.id)
    assert facts.id == frame_ids_of(session, submitted)
    one, two, three, four = facts.agreement
    assert (one, three, four) == (1, None, 1)
    assert two is not None
    assert two < 1
    assert facts.approved == [True, False, False, False]
    assert facts.wrong == [0, 2, 0, 0]
    assert facts.seen == [True, False, False, False]
    assert [person.name for person in facts.people] == ["Anna"]
    assert set(facts.author) == {annotator.id}
    assert not any(service.facts(session, annotator, submitted.id).seen)


def test_what_changed_between_two_rounds_is_listed_with_who_and_when(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    first = frame_ids_of(session, submitted)[0]
    next_round(session, submitted, annotator, inspector)
    found = service.changes(session, submitted.id, 1, 2)
    assert (found.total, found.joints, found.median_pixels) == (1, 1, 3)
    [change] = found.frames
    assert (change.frame_id, change.camera_name, change.writes) == (first, "camera 1", 1)
    assert [(j.joint, j.pixels, j.before, j.after) for j in change.joints] == [(0, 3, 2, 2)]
    assert [person.name for person in change.authors] == ["Anna"]
    assert change.at is not None


def test_the_first_round_is_compared_with_what_models_proposed(
    session: Session, submitted: Recording
) -> None:
    found = service.changes(session, submitted.id, 0, 1)
    verdicts = [(c.position, c.verdict_before, c.verdict_after) for c in found.frames]
    assert verdicts == [
        (0, "undecided", "keep"),
        (1, "undecided", "keep"),
        (2, "undecided", "discard"),
        (3, "undecided", "keep"),
    ]
    assert [len(c.joints) for c in found.frames] == [0, 1, 0, 0]


@pytest.mark.parametrize(("since", "until"), [(1, 1), (2, 1), (0, 5)])
def test_rounds_that_do_not_follow_each_other_are_not_compared(
    session: Session, submitted: Recording, since: int, until: int
) -> None:
    with pytest.raises(InvalidInput, match="Compare an earlier round with a later one"):
        service.changes(session, submitted.id, since, until)


def test_rounds_say_who_when_how_long_and_what_came_of_it(
    session: Session, submitted: Recording, annotator: User, inspector: User
) -> None:
    next_round(session, submitted, annotator, inspector)
    one, two = service.rounds(session, submitted.id)
    assert (one.frames_written, one.writes) == (4, 5)
    assert (one.revise, one.wrong_joints, one.good) == (1, 1, 0)
    assert (one.frames_seen, one.seconds_seen, one.note) == (1, 4.0, "the nose")
    assert one.inspector is not None
    assert one.inspector.name == "Ines"
    assert (two.round, two.frames_written, two.decision) == (2, 1, None)
    assert two.began_at is not None
    assert one.decided_at is not None
    assert two.began_at <= two.submitted_at


def test_a_recording_that_nobody_touched_has_no_rounds_and_no_facts_to_filter_by(
    session: Session, inspector: User
) -> None:
    recording = make_recording(session)
    assert service.rounds(session, recording.id) == []
    facts = service.facts(session, inspector, recording.id)
    assert facts.agreement == [None, None, None]
    assert service.changes(session, recording.id, 0, 1).total == 0
