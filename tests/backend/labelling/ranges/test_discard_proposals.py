"""Proposed ranges: computed from rows, taken, refused, and not proposed again."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Frame, Recording, User
from backend.domain.discards.proposals import ProposalState
from backend.domain.errors import Conflict, Forbidden
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from backend.labelling.discards import service as discards
from backend.labelling.handouts import cutting
from backend.labelling.handouts.schemas import CutIn
from backend.labelling.ranges.service import FramesRead, set_verdict, undo
from tests.factories import (
    make_annotator,
    make_candidates,
    make_maintainer,
    make_recording,
)


@pytest.fixture
def film(session: Session, annotator: User) -> Recording:
    """Forty frames of two cameras; the light is off in ten of the second camera's."""
    recording = make_recording(session, annotator=annotator, frames=40, cameras=2)
    make_candidates(session, recording, people=1)
    frames = session.scalars(
        select(Frame).where(Frame.recording_id == recording.id).order_by(Frame.position)
    ).all()
    cameras = sorted({frame.camera_id for frame in frames})
    for camera in cameras:
        for i, frame in enumerate(f for f in frames if f.camera_id == camera):
            frame.sharpness, frame.mean_luma = 300.0, 120.0
            if camera == cameras[1] and 12 <= i < 22:
                frame.mean_luma = 15.0
    session.flush()
    return recording


def test_a_dark_stretch_of_one_camera_is_proposed_with_what_was_measured(
    session: Session, film: Recording
) -> None:
    assert discards.compute(session, film.id) == 1
    (found,) = discards.listed(session, film.id).proposals
    assert (found.reason, found.state) == (DiscardReason.LIGHTING, ProposalState.OPEN)
    assert "15 of 255" in found.words
    frames = session.scalars(
        select(Frame).where(
            Frame.camera_id == found.camera_id, Frame.position.between(found.first, found.last)
        )
    ).all()
    assert [frame.mean_luma for frame in frames] == [15.0] * 10


def test_taking_a_proposal_discards_its_frames_and_taking_that_back_opens_it(
    session: Session, annotator: User, film: Recording
) -> None:
    discards.compute(session, film.id)
    (found,) = discards.listed(session, film.id).proposals
    rows = session.execute(
        select(Frame.id, Annotation.version)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .where(Frame.camera_id == found.camera_id, Frame.position.between(found.first, found.last))
    )
    read = FramesRead({row.id: row.version for row in rows})
    dark = Decision(Verdict.DISCARD, found.reason)
    act = set_verdict(session, annotator, film.id, uuid.uuid4(), read, dark, proposal_id=found.id)
    assert len(act.frames) == 10
    assert state_of(session, film) is ProposalState.TAKEN
    undone = undo(session, annotator, film.id, uuid.uuid4(), act.operation_id)
    assert state_of(session, film) is ProposalState.OPEN
    undo(session, annotator, film.id, uuid.uuid4(), undone.operation_id)
    assert state_of(session, film) is ProposalState.TAKEN
    with pytest.raises(Conflict):
        discards.say(session, annotator, film.id, found.id, ProposalState.REFUSED)


def state_of(session: Session, film: Recording) -> ProposalState:
    (proposal,) = discards.listed(session, film.id).proposals
    return proposal.state


def test_a_refused_range_is_kept_as_refused_and_not_proposed_again(
    session: Session, annotator: User, film: Recording
) -> None:
    discards.compute(session, film.id)
    (found,) = discards.listed(session, film.id).proposals
    for _ in range(2):
        said = discards.say(session, annotator, film.id, found.id, ProposalState.REFUSED)
        assert (said.state, said.decided_by) == (ProposalState.REFUSED, annotator.name)
    assert discards.compute(session, film.id) == 0
    assert state_of(session, film) is ProposalState.REFUSED


def test_without_pre_labels_nothing_is_said_of_the_infant(
    session: Session, annotator: User
) -> None:
    recording = make_recording(session, annotator=annotator, frames=20)
    for frame in session.scalars(select(Frame).where(Frame.recording_id == recording.id)):
        frame.sharpness, frame.mean_luma = 300.0, 120.0
    session.flush()
    assert discards.compute(session, recording.id) == 0


def test_the_holder_of_a_part_refuses_what_reaches_into_it(
    session: Session, annotator: User, film: Recording
) -> None:
    discards.compute(session, film.id)
    (found,) = discards.listed(session, film.id).proposals
    boss, other = make_maintainer(session), make_annotator(session)
    halves = [
        {"first": 0, "last": 29, "user_id": annotator.id},
        {"first": 30, "last": 39, "user_id": other.id},
    ]
    cutting.cut(session, boss, film.id, CutIn.model_validate({"parts": halves}))
    with pytest.raises(Forbidden, match="part 1"):
        discards.say(session, other, film.id, found.id, ProposalState.REFUSED)
    said = discards.say(session, annotator, film.id, found.id, ProposalState.REFUSED)
    assert said.state is ProposalState.REFUSED
    across = [
        {"first": 0, "last": 14, "user_id": annotator.id},
        {"first": 15, "last": 39, "user_id": other.id},
    ]
    cutting.cut(session, boss, film.id, CutIn.model_validate({"parts": across}))
    said = discards.say(session, other, film.id, found.id, ProposalState.OPEN)
    assert said.state is ProposalState.OPEN
