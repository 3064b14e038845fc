"""A verdict on many frames: one act, a revision each, done once, and taken back as one step."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, AnnotationRevision, Recording, User
from backend.domain.document import MoveJoint, SetSkeleton
from backend.domain.errors import Conflict, Forbidden, NotFound
from backend.domain.ranges import Skip
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from backend.domain.workflow import Stage
from backend.labelling.ranges.schemas import RangeOut
from backend.labelling.ranges.service import FramesRead, set_verdict, undo
from backend.recordings.counts import numbers_of, recount, those_of
from tests.factories import (
    accept,
    annotation_of,
    discard,
    edit,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_recording,
)

BLURRED = Decision(Verdict.DISCARD, DiscardReason.MOTION_BLUR)
KEPT = Decision(Verdict.KEEP)


@pytest.fixture
def film(session: Session, annotator: User) -> Recording:
    """Twelve frames with pre-labels, in one person's hands."""
    recording = make_recording(session, annotator=annotator, frames=12)
    make_candidates(session, recording)
    return recording


def read_now(session: Session, frames: Sequence[int]) -> FramesRead:
    rows = session.execute(
        select(Annotation.frame_id, Annotation.version).where(Annotation.frame_id.in_(frames))
    )
    return FramesRead({row.frame_id: row.version for row in rows})


def decide(
    session: Session, user: User, film: Recording, frames: Sequence[int], decision: Decision
) -> RangeOut:
    read = read_now(session, frames)
    return set_verdict(session, user, film.id, uuid.uuid4(), read, decision)


def states(session: Session, frames: Sequence[int]) -> list[str]:
    session.expire_all()
    return [annotation_of(session, frame).state for frame in frames]


def revisions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AnnotationRevision)) or 0


def assert_counted(session: Session, film: Recording) -> None:
    """The counts that triggers keep are those of a recount."""
    session.flush()
    kept = +Counter(numbers_of(session, [film.id])[film.id])
    recount(session, [film.id])
    assert kept == +Counter(numbers_of(session, [film.id])[film.id])


def test_a_range_is_discarded_with_a_revision_for_each_frame_and_counted(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    before = revisions(session)
    done = decide(session, annotator, film, frames[2:9], BLURRED)
    assert done.frames == frames[2:9]
    assert set(done.states) == {"discarded"}
    assert set(done.reasons) == {DiscardReason.MOTION_BLUR}
    assert done.skipped == []
    assert revisions(session) == before + 7
    assert states(session, frames).count("discarded") == 7
    numbers = numbers_of(session, [film.id])[film.id]
    assert those_of(numbers, "state") == {"undecided": 5, "discarded": 7}
    assert those_of(numbers, "reason") == {"motion_blur": 7}
    assert_counted(session, film)


def test_the_same_act_sent_again_is_answered_as_before_and_changes_nothing(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    discard(session, annotator, frames[0])
    read = FramesRead(dict.fromkeys(frames, 1))
    name = uuid.uuid4()
    first = set_verdict(session, annotator, film.id, name, read, BLURRED)
    after = revisions(session)
    film.stage = Stage.INSPECTING.value  # the answer was lost, and the recording submitted
    again = set_verdict(session, annotator, film.id, name, read, BLURRED)
    assert again == first
    assert [frame.frame_id for frame in again.skipped] == [frames[0]]
    assert revisions(session) == after


def test_an_id_that_was_used_for_another_act_is_refused(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    name = uuid.uuid4()
    set_verdict(session, annotator, film.id, name, read_now(session, frames[:3]), BLURRED)
    with pytest.raises(Conflict):
        set_verdict(session, annotator, film.id, name, read_now(session, frames[3:6]), BLURRED)


def test_what_somebody_changed_meanwhile_is_left_and_named(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    read = read_now(session, frames)
    accept(session, annotator, frames[4])
    done = set_verdict(session, annotator, film.id, uuid.uuid4(), read, BLURRED)
    assert len(done.frames) == 11
    (left,) = done.skipped
    assert (left.frame_id, left.why, left.by) == (frames[4], Skip.CHANGED, annotator.name)
    assert (left.version, left.state) == (read.versions[frames[4]] + 1, "accepted")  # type: ignore[operator]
    assert states(session, frames)[4] == "accepted"


def test_own_changes_on_their_way_count_as_read(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    accept(session, annotator, frames[0])
    read = FramesRead({frames[0]: None, frames[1]: None})
    done = set_verdict(session, annotator, film.id, uuid.uuid4(), read, BLURRED)
    assert done.frames == [frames[0]]
    assert done.skipped[0].why is Skip.CHANGED


def test_kept_frames_are_accepted_or_corrected_as_by_hand_and_empty_ones_stay(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    edit(session, annotator, frames[1], MoveJoint(0, 5.0, 6.0))
    edit(session, annotator, frames[2], SetSkeleton(None, None))
    done = decide(session, annotator, film, frames[:4], KEPT)
    assert done.frames == [frames[0], frames[1], frames[3]]
    assert states(session, frames[:4]) == ["accepted", "corrected", "undecided", "accepted"]
    assert [frame.why for frame in done.skipped] == [Skip.NO_JOINTS]
    assert_counted(session, film)


def test_an_act_is_taken_back_as_one_step_and_done_again(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    accept(session, annotator, frames[0])
    discard(session, annotator, frames[1], DiscardReason.LIGHTING)
    before = states(session, frames)
    done = decide(session, annotator, film, frames, BLURRED)
    undone = undo(session, annotator, film.id, uuid.uuid4(), done.operation_id)
    assert states(session, frames) == before
    assert annotation_of(session, frames[1]).reason == "lighting"
    assert undone.skipped == []
    undo(session, annotator, film.id, uuid.uuid4(), undone.operation_id)
    assert states(session, frames) == ["discarded"] * 12
    assert_counted(session, film)


def test_taking_back_leaves_what_was_changed_since(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    done = decide(session, annotator, film, frames, BLURRED)
    accept(session, annotator, frames[3])
    undone = undo(session, annotator, film.id, uuid.uuid4(), done.operation_id)
    assert [frame.frame_id for frame in undone.skipped] == [frames[3]]
    assert states(session, frames)[3] == "accepted"
    assert states(session, frames)[4] == "undecided"


def test_only_the_annotator_acts_and_only_in_this_recording(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    other = make_recording(session, annotator=annotator, frames=2)
    with pytest.raises(Forbidden):
        decide(session, make_annotator(session), film, frames, BLURRED)
    strangers = frame_ids_of(session, other)
    done = decide(session, annotator, film, [frames[0], *strangers], BLURRED)
    assert done.frames == [frames[0]]
    assert {frame.why for frame in done.skipped} == {Skip.ELSEWHERE}
    assert states(session, strangers) == ["undecided", "undecided"]
    with pytest.raises(NotFound):
        undo(session, annotator, other.id, uuid.uuid4(), done.operation_id)
    film.stage = Stage.INSPECTING.value
    with pytest.raises(Conflict):
        decide(session, annotator, film, frames, BLURRED)
