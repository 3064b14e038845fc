"""Acceptance in playback: what was seen, undecided and sound, with speed and person."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, AnnotationRevision, Frame, Recording, User
from backend.domain.document import MoveJoint
from backend.domain.estimates import PoseEstimate
from backend.domain.ranges import Skip
from backend.labelling.annotations.service import store_candidates
from backend.labelling.ranges.service import FramesRead, accept_seen
from tests.factories import accept, annotation_of, discard, edit, frame_ids_of, make_recording

VECTORS = Path(__file__).parents[3] / "vectors" / "checks.json"


@pytest.fixture
def film(session: Session, annotator: User) -> Recording:
    """Twelve frames of an infant about whom nothing is to be asked."""
    recording = make_recording(session, annotator=annotator, frames=12)
    sound = np.array(json.loads(VECTORS.read_text())["cases"][0]["joints"], dtype=np.float64)
    infant = PoseEstimate(
        keypoints=sound[:, :2], scores=np.full(17, 0.9), score=0.9, box=(225.0, 92.0, 150.0, 268.0)
    )
    frames = frame_ids_of(session, recording)
    store_candidates(
        session, {frame: [infant] for frame in frames}, dict.fromkeys(frames, 0), model="sound"
    )
    for frame in session.scalars(select(Frame).where(Frame.recording_id == recording.id)):
        frame.mean_luma, frame.sharpness = 120.0, 300.0
    session.flush()
    return recording


def read_now(session: Session, frames: Sequence[int]) -> FramesRead:
    rows = session.execute(
        select(Annotation.frame_id, Annotation.version).where(Annotation.frame_id.in_(frames))
    )
    return FramesRead({row.frame_id: row.version for row in rows})


def test_what_was_seen_in_playback_is_accepted_with_speed_and_person(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    discard(session, annotator, frames[0])
    read = read_now(session, frames)
    done = accept_seen(session, annotator, film.id, uuid.uuid4(), read, 5.0)
    assert done.frames == frames[1:]
    assert set(done.playback_fps) == {5.0}
    assert done.skipped[0].why is Skip.DECIDED
    last = session.scalars(
        select(AnnotationRevision)
        .where(AnnotationRevision.frame_id == frames[5])
        .order_by(AnnotationRevision.version.desc())
    ).first()
    assert last is not None
    assert (last.playback_fps, last.author_id, last.state) == (5.0, annotator.id, "accepted")
    accept(session, annotator, frames[5])
    session.expire_all()
    assert annotation_of(session, frames[5]).playback_fps is None
    assert annotation_of(session, frames[6]).playback_fps == 5.0


def test_frames_that_deserve_a_second_look_are_not_accepted_in_playback(
    session: Session, annotator: User, film: Recording
) -> None:
    frames = frame_ids_of(session, film)
    edit(session, annotator, frames[3], MoveJoint(9, 600.0, 5.0), MoveJoint(7, 2.0, 470.0))
    dark = session.get_one(Frame, frames[7])
    dark.mean_luma = 12.0
    session.flush()
    read = read_now(session, frames)
    done = accept_seen(session, annotator, film.id, uuid.uuid4(), read, 10.0)
    left = {frame.frame_id for frame in done.skipped if frame.why is Skip.FLAGGED}
    # The frame after the odd one is compared with it, and only that.
    assert {frames[3], frames[7]} <= left <= {frames[3], frames[4], frames[7]}
