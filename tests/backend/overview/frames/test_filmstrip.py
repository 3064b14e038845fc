"""The filmstrip and the frame document, over rounds of review."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Recording, User
from backend.domain.document import MoveJoint
from backend.domain.errors import NotFound
from backend.domain.reviews import Mark
from backend.domain.verdicts import DiscardReason
from backend.domain.workflow import Stage
from backend.labelling.marks import service as marks
from backend.overview.frames import service
from backend.overview.frames.schemas import FrameItem, FrameList
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
    make_mark,
    make_recording,
)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    recording = make_recording(session, annotator=annotator, frames=3, cameras=2)
    make_candidates(session, recording)
    return recording


def strip(session: Session, recording: Recording) -> list[FrameItem]:
    session.expire_all()
    found = orjson.loads(orjson.dumps(service.filmstrip(session, recording.id)))
    return FrameList.model_validate(found).frames


def move_to(session: Session, recording: Recording, stage: Stage, round_number: int = 1) -> None:
    recording.stage = stage.value
    recording.round = round_number
    session.flush()


def test_frames_come_camera_by_camera_and_then_by_time(
    session: Session, recording: Recording
) -> None:
    frames = strip(session, recording)
    assert [frame.position for frame in frames] == [0, 1, 2, 3, 4, 5]
    assert [frame.moment_index for frame in frames] == [0, 1, 2, 0, 1, 2]
    assert len({frame.camera_id for frame in frames[:3]}) == 1
    assert frames[0].moment_id == frames[3].moment_id
    assert frames[0].camera_id != frames[3].camera_id


def test_each_cell_shows_its_state(session: Session, recording: Recording, annotator: User) -> None:
    ids = frame_ids_of(session, recording)
    accept(session, annotator, ids[1])
    edit(session, annotator, ids[2], MoveJoint(0, 5, 5))
    accept(session, annotator, ids[2])
    discard(session, annotator, ids[3], DiscardReason.LIGHTING)
    frames = strip(session, recording)
    states = [frame.state.value for frame in frames]
    assert states == ["undecided", "accepted", "corrected", "discarded", "undecided", "undecided"]
    assert frames[3].reason is DiscardReason.LIGHTING
    assert not any(f.returned or f.changed or f.comments or f.mark or f.box for f in frames)


def test_marks_and_open_comments_show(
    session: Session, recording: Recording, inspector: User
) -> None:
    move_to(session, recording, Stage.INSPECTING)
    first, second, *_ = frame_ids_of(session, recording)
    marks.mark(session, inspector, first, Mark.GOOD)
    marks.mark(session, inspector, second, Mark.REVISE)
    make_comment(session, inspector, second)
    make_comment(session, inspector, second, joint=3)
    make_comment(session, inspector, first).resolved_at = annotation_of(session, first).updated_at
    session.flush()
    frames = strip(session, recording)
    assert [frame.mark for frame in frames[:3]] == [Mark.GOOD, Mark.REVISE, None]
    assert [frame.comments for frame in frames[:3]] == [0, 2, 0]


def test_the_next_round_shows_what_was_returned_and_what_changed(
    session: Session, recording: Recording, annotator: User, inspector: User
) -> None:
    ids = frame_ids_of(session, recording)
    for frame_id in ids:
        accept(session, annotator, frame_id)
    for frame_id in ids[:3]:
        make_mark(session, inspector, frame_id)
    move_to(session, recording, Stage.RETURNED, 2)
    frames = strip(session, recording)
    assert [frame.returned for frame in frames] == [True] * 3 + [False] * 3
    assert not any(frame.mark or frame.changed for frame in frames)

    accept(session, annotator, ids[0])  # looked at, nothing to mend
    edit(session, annotator, ids[1], MoveJoint(5, 77, 88))
    discard(session, annotator, ids[3])
    frames = strip(session, recording)
    assert [frame.returned for frame in frames] == [False, False, True, False, False, False]
    assert [frame.changed for frame in frames] == [False, True, False, True, False, False]


def test_a_change_taken_back_is_no_change(
    session: Session, recording: Recording, annotator: User
) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    before = accept(session, annotator, frame_id).keypoints
    assert before is not None
    move_to(session, recording, Stage.RETURNED, 2)
    edit(session, annotator, frame_id, MoveJoint(0, 7, 7))
    assert strip(session, recording)[0].changed
    edit(session, annotator, frame_id, MoveJoint(0, before[0], before[1]))
    assert not strip(session, recording)[0].changed


def test_boxes_show_on_kept_frames(session: Session, annotator: User, inspector: User) -> None:
    recording = make_boxed_recording(session, annotator, inspector=inspector)
    first, second, third = frame_ids_of(session, recording)
    marks.mark(session, inspector, first, Mark.REVISE)
    frames = strip(session, recording)
    assert frames[0].mark is Mark.REVISE
    assert frames[0].box is not None
    assert (frames[0].box.status, frames[0].box.stale) == ("sent_back", False)
    move_to(session, recording, Stage.BOXES_RETURNED, 2)
    edit(session, annotator, second, MoveJoint(0, 1, 2))
    discard(session, annotator, third)
    frames = strip(session, recording)
    assert frames[0].returned
    assert frames[1].box is not None
    assert frames[1].box.stale
    assert frames[2].box is None


def test_the_number_of_queries_does_not_grow_with_the_session(
    session: Session, connection: Connection, annotator: User
) -> None:
    counts = []
    for n in (2, 40):
        recording = make_recording(
            session, Stage.RETURNED, annotator=annotator, frames=n, round_number=2
        )
        statements: list[Any] = []
        event.listen(connection, "before_cursor_execute", lambda *a, s=statements: s.append(a[2]))
        service.filmstrip(session, recording.id)
        counts.append(len(statements))
        session.expire_all()
    assert counts[0] == counts[1] <= 12


def test_a_recording_that_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        service.filmstrip(session, 10**12)


def test_the_document_holds_all_that_the_editor_needs(
    session: Session, recording: Recording
) -> None:
    frame_id = frame_ids_of(session, recording)[4]
    document = service.document(session, frame_id)
    assert (document.id, document.recording_id) == (frame_id, recording.id)
    assert (document.position, document.camera_name) == (4, "camera 2")
    assert (document.width, document.height) == (640, 480)
    assert document.image_url == f"/api/v1/frames/{frame_id}/image"
    assert [c.rank for c in document.candidates] == [0, 1]
    assert document.annotation.candidate_id == document.candidates[0].id
    assert document.annotation.joints == document.candidates[0].joints
    assert document.candidates[0].scores == [0.8] * 17
    assert document.annotation.version == 1
    assert document.annotation.updated_by is None
    assert document.previous is None
    assert document.changed_joints == []
    assert document.comments == []
    assert (document.mark, document.returned, document.box) == (None, False, None)


def test_the_document_names_who_wrote_last(
    session: Session, recording: Recording, annotator: User
) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    accept(session, annotator, frame_id)
    updated_by = service.document(session, frame_id).annotation.updated_by
    assert updated_by is not None
    assert updated_by.name == annotator.name


def test_the_document_compares_with_the_last_submission(
    session: Session, recording: Recording, annotator: User, inspector: User
) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    submitted = accept(session, annotator, frame_id).keypoints
    make_mark(session, inspector, frame_id)
    make_comment(session, inspector, frame_id, joint=9)
    move_to(session, recording, Stage.RETURNED, 2)
    document = service.document(session, frame_id)
    assert document.returned
    assert document.changed_joints == []
    assert document.comments[0].joint == 9

    edit(session, annotator, frame_id, MoveJoint(9, 11, 12))
    edit(session, annotator, frame_id, MoveJoint(4, 13, 14))
    document = service.document(session, frame_id)
    assert not document.returned
    assert document.changed_joints == [4, 9]
    assert document.previous is not None
    assert document.previous.round == 1
    assert document.previous.joints is not None
    assert submitted is not None
    assert [document.previous.joints[9].x, document.previous.joints[9].y] == submitted[27:29]

    move_to(session, recording, Stage.RETURNED, 3)
    assert service.document(session, frame_id).changed_joints == []


def test_people_of_an_earlier_run_are_left_out_unless_chosen(
    session: Session, recording: Recording, annotator: User
) -> None:
    chosen, other, *_ = frame_ids_of(session, recording)
    accept(session, annotator, chosen)
    make_candidates(session, recording, people=1, model="better-pose")
    models = [c.model for c in service.document(session, chosen).candidates]
    assert models == ["better-pose", "test-pose"]
    models = [c.model for c in service.document(session, other).candidates]
    assert models == ["better-pose"]


def test_the_document_shows_the_box(session: Session, annotator: User) -> None:
    recording = make_boxed_recording(session, annotator, frames=1)
    (frame_id,) = frame_ids_of(session, recording)
    box = service.document(session, frame_id).box
    assert box is not None
    assert box.mask_url == f"/api/v1/frames/{frame_id}/mask.png?v=1"
    assert not box.stale


def test_each_cell_says_what_its_picture_measures_against_the_recording(
    session: Session, recording: Recording
) -> None:
    ids = frame_ids_of(session, recording)
    session.get_one(Frame, ids[1]).sharpness = 1.0
    session.get_one(Frame, ids[2]).mean_luma = 3.0
    session.get_one(Frame, ids[3]).duplicate_of_id = ids[0]
    session.flush()
    frames = strip(session, recording)
    assert [[flag.value for flag in frame.flags] for frame in frames[:4]] == [
        [], ["blurred"], ["dark"], ["duplicate"],
    ]  # fmt: skip
