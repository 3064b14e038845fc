"""Many recordings are assigned at once, and nothing is lost on the way."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core.database.tables import User
from backend.domain.errors import Forbidden, InvalidInput
from backend.domain.workflow import Stage
from backend.labelling.handouts import service
from backend.labelling.handouts.schemas import BulkAssignIn
from tests.factories import (
    accept,
    annotation_of,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)


def test_reassigned_work_keeps_what_was_saved(session: Session) -> None:
    ann, ben = make_annotator(session), make_annotator(session)
    recording = make_recording(session, annotator=ann)
    make_candidates(session, recording)
    frame, other = frame_ids_of(session, recording)[:2]
    accept(session, ann, frame)
    wanted = BulkAssignIn(recording_ids=[recording.id], annotator_id=ben.id)
    done = service.assign_many(session, make_maintainer(session), wanted)
    assert done.assigned == [recording.id]
    assert annotation_of(session, frame).updated_by_id == ann.id
    accept(session, ben, other)
    with pytest.raises(Forbidden):
        accept(session, ann, other)


def test_those_that_cannot_be_assigned_stay_and_say_why(session: Session) -> None:
    ann, ben = make_annotator(session), make_annotator(session)
    fine = make_recording(session, annotator=ann)
    approved = make_recording(session, Stage.APPROVED, annotator=ann)
    own = make_recording(session, annotator=ann, inspector=ben)
    wanted = BulkAssignIn(recording_ids=[approved.id, own.id, fine.id], annotator_id=ben.id)
    done = service.assign_many(session, make_maintainer(session), wanted)
    assert done.assigned == [fine.id]
    assert {one.recording.id: one.reason for one in done.refused} == {
        approved.id: "This recording is approved and read-only.",
        own.id: "Nobody inspects what they annotate: choose two different people.",
    }
    assert (approved.annotator_id, own.annotator_id) == (ann.id, ann.id)


def test_in_rotation_goes_by_the_frames_that_are_left(session: Session) -> None:
    session.execute(update(User).values(is_active=False))
    ann, ben = make_annotator(session), make_annotator(session)
    large, *small = [make_recording(session, Stage.PRELABELLED, frames=n) for n in (4, 2, 2)]
    ids = [recording.id for recording in (large, *small)]
    wanted = BulkAssignIn(recording_ids=ids, in_rotation=True)
    done = service.assign_many(session, make_maintainer(session), wanted)
    assert done.assigned == ids
    assert large.annotator_id == ann.id
    assert [recording.annotator_id for recording in small] == [ben.id, ben.id]


def test_only_maintainers_assign_many(session: Session) -> None:
    recording = make_recording(session)
    wanted = BulkAssignIn(recording_ids=[recording.id], annotator_id=make_annotator(session).id)
    with pytest.raises(Forbidden):
        service.assign_many(session, make_inspector(session), wanted)


def test_somebody_has_to_be_named(session: Session) -> None:
    wanted = BulkAssignIn(recording_ids=[make_recording(session).id])
    with pytest.raises(InvalidInput, match="Name an annotator"):
        service.assign_many(session, make_maintainer(session), wanted)
