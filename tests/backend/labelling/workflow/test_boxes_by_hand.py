"""Boxes by hand: from approved joints over drawn boxes to an export, without any model."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Export, Job, Recording, User
from backend.core.jobs import payloads
from backend.domain.boxes import Box, BoxOrigin, BoxStatus
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.workflow import Event, Stage
from backend.labelling.boxes import service as boxes
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.workflow import service as stages
from backend.publishing.exports import service as releases
from tests.factories import (
    accept,
    discard,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)

DRAWN = Box(20.0, 30.0, 200.0, 100.0)


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session)


@pytest.fixture
def recording(session: Session, inspector: User) -> Recording:
    """Approved joints: two frames kept, one discarded, no box."""
    annotator = make_annotator(session)
    recording = make_recording(
        session, Stage.ANNOTATING, frames=3, annotator=annotator, inspector=inspector
    )
    make_candidates(session, recording)
    first, second, third = frame_ids_of(session, recording)
    accept(session, annotator, first)
    accept(session, annotator, second)
    discard(session, annotator, third)
    recording.stage = Stage.KEYPOINTS_APPROVED.value
    session.flush()
    return recording


def test_boxes_by_hand_are_asked_of_a_worker_without_models(
    session: Session, recording: Recording
) -> None:
    maintainer = make_maintainer(session)
    stages.fire(session, recording, Event.BOX, maintainer, by_hand=True)
    job = session.scalars(select(Job).where(Job.recording_id == recording.id)).one()
    assert (recording.stage, job.queue) == (Stage.BOXING, "cpu")
    assert payloads.read(BoxesPayload, job.payload) == BoxesPayload(by_hand=True)


def test_only_boxes_are_drawn_by_hand_and_without_a_model(
    session: Session, recording: Recording, inspector: User
) -> None:
    with pytest.raises(InvalidInput, match="no model is used"):
        stages.fire(session, recording, Event.BOX, inspector, model="sam2.1-tiny", by_hand=True)
    with pytest.raises(InvalidInput, match="Only boxes"):
        stages.fire(session, recording, Event.REOPEN, inspector, note="so", by_hand=True)
    assert recording.stage == Stage.KEYPOINTS_APPROVED


def test_drawn_boxes_are_approved_and_exported_with_their_own_area(
    session: Session, recording: Recording, inspector: User
) -> None:
    first, second, discarded = frame_ids_of(session, recording)
    stages.fire(session, recording, Event.BOX, inspector, by_hand=True)
    stages.fire(session, recording, Event.BOX_FINISHED, None)
    stages.fire(session, recording, Event.START_BOX_REVIEW, inspector)
    box = boxes.draw_box(session, inspector, first, DRAWN, None)
    assert (box.version, box.origin, box.has_mask) == (1, BoxOrigin.HUMAN, False)
    boxes.judge_box(session, inspector, first, BoxStatus.APPROVED, box.version)
    with pytest.raises(Conflict, match="1 frame without a box"):
        stages.fire(session, recording, Event.APPROVE, inspector)
    with pytest.raises(Conflict, match="Only a kept frame"):
        boxes.draw_box(session, inspector, discarded, DRAWN, None)
    boxes.draw_box(session, inspector, second, DRAWN, None)
    assert boxes.approve_remaining(session, inspector, recording, include_flagged=False) == 1
    stages.fire(session, recording, Event.APPROVE, inspector)
    assert recording.stage == Stage.APPROVED

    export = Export(recording_ids=[recording.id], filename="by-hand.json")
    session.add(export)
    session.flush()
    session.refresh(export)
    file = io.BytesIO()
    releases.write_export(session, export, file)
    annotations = json.loads(file.getvalue())["annotations"]
    assert [a["bbox"] for a in annotations] == [[20.0, 30.0, 200.0, 100.0]] * 2
    outline = [20.0, 30.0, 220.0, 30.0, 220.0, 130.0, 20.0, 130.0]
    assert [(a["area"], a["segmentation"]) for a in annotations] == [(20000.0, [outline])] * 2
    assert {a["infantnet"]["area_of"] for a in annotations} == {"box"}
