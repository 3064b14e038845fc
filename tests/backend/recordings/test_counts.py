"""Numbers that the database keeps are what a recount gives, whatever people and models do."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.database.tables import (
    Comment,
    Fit,
    FitView,
    Frame,
    FrameBox,
    Recording,
    RecordingCount,
    RecordingFits,
    User,
)
from backend.domain.boxes import BoxStatus
from backend.domain.document import MoveJoint, SetVerdict
from backend.domain.keypoints import Skeleton
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from backend.domain.workflow import Stage
from backend.labelling.boxes.service import approve_remaining, judge_box, store_proposal
from backend.multiview.fits.standing import fit_counts
from backend.overview.recordings.service import summary
from backend.recordings.access import has_annotated
from backend.recordings.counts import drifts, numbers_of, recount, repair, those_of
from backend.recordings.facts import _from_frames, facts_of
from tests.backend.multiview.fits.making import make_fits, make_seen_recording
from tests.factories import (
    accept,
    annotation_of,
    discard,
    edit,
    frame_ids_of,
    make_annotator,
    make_boxed_recording,
    make_candidates,
    make_comment,
    make_inspector,
    make_proposal,
    make_recording,
)


class Walk:
    """Random acts of everybody who writes to a recording, through the services."""

    def __init__(self, session: Session, recording: Recording, people: tuple[User, User]) -> None:
        self.session, self.recording = session, recording
        self.annotator, self.inspector = people
        self.random = random.Random(7)
        self.acts: list[Callable[[int], object]] = [
            self.move, self.move, self.accept, self.discard, self.undecide, self.box, self.box,
            self.judge, self.approve, self.comment, self.resolve, self.uncomment, self.delete,
        ]  # fmt: skip

    def step(self) -> None:
        """One act on one frame."""
        frame_id = self.random.choice(frame_ids_of(self.session, self.recording))
        self.random.choice(self.acts)(frame_id)
        self.session.flush()

    def _in(self, stage: Stage) -> None:
        self.recording.stage = stage.value
        self.session.flush()

    def move(self, frame_id: int) -> None:
        # Few places: now and then a joint comes back to where the box was made from.
        self._in(Stage.ANNOTATING)
        if annotation_of(self.session, frame_id).keypoints is not None:
            edit(
                self.session, self.annotator, frame_id, MoveJoint(3, self.random.choice([9, 10]), 9)
            )

    def accept(self, frame_id: int) -> None:
        self._in(Stage.ANNOTATING)
        accept(self.session, self.annotator, frame_id)

    def discard(self, frame_id: int) -> None:
        self._in(Stage.ANNOTATING)
        reasons = [DiscardReason.MOTION_BLUR, DiscardReason.NO_INFANT]
        discard(self.session, self.annotator, frame_id, self.random.choice(reasons))

    def undecide(self, frame_id: int) -> None:
        self._in(Stage.ANNOTATING)
        edit(self.session, self.annotator, frame_id, SetVerdict(Decision(Verdict.UNDECIDED)))

    def box(self, frame_id: int) -> None:
        self._in(Stage.BOXING)
        row = annotation_of(self.session, frame_id)
        if row.verdict == Verdict.KEEP.value and row.keypoints is not None:
            flagged = self.random.random() < 0.5
            proposal = make_proposal(Skeleton.from_flat(row.keypoints), flagged=flagged)
            store_proposal(self.session, frame_id, proposal)

    def judge(self, frame_id: int) -> None:
        self._in(Stage.INSPECTING_BOXES)
        box = self.session.get(FrameBox, frame_id, populate_existing=True)
        if box is not None and annotation_of(self.session, frame_id).verdict == Verdict.KEEP.value:
            judge_box(self.session, self.inspector, frame_id, BoxStatus.SENT_BACK, box.version)

    def approve(self, _: int) -> None:
        self._in(Stage.INSPECTING_BOXES)
        approve_remaining(
            self.session, self.inspector, self.recording, include_flagged=self.random.random() < 0.5
        )

    def comment(self, frame_id: int) -> None:
        make_comment(self.session, self.inspector, frame_id)

    def resolve(self, frame_id: int) -> None:
        for row in self.session.scalars(select(Comment).where(Comment.frame_id == frame_id)):
            row.resolved_at = None if row.resolved_at else datetime.now(UTC)

    def uncomment(self, frame_id: int) -> None:
        self.session.execute(delete(Comment).where(Comment.frame_id == frame_id))

    def delete(self, frame_id: int) -> None:
        # As cameras are synchronised anew: the frame goes with everything that hangs on it.
        if self.random.random() < 0.2 and len(frame_ids_of(self.session, self.recording)) > 4:
            self.session.execute(delete(Frame).where(Frame.id == frame_id))
            self.session.expire_all()


def test_after_any_acts_the_numbers_are_those_of_a_recount(session: Session) -> None:
    people = make_annotator(session), make_inspector(session)
    recording = make_recording(
        session, Stage.ANNOTATING, annotator=people[0], inspector=people[1], frames=12
    )
    make_candidates(session, recording)
    walk = Walk(session, recording, people)
    seen: set[str] = set()
    for _ in range(150):
        walk.step()
        assert drifts(session, [recording.id]) == []
        seen |= {what for what, n in numbers_of(session, [recording.id])[recording.id].items() if n}
        assert facts_of(session, recording.id) == _from_frames(session, recording.id)
    assert {"box:stale", "box:flagged", "box:approved", "box:sent_back", "comment:open"} <= seen
    # They became one now and then, or there would be some for each act.
    notes = select(RecordingCount).where(RecordingCount.recording_id == recording.id)
    assert len(session.scalars(notes).all()) < 150


def test_a_frame_that_goes_takes_its_box_and_comments_out_of_the_counts(session: Session) -> None:
    annotator, inspector = make_annotator(session), make_inspector(session)
    recording = make_boxed_recording(session, annotator, inspector=inspector, frames=5)
    going = frame_ids_of(session, recording)[:2]
    make_comment(session, inspector, going[0])
    session.execute(delete(Frame).where(Frame.id.in_(going)))
    found = summary(session, recording.id)
    assert (found.frames, found.boxes.total, found.open_comments) == (3, 3, 0)
    assert drifts(session, [recording.id]) == []


def test_how_fits_stand_is_counted_again_when_anything_that_matters_changed(
    session: Session,
) -> None:
    annotator = make_annotator(session)
    recording = make_seen_recording(session, annotator, frames=3, cameras=2)
    assert fit_counts(session, recording.id).fitted == 0
    make_fits(session, recording)
    first, second, third, *_ = frame_ids_of(session, recording)
    assert fit_counts(session, recording.id).model_dump() == {
        "fitted": 3, "verified": 0, "rejected": 0, "stale": 0, "gate_failed": 0,
    }  # fmt: skip
    edit(session, annotator, first, MoveJoint(9, 30.0, 40.0))
    assert fit_counts(session, recording.id).stale == 1
    discard(session, annotator, second)
    assert fit_counts(session, recording.id).stale == 2
    accept(session, annotator, second)
    assert fit_counts(session, recording.id).stale == 1
    session.execute(delete(FitView).where(FitView.frame_id == third))
    assert fit_counts(session, recording.id).stale == 2
    session.execute(delete(Fit).where(Fit.recording_id == recording.id))
    assert fit_counts(session, recording.id).fitted == 0


def test_nothing_is_counted_while_nothing_changes(session: Session) -> None:
    recording = make_seen_recording(session, make_annotator(session), frames=2)
    make_fits(session, recording)
    fit_counts(session, recording.id)
    kept = session.get_one(RecordingFits, recording.id)
    kept.counts = kept.counts | {"fitted": 77}
    session.flush()
    assert fit_counts(session, recording.id).fitted == 77


def test_a_recording_that_was_just_asked_for_has_no_numbers_yet(session: Session) -> None:
    recording = make_recording(session, Stage.INGESTING, frames=0)
    found = summary(session, recording.id)
    assert (found.frames, found.counts.undecided) == (0, 0)


def test_facts_of_a_recording_that_is_still_imported_are_not_kept(session: Session) -> None:
    recording = make_recording(session, Stage.INGESTING, frames=2)
    assert facts_of(session, recording.id).frames
    session.execute(delete(Frame).where(Frame.recording_id == recording.id))
    assert facts_of(session, recording.id).frames == {}


def test_who_annotated_is_known_until_the_last_frame_of_theirs_is_gone(session: Session) -> None:
    annotator = make_annotator(session)
    recording = make_recording(session, Stage.ANNOTATING, annotator=annotator, frames=2)
    make_candidates(session, recording)
    first, second = frame_ids_of(session, recording)
    assert not has_annotated(session, annotator.id, recording.id)
    accept(session, annotator, first)
    assert has_annotated(session, annotator.id, recording.id)
    session.execute(delete(Frame).where(Frame.id == second))
    assert has_annotated(session, annotator.id, recording.id)
    session.execute(delete(Frame).where(Frame.id == first))
    assert not has_annotated(session, annotator.id, recording.id)


def test_a_number_that_went_wrong_is_named_and_put_right(session: Session) -> None:
    recording = make_recording(session, frames=3)
    session.add(RecordingCount(recording_id=recording.id, what="state:accepted", n=5))
    session.flush()
    (found,) = [drift for drift in repair(session) if drift.recording_id == recording.id]
    assert (found.what, found.kept, found.counted) == ("state:accepted", 5, 0)
    assert drifts(session, [recording.id]) == []
    assert those_of(numbers_of(session, [recording.id])[recording.id], "state") == {"undecided": 3}


def test_two_people_save_in_one_recording_and_neither_waits(module_database_url: str) -> None:
    engine = make_engine(module_database_url)
    recording_id, annotator_id, frames = _committed(module_database_url)
    with Session(engine) as one, Session(engine) as other:
        for session, frame_id in ((one, frames[0]), (other, frames[1])):
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            # More than enough for notes to become one.
            person = session.get_one(User, annotator_id)
            for _ in range(20):
                accept(session, person, frame_id)
                discard(session, person, frame_id)
        other.commit()
        one.commit()
    with Session(engine) as session:
        assert drifts(session, [recording_id]) == []
    engine.dispose()


def test_numbers_hold_while_many_write_and_somebody_counts_anew(module_database_url: str) -> None:
    engine = make_engine(module_database_url)
    recording_id, annotator_id, frames = _committed(module_database_url)
    errors: list[Exception] = []

    def write(frame_id: int) -> None:
        try:
            for n in range(15):
                with transaction(engine) as session:
                    act = accept if n % 2 else discard
                    act(session, session.get_one(User, annotator_id), frame_id)
        except (DBAPIError, AssertionError) as error:
            errors.append(error)

    def count() -> None:
        for _ in range(15):
            with transaction(engine) as session:
                recount(session, [recording_id])

    threads = [threading.Thread(target=write, args=[frame_id]) for frame_id in frames[:4]]
    threads.append(threading.Thread(target=count))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with Session(engine) as session:
        assert drifts(session, [recording_id]) == []
    engine.dispose()


def _committed(url: str) -> tuple[int, int, list[int]]:
    engine = make_engine(url)
    with transaction(engine) as session:
        annotator = make_annotator(session)
        recording = make_recording(session, Stage.ANNOTATING, annotator=annotator, frames=6)
        make_candidates(session, recording)
        made = recording.id, annotator.id, frame_ids_of(session, recording)
        # The very first write of a person in a recording is noted by itself.
        accept(session, annotator, made[2][-1])
    engine.dispose()
    return made


@pytest.mark.parametrize("stage", [Stage.RETURNED, Stage.APPROVED])
def test_in_an_approved_recording_nothing_waits(session: Session, stage: Stage) -> None:
    annotator, inspector = make_annotator(session), make_inspector(session)
    recording = make_boxed_recording(session, annotator, inspector=inspector)
    for frame_id in frame_ids_of(session, recording):
        box = session.get_one(FrameBox, frame_id)
        judge_box(session, inspector, frame_id, BoxStatus.SENT_BACK, box.version)
    recording.round, recording.stage = 2, stage.value
    session.flush()
    assert summary(session, recording.id).to_revise == (0 if stage is Stage.APPROVED else 3)
