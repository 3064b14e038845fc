"""A long recording in parts: who edits what, how they are submitted, and which come back."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, RecordingPart, User
from backend.domain.errors import Conflict, Forbidden, InvalidInput
from backend.domain.reviews import Mark
from backend.domain.workflow import Event, Stage
from backend.labelling.handouts import cutting, repository
from backend.labelling.handouts.schemas import CutIn
from backend.labelling.marks import service as marks
from backend.labelling.workflow import service as workflow
from backend.overview.recordings import own_parts
from backend.overview.recordings.service import detail, summary
from backend.recordings.access import get_recording
from tests.factories import (
    accept,
    annotation_of,
    frames_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)


class Cut:
    """A recording of six moments and two cameras in two parts."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.boss = make_maintainer(session)
        self.ann = make_annotator(session, name="Ann")
        self.ben = make_annotator(session, name="Ben")
        self.recording: Recording = make_recording(
            session, Stage.ANNOTATING, frames=6, cameras=2, annotator=self.ann
        )
        make_candidates(session, self.recording)
        people = [self.ann.id, self.ben.id]
        cutting.cut(session, self.boss, self.recording.id, CutIn(people=people))
        rows = session.scalars(
            select(RecordingPart)
            .where(RecordingPart.recording_id == self.recording.id)
            .order_by(RecordingPart.index)
        ).all()
        self.parts = list(rows)
        frames = frames_of(session, self.recording)
        # Camera by camera: moments 0-2 of either camera are Ann's.
        self.of_ann = [f.id for i, f in enumerate(frames) if i % 6 < 3]
        self.of_ben = [f.id for i, f in enumerate(frames) if i % 6 >= 3]

    def finish(self, person: User, frames: list[int], part: RecordingPart) -> bool:
        for frame in frames:
            accept(self.session, person, frame)
        return cutting.submit(self.session, person, part.id)


@pytest.fixture
def halves(session: Session) -> Cut:
    return Cut(session)


def test_each_edits_their_own_moments_in_every_camera(session: Session, halves: Cut) -> None:
    for frame in halves.of_ann:
        accept(session, halves.ann, frame)
    with pytest.raises(Forbidden, match="part 2, which Ben corrects"):
        accept(session, halves.ann, halves.of_ben[0])
    with pytest.raises(Forbidden, match="part 1, which Ann corrects"):
        accept(session, halves.ben, halves.of_ann[0])


def test_the_recording_is_inspected_once_all_parts_are_in(session: Session, halves: Cut) -> None:
    assert halves.finish(halves.ben, halves.of_ben, halves.parts[1]) is False
    assert halves.recording.stage == Stage.ANNOTATING
    assert halves.finish(halves.ann, halves.of_ann, halves.parts[0]) is True
    assert halves.recording.stage == Stage.INSPECTING


def test_a_part_with_undecided_frames_is_not_submitted(session: Session, halves: Cut) -> None:
    for frame in halves.of_ann[1:]:
        accept(session, halves.ann, frame)
    with pytest.raises(Conflict, match="1 of its frames not decided yet") as refused:
        cutting.submit(session, halves.ann, halves.parts[0].id)
    assert refused.value.context["undecided"] == [halves.of_ann[0]]


def test_a_submitted_part_is_closed_for_its_person(session: Session, halves: Cut) -> None:
    halves.finish(halves.ben, halves.of_ben, halves.parts[1])
    with pytest.raises(Forbidden, match="You submitted part 2"):
        accept(session, halves.ben, halves.of_ben[0])


def test_submitting_a_part_twice_is_no_error(session: Session, halves: Cut) -> None:
    halves.finish(halves.ben, halves.of_ben, halves.parts[1])
    assert cutting.submit(session, halves.ben, halves.parts[1].id) is False


def test_the_whole_is_not_submitted_over_open_parts(session: Session, halves: Cut) -> None:
    recording = get_recording(session, halves.recording.id, lock="update")
    with pytest.raises(Conflict, match="2 parts are not submitted yet"):
        workflow.fire(session, recording, Event.SUBMIT, halves.ann)


def test_only_the_part_with_something_to_revise_comes_back(session: Session, halves: Cut) -> None:
    halves.finish(halves.ben, halves.of_ben, halves.parts[1])
    halves.finish(halves.ann, halves.of_ann, halves.parts[0])
    inspector = make_inspector(session)
    marks.mark(session, inspector, halves.of_ben[0], Mark.REVISE)
    recording = get_recording(session, halves.recording.id, lock="update")
    workflow.fire(session, recording, Event.RETURN, inspector)
    shown = repository.parts_with_progress(session, recording.id)
    assert [part.submitted_at is None for part in shown] == [False, True]
    with pytest.raises(Forbidden, match="You submitted part 1"):
        accept(session, halves.ann, halves.of_ann[0])
    accept(session, halves.ben, halves.of_ben[0])
    assert cutting.submit(session, halves.ben, halves.parts[1].id) is True
    assert halves.recording.stage == Stage.INSPECTING


def test_one_part_goes_to_somebody_else_with_what_was_saved(session: Session, halves: Cut) -> None:
    accept(session, halves.ben, halves.of_ben[0])
    cleo = make_annotator(session)
    cutting.reassign(session, halves.boss, halves.parts[1].id, cleo.id)
    assert annotation_of(session, halves.of_ben[0]).state == "accepted"
    accept(session, cleo, halves.of_ben[1])
    with pytest.raises(Forbidden):
        accept(session, halves.ben, halves.of_ben[2])


def test_nobody_inspects_a_recording_in_which_a_part_is_theirs(
    session: Session, halves: Cut
) -> None:
    with pytest.raises(Conflict, match="corrects a part"):
        workflow.assign(
            session, halves.recording, halves.boss, {"inspector_id": _both(session, halves).id}
        )


def _both(session: Session, halves: Cut) -> User:
    """An annotator of a part who could inspect as well."""
    halves.ben.roles = ["annotator", "inspector"]
    session.flush()
    return halves.ben


def test_joined_again_it_is_its_annotators_as_a_whole(session: Session, halves: Cut) -> None:
    accept(session, halves.ben, halves.of_ben[0])
    cutting.join(session, halves.boss, halves.recording.id)
    accept(session, halves.ann, halves.of_ben[1])
    assert repository.parts_with_progress(session, halves.recording.id) == []


def test_progress_is_told_by_part(session: Session, halves: Cut) -> None:
    accept(session, halves.ben, halves.of_ben[0])
    first, second = repository.parts_with_progress(session, halves.recording.id)
    assert (first.frames, first.undecided, first.last_saved_at) == (6, 6, None)
    assert (second.frames, second.undecided) == (6, 5)
    # Its first moment is frame 3 of the first camera, which is decided; frame 4 is next.
    assert (first.start_position, second.start_position) == (0, 4)
    assert second.last_saved_at is not None


def test_a_recording_under_inspection_is_not_cut(session: Session) -> None:
    ann, ben = make_annotator(session), make_annotator(session)
    recording = make_recording(session, Stage.INSPECTING, annotator=ann)
    with pytest.raises(Conflict, match="is inspecting"):
        cutting.cut(session, make_maintainer(session), recording.id, CutIn(people=[ann.id, ben.id]))


def test_parts_go_to_annotators_only(session: Session) -> None:
    recording = make_recording(session, annotator=make_annotator(session))
    people = [make_annotator(session).id, make_inspector(session).id]
    with pytest.raises(InvalidInput, match="is not an annotator"):
        cutting.cut(session, make_maintainer(session), recording.id, CutIn(people=people))


def test_whoever_submitted_their_part_only_looks_at_the_recording(halves: Cut) -> None:
    for frame in halves.of_ann:
        accept(halves.session, halves.ann, frame)
    before = detail(halves.session, halves.ann, halves.recording)
    part = repository.parts_with_progress(halves.session, halves.recording.id)[0]
    cutting.submit(halves.session, halves.ann, part.id)
    after = detail(halves.session, halves.ann, halves.recording)
    assert (before.can.edit, after.can.edit) == (True, False)
    assert "submitted your part" in (after.blocked_reason or "")
    assert detail(halves.session, halves.ben, halves.recording).can.edit


def test_my_work_counts_the_own_part_and_begins_in_it(session: Session, halves: Cut) -> None:
    accept(session, halves.ben, halves.of_ben[0])
    accept(session, halves.ann, halves.of_ann[0])
    rows = [summary(session, halves.recording.id)]
    (item,) = own_parts.of_person(session, halves.ben.id, rows)
    assert (item.frames, item.counts.undecided, item.counts.accepted) == (6, 5, 1)
    (part,) = item.own_parts
    assert (part.index, part.parts, part.left, part.start_position) == (1, 2, 5, 4)


def test_of_a_returned_recording_my_work_counts_what_is_to_revise_in_the_own_part(
    session: Session, halves: Cut
) -> None:
    halves.finish(halves.ann, halves.of_ann, halves.parts[0])
    halves.finish(halves.ben, halves.of_ben, halves.parts[1])
    ines = make_inspector(session)
    marks.mark(session, ines, halves.of_ben[1], Mark.REVISE)
    recording = get_recording(session, halves.recording.id, lock="update")
    workflow.fire(session, recording, Event.RETURN, ines)
    (item,) = own_parts.of_person(session, halves.ben.id, [summary(session, recording.id)])
    assert (item.to_revise, item.counts.undecided, item.own_parts[0].left) == (1, 0, 1)
    assert item.own_parts[0].start_position == 4
    (whole,) = own_parts.of_person(session, halves.ann.id, [summary(session, recording.id)])
    assert whole.own_parts == []
