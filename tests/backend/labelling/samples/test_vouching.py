"""An inspector vouches by a random sample, and approves what nobody opened."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import AuditEntry, FrameMark, Recording, User
from backend.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.domain.reviews import Mark
from backend.domain.vouching import drawn
from backend.domain.workflow import Event, Stage
from backend.labelling.marks import joints as joint_marks
from backend.labelling.marks import service as marks
from backend.labelling.marks.schemas import JointMarksIn
from backend.labelling.samples import service as samples
from backend.labelling.samples.schemas import SampleIn, SampleOut, SamplingRuleIn
from backend.labelling.workflow import service as stages
from backend.overview.inspecting.service import facts as facts_of
from backend.overview.inspecting.service import rounds as rounds_of
from tests.factories import (
    accept,
    frame_ids_of,
    look_at,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)

FRAMES = 60


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session)


@pytest.fixture
def submitted(session: Session) -> Recording:
    annotator = make_annotator(session)
    recording = make_recording(session, frames=FRAMES, annotator=annotator)
    make_candidates(session, recording, people=1)
    for frame_id in frame_ids_of(session, recording):
        accept(session, annotator, frame_id)
    stages.fire(session, recording, Event.SUBMIT, annotator)
    return recording


def draw(
    session: Session, inspector: User, recording: Recording, seed: int | None = 7
) -> SampleOut:
    request = SampleIn(operation_id=uuid.uuid4(), seed=seed)
    return samples.draw(session, inspector, recording.id, request)


def inspect(
    session: Session, inspector: User, sample: SampleOut, wrong: dict[int, list[int]] | None = None
) -> None:
    """Look at every frame of a sample; by its place, which joints are wrong."""
    for place, frame in enumerate(sample.frames):
        look_at(session, inspector, frame.frame_id)
        if found := (wrong or {}).get(place):
            said = JointMarksIn(round=sample.round, wrong=found)
            joint_marks.judge(session, inspector, frame.frame_id, said)
        else:
            marks.mark(session, inspector, frame.frame_id, Mark.GOOD)


def approve(session: Session, inspector: User, recording: Recording) -> Stage:
    stages.fire(session, recording, Event.APPROVE_KEYPOINTS, inspector)
    return Stage(recording.stage)


def test_nothing_is_approved_that_nobody_vouches_for(
    session: Session, submitted: Recording, inspector: User
) -> None:
    with pytest.raises(Conflict, match="60 frames not inspected yet"):
        approve(session, inspector, submitted)


def test_a_sample_that_was_looked_at_vouches_for_the_rest(
    session: Session, submitted: Recording, inspector: User
) -> None:
    sample = draw(session, inspector, submitted)
    assert (sample.population, sample.size, sample.left) == (60, 30, 30)
    expected = drawn(frame_ids_of(session, submitted), 30, 7)
    assert [frame.frame_id for frame in sample.frames] == expected
    inspect(session, inspector, sample)
    done = samples.vouch(session, inspector, submitted.id, sample.id)
    assert (done.wrong, done.joints, done.vouched) == (0, 510, 30)
    assert (done.rate, done.low) == (0, 0)
    assert done.high is not None
    assert 0 < done.high < 14.84
    by_sample = select(FrameMark.frame_id).where(FrameMark.sample_id == sample.id)
    vouched = set(session.scalars(by_sample))
    assert vouched == set(frame_ids_of(session, submitted)) - set(expected)
    standing = samples.standing(session, inspector, submitted.id)
    assert (standing.unvouched, standing.vouched) == (0, 60)
    assert approve(session, inspector, submitted) is Stage.BOXING


def test_a_sample_is_not_finished_while_a_frame_is_unseen_or_unmarked(
    session: Session, submitted: Recording, inspector: User
) -> None:
    sample = draw(session, inspector, submitted)
    first, second, *rest = [frame.frame_id for frame in sample.frames]
    for frame_id in (first, *rest):
        marks.mark(session, inspector, frame_id, Mark.GOOD)
    look_at(session, inspector, second, *rest)
    with pytest.raises(Conflict, match="2 of 30 frames") as refused:
        samples.vouch(session, inspector, submitted.id, sample.id)
    assert refused.value.context["frame_ids"] == [first, second]


def test_a_sample_with_too_many_wrong_joints_vouches_for_nothing(
    session: Session, submitted: Recording, inspector: User
) -> None:
    sample = draw(session, inspector, submitted)
    inspect(session, inspector, sample, {0: [5, 7, 9], 1: [6, 8, 10], 2: [0, 1], 3: [13, 15]})
    done = samples.vouch(session, inspector, submitted.id, sample.id)
    assert (done.wrong, done.wrong_frames, done.vouched) == (10, 4, 0)
    assert done.refusal is not None
    assert "the limit is 20" in done.refusal
    with pytest.raises(Conflict, match="4 frames marked to revise"):
        approve(session, inspector, submitted)


def test_drawing_again_does_not_make_errors_forgotten(
    session: Session, submitted: Recording, inspector: User
) -> None:
    bad = draw(session, inspector, submitted)
    inspect(session, inspector, bad, {n: [5, 7, 9, 11] for n in range(5)})
    samples.vouch(session, inspector, submitted.id, bad.id)
    again = draw(session, inspector, submitted, seed=8)
    inspect(session, inspector, again)
    done = samples.vouch(session, inspector, submitted.id, again.id)
    assert done.wrong == 0
    assert done.rate == pytest.approx(1000 * 20 / (60 * 17), abs=0.01)


def test_a_frame_sent_back_whose_joints_were_not_named_counts_with_all_of_them(
    session: Session, submitted: Recording, inspector: User
) -> None:
    sample = draw(session, inspector, submitted)
    inspect(session, inspector, sample)
    marks.mark(session, inspector, sample.frames[0].frame_id, Mark.REVISE)
    done = samples.vouch(session, inspector, submitted.id, sample.id)
    assert (done.wrong, done.wrong_frames) == (17, 1)


def test_one_sample_waits_at_a_time_and_is_drawn_once(
    session: Session, submitted: Recording, inspector: User
) -> None:
    request = SampleIn(operation_id=uuid.uuid4(), seed=3)
    first = samples.draw(session, inspector, submitted.id, request)
    assert samples.draw(session, inspector, submitted.id, request) == first
    with pytest.raises(Conflict, match="waits to be looked at"):
        draw(session, inspector, submitted)
    other = make_recording(session, Stage.INSPECTING)
    with pytest.raises(Conflict, match="already used"):
        samples.draw(session, inspector, other.id, request)


def test_finishing_twice_answers_alike(
    session: Session, submitted: Recording, inspector: User
) -> None:
    sample = draw(session, inspector, submitted)
    inspect(session, inspector, sample)
    done = samples.vouch(session, inspector, submitted.id, sample.id)
    assert samples.vouch(session, inspector, submitted.id, sample.id) == done


def test_a_sample_is_never_smaller_than_the_rule(
    session: Session, submitted: Recording, inspector: User
) -> None:
    with pytest.raises(InvalidInput, match="has at least 30"):
        samples.draw(session, inspector, submitted.id, SampleIn(operation_id=uuid.uuid4(), size=5))


def test_a_maintainer_sets_the_rule_and_drawn_samples_keep_theirs(
    session: Session, submitted: Recording, inspector: User
) -> None:
    first = draw(session, inspector, submitted)
    rule = SamplingRuleIn(min_frames=10, share=0.5, max_errors_per_1000=3)
    with pytest.raises(Forbidden):
        samples.set_rule(session, inspector, rule)
    maintainer = make_maintainer(session)
    set_by = samples.set_rule(session, maintainer, rule)
    assert set_by.updated_by is not None
    assert set_by.updated_by.id == maintainer.id
    inspect(session, inspector, first)
    assert samples.vouch(session, inspector, submitted.id, first.id).max_errors_per_1000 == 20
    other = make_recording(session, Stage.INSPECTING, frames=40)
    assert draw(session, inspector, other).size == 20


def test_only_who_inspects_draws_and_only_who_drew_finishes(
    session: Session, submitted: Recording, inspector: User
) -> None:
    with pytest.raises(Forbidden):
        draw(session, make_annotator(session), submitted)
    sample = draw(session, inspector, submitted)
    inspect(session, inspector, sample)
    other = make_inspector(session)
    with pytest.raises(Forbidden, match="inspects this recording"):
        samples.vouch(session, other, submitted.id, sample.id)
    submitted.inspector_id = other.id
    session.flush()
    with pytest.raises(Forbidden, match="somebody else drew"):
        samples.vouch(session, other, submitted.id, sample.id)
    with pytest.raises(NotFound):
        samples.vouch(session, other, make_recording(session).id, sample.id)


def test_every_draw_and_its_result_stand_in_the_record(
    session: Session, submitted: Recording, inspector: User
) -> None:
    sample = draw(session, inspector, submitted)
    inspect(session, inspector, sample, {0: [9]})
    samples.vouch(session, inspector, submitted.id, sample.id)
    drawn_entry, finished = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.action.in_(["sample_drawn", "sample_finished"]))
        .order_by(AuditEntry.id)
    )
    assert (drawn_entry.details["seed"], drawn_entry.details["size"]) == (7, 30)
    assert (finished.details["wrong"], finished.details["vouched"]) == (1, 30)


def test_looks_of_another_round_or_recording_are_left_out(
    session: Session, submitted: Recording, inspector: User
) -> None:
    frame_id = frame_ids_of(session, submitted)[0]
    foreign = frame_ids_of(session, make_recording(session))[0]
    assert samples.note_looks(session, inspector, submitted.id, 2, {frame_id: 3.0}) == 0
    assert samples.note_looks(session, inspector, submitted.id, 1, {foreign: 3.0}) == 0
    assert samples.note_looks(session, inspector, submitted.id, 1, {frame_id: 3.0}) == 1


def test_a_look_said_again_is_not_added_up(
    session: Session, submitted: Recording, inspector: User
) -> None:
    frame_id = frame_ids_of(session, submitted)[0]
    for seconds in (0.2, 0.25, 0.1):
        look_at(session, inspector, frame_id, seconds=seconds)
    assert samples.standing(session, inspector, submitted.id).seen == 0
    look_at(session, inspector, frame_id, seconds=0.5)
    assert samples.standing(session, inspector, submitted.id).seen == 1


def test_a_frame_marked_good_without_a_look_is_counted_as_such(
    session: Session, submitted: Recording, inspector: User
) -> None:
    seen, glanced, unknown = frame_ids_of(session, submitted)[:3]
    marks.mark(session, inspector, seen, Mark.GOOD)
    assert samples.standing(session, inspector, submitted.id).glanced == []
    look_at(session, inspector, seen, seconds=0.8)
    look_at(session, inspector, glanced, seconds=0.1)
    for frame_id in (unknown, glanced):
        marks.mark(session, inspector, frame_id, Mark.GOOD)
    assert samples.standing(session, inspector, submitted.id).glanced == [glanced, unknown]
    (came,) = rounds_of(session, submitted.id)
    assert (came.glanced, came.glanced_at) == (2, [1, 2])
    found = facts_of(session, inspector, submitted.id)
    assert [i for i, at in zip(found.id, found.glanced, strict=True) if at] == [glanced, unknown]
    look_at(session, inspector, glanced, seconds=2.0)
    assert samples.standing(session, inspector, submitted.id).glanced == [unknown]


def test_a_sample_that_was_passed_over_and_not_looked_at_stops_the_approval(
    session: Session, submitted: Recording, inspector: User
) -> None:
    sample = draw(session, inspector, submitted)
    drawn_ids = [frame.frame_id for frame in sample.frames]
    glances = dict.fromkeys(frame_ids_of(session, submitted), 0.17)
    samples.note_looks(session, inspector, submitted.id, submitted.round, glances)
    for frame_id in frame_ids_of(session, submitted):
        marks.mark(session, inspector, frame_id, Mark.GOOD)
    with pytest.raises(Conflict, match=r"30 of 60 frames \(seed 7\), and 30 frames"):
        approve(session, inspector, submitted)
    look_at(session, inspector, *drawn_ids[:-1])
    with pytest.raises(Conflict, match="and 1 frame of it not yet looked at") as refused:
        approve(session, inspector, submitted)
    assert refused.value.context["frame_ids"] == drawn_ids[-1:]
    look_at(session, inspector, drawn_ids[-1])
    assert approve(session, inspector, submitted) is Stage.BOXING
