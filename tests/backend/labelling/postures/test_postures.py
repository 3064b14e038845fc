"""Postures of a recording: who paints them when, and what two people do to each other."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, PostureRange, Recording, User
from backend.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from backend.domain.posture_ranges import PostureOrigin, Stroke
from backend.domain.postures import PostureLabel, label_of_posture
from backend.domain.workflow import Stage
from backend.labelling.postures import service
from backend.labelling.postures.schemas import PosturesOut
from backend.labelling.postures.standing import codes_at, posture_of_frame
from backend.recordings import access
from tests.factories import frames_of, make_annotator, make_inspector, make_recording

PRONE, SITTING = label_of_posture("prone_lying"), label_of_posture("sitting_without_support")
SUPINE = PostureLabel("supine")


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    return make_recording(session, Stage.ANNOTATING, annotator=annotator, frames=10, cameras=2)


def paint(
    session: Session,
    user: User,
    recording: Recording,
    *strokes: Stroke,
    version: int | None = None,
    operation_id: uuid.UUID | None = None,
) -> PosturesOut:
    now = service.postures_of(session, recording.id).version
    return service.paint_postures(
        session,
        user,
        recording.id,
        strokes,
        version=now if version is None else version,
        operation_id=operation_id or uuid.uuid4(),
    )


def placed(found: PosturesOut) -> list[tuple[int, int, str, str | None]]:
    return [(part.first, part.last, part.group, part.posture) for part in found.ranges]


def test_a_recording_begins_without_postures(session: Session, recording: Recording) -> None:
    found = service.postures_of(session, recording.id)
    assert (found.version, found.moments, found.covered, found.ranges) == (0, 10, 0, [])
    with pytest.raises(NotFound):
        service.postures_of(session, 10**9)


def test_a_posture_is_painted_over_others_and_cleared(
    session: Session, annotator: User, recording: Recording
) -> None:
    paint(session, annotator, recording, Stroke(0, 9, PRONE))
    paint(session, annotator, recording, Stroke(4, 6, SITTING))
    found = paint(session, annotator, recording, Stroke(0, 1, None), Stroke(9, 9, SUPINE))
    assert placed(found) == [
        (2, 3, "prone", "prone_lying"),
        (4, 6, "sitting", "sitting_without_support"),
        (7, 8, "prone", "prone_lying"),
        (9, 9, "supine", None),
    ]
    assert (found.version, found.covered, found.named) == (3, 8, 7)
    assert found.ranges[0].author is not None
    assert found.ranges[0].author.name == annotator.name
    assert service.postures_of(session, recording.id) == found


def test_everything_ever_said_stays_in_the_history(
    session: Session, annotator: User, recording: Recording
) -> None:
    paint(session, annotator, recording, Stroke(0, 9, PRONE, PostureOrigin.PROPOSED))
    paint(session, annotator, recording, Stroke(0, 9, None))
    clear, first = service.history(session, recording.id)
    assert (first.version, first.round, first.strokes[0].origin) == (1, 1, "proposed")
    assert (first.strokes[0].group, first.strokes[0].posture) == ("prone", "prone_lying")
    assert (clear.version, clear.strokes[0].group) == (2, None)
    assert clear.author is not None
    assert clear.author.id == annotator.id


def test_the_same_act_sent_again_changes_nothing(
    session: Session, annotator: User, recording: Recording
) -> None:
    act = uuid.uuid4()
    paint(session, annotator, recording, Stroke(0, 4, PRONE), operation_id=act)
    later = paint(session, annotator, recording, Stroke(0, 9, SITTING))
    again = paint(session, annotator, recording, Stroke(0, 4, PRONE), operation_id=act, version=0)
    assert again == later


def test_an_act_of_somebody_else_keeps_its_name(
    session: Session, annotator: User, recording: Recording
) -> None:
    act = uuid.uuid4()
    paint(session, annotator, recording, Stroke(0, 4, PRONE), operation_id=act)
    other = make_recording(session, Stage.ANNOTATING, annotator=annotator)
    with pytest.raises(Conflict, match="another act"):
        paint(session, annotator, other, Stroke(0, 1, PRONE), operation_id=act)


def test_two_people_do_not_paint_over_each_other_unseen(
    session: Session, annotator: User, recording: Recording
) -> None:
    paint(session, annotator, recording, Stroke(0, 4, PRONE))
    second = make_annotator(session)
    recording.annotator_id = second.id
    session.flush()
    with pytest.raises(StaleVersion, match=f"{annotator.name} changed postures") as caught:
        paint(session, second, recording, Stroke(4, 6, SITTING), version=0)
    assert caught.value.current["version"] == 1
    assert caught.value.current["ranges"][0]["posture"] == "prone_lying"
    beside = paint(session, second, recording, Stroke(5, 6, SITTING), version=0)
    assert [part.author.id for part in beside.ranges if part.author] == [annotator.id, second.id]
    seen = paint(session, second, recording, Stroke(4, 4, SITTING), version=2)
    assert placed(seen)[0] == (0, 3, "prone", "prone_lying")


def test_one_person_paints_on_before_the_answer_came(
    session: Session, annotator: User, recording: Recording
) -> None:
    paint(session, annotator, recording, Stroke(0, 9, PRONE), version=0)
    found = paint(session, annotator, recording, Stroke(5, 9, SITTING), version=0)
    assert placed(found)[0] == (0, 4, "prone", "prone_lying")


@pytest.mark.parametrize("stage", [Stage.INSPECTING, Stage.APPROVED, Stage.BOXING])
def test_postures_are_read_only_while_nobody_may_edit(
    session: Session, annotator: User, recording: Recording, stage: Stage
) -> None:
    recording.stage = stage.value
    session.flush()
    with pytest.raises(Conflict):
        paint(session, annotator, recording, Stroke(0, 1, PRONE))


def test_only_the_assigned_annotator_paints(session: Session, recording: Recording) -> None:
    with pytest.raises(Forbidden):
        paint(session, make_inspector(session), recording, Stroke(0, 1, PRONE))
    with pytest.raises(Forbidden):
        paint(session, make_annotator(session), recording, Stroke(0, 1, PRONE))


def test_who_painted_does_not_inspect(
    session: Session, annotator: User, recording: Recording
) -> None:
    assert not access.has_annotated(session, annotator.id, recording.id)
    paint(session, annotator, recording, Stroke(0, 1, PRONE))
    paint(session, annotator, recording, Stroke(0, 1, SITTING))
    assert access.has_annotated(session, annotator.id, recording.id)
    session.delete(frames_of(session, recording)[0])
    session.flush()
    assert access.has_annotated(session, annotator.id, recording.id)


def test_a_stroke_outside_of_the_recording_is_refused_as_a_whole(
    session: Session, annotator: User, recording: Recording
) -> None:
    with pytest.raises(InvalidInput, match="which has 10"):
        paint(session, annotator, recording, Stroke(0, 1, PRONE), Stroke(8, 10, PRONE))
    assert service.postures_of(session, recording.id).version == 0


def test_the_database_refuses_two_ranges_that_share_a_moment(
    session: Session, recording: Recording
) -> None:
    for first, last in ((0, 4), (4, 6)):
        session.add(
            PostureRange(
                recording_id=recording.id, first_moment=first, last_moment=last,
                posture_group="prone", origin="placed", round=1,
            )
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="ex_posture_ranges_apart"):
        session.flush()


def test_frames_of_all_cameras_have_the_posture_of_their_moment(
    session: Session, annotator: User, recording: Recording
) -> None:
    other = make_recording(session, Stage.ANNOTATING, annotator=annotator, frames=4)
    paint(session, annotator, recording, Stroke(2, 3, PRONE), Stroke(4, 4, SUPINE))
    paint(session, annotator, other, Stroke(3, 3, SITTING))
    named = session.execute(
        select(Frame.position, posture_of_frame()).where(Frame.recording_id == recording.id)
    )
    assert {row[0] for row in named if row[1] == "prone_lying"} == {2, 3, 12, 13}
    keys = np.array([recording.id] * 6 + [other.id] * 4)
    codes = codes_at(session, keys, np.array([0, 1, 2, 3, 4, 5, 0, 1, 2, 3]))
    assert codes.tolist() == [0, 0, 11, 11, 20, 0, 0, 0, 0, 33]


def test_postures_stay_with_their_frames_when_moments_are_made_anew(
    session: Session, annotator: User, recording: Recording
) -> None:
    paint(session, annotator, recording, Stroke(2, 4, PRONE), Stroke(5, 9, SITTING))
    put_back = service.carried_along(session, recording)
    frames = frames_of(session, recording)
    first_camera = frames[:10]
    # The first two frames are gone from this camera: every other one begins two moments earlier.
    targets = [frame.moment_id for frame in first_camera]
    for frame in first_camera[:2]:
        session.delete(frame)
    session.flush()
    for frame, target in zip(first_camera[2:], targets, strict=False):
        frame.moment_id = target
        session.flush()
    put_back()
    found = service.postures_of(session, recording.id)
    assert placed(found) == [
        (0, 2, "prone", "prone_lying"),
        (3, 7, "sitting", "sitting_without_support"),
    ]
    assert service.history(session, recording.id)[0].author is None
