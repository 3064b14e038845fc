"""What the segmenter says, stored once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import BoxRevision, Recording, User
from backend.domain.boxes import Box, BoxOrigin, BoxStatus
from backend.domain.errors import Conflict, NotFound
from backend.domain.keypoints import Skeleton
from backend.domain.reviews import ReviewKind
from backend.domain.workflow import Stage
from backend.labelling.boxes.service import judge_box, store_proposal
from backend.labelling.reviews.repository import mark_of
from tests.factories import (
    annotation_of,
    discard,
    make_proposal,
    make_skeleton,
)


def joints_of(session: Session, frame_id: int) -> Skeleton:
    return Skeleton.from_flat(annotation_of(session, frame_id).keypoints or [])


def test_a_proposal_is_stored_as_it_is(
    session: Session, recording: Recording, frame_id: int
) -> None:
    proposal = make_proposal(
        joints_of(session, frame_id),
        box=Box(1, 2, 30, 40),
        consistency=0.6,
        flagged=True,
        attempts=("points", "box", "several masks"),
    )
    row = store_proposal(session, frame_id, proposal)
    assert row is not None
    assert (row.x, row.y, row.width, row.height) == (1.0, 2.0, 30.0, 40.0)
    assert (row.mask_counts, row.mask_area) == (proposal.mask_counts, proposal.mask_area)
    assert (row.flagged, row.consistency, row.version) == (True, 0.6, 2)
    assert row.attempts == ["points", "box", "several masks"]
    assert (row.origin, row.status) == (BoxOrigin.MODEL, BoxStatus.PROPOSED)


def test_the_same_proposal_again_changes_nothing(session: Session, frame_id: int) -> None:
    proposal = make_proposal(joints_of(session, frame_id), consistency=0.6)
    first = store_proposal(session, frame_id, proposal)
    second = store_proposal(session, frame_id, proposal)
    assert first is not None
    assert second is not None
    assert second.version == 2
    count = session.scalar(select(func.count()).where(BoxRevision.frame_id == frame_id))
    assert count == 2


def test_the_same_proposal_does_not_take_an_approval_back(
    session: Session, inspector: User, frame_id: int
) -> None:
    judge_box(session, inspector, frame_id, BoxStatus.APPROVED, 1)
    row = store_proposal(session, frame_id, make_proposal(joints_of(session, frame_id)))
    assert row is not None
    assert row.status == BoxStatus.APPROVED


def test_an_answer_to_a_box_sent_back_awaits_the_inspector_again(
    session: Session, inspector: User, frame_id: int
) -> None:
    judge_box(session, inspector, frame_id, BoxStatus.SENT_BACK, 1)
    row = store_proposal(session, frame_id, make_proposal(joints_of(session, frame_id)))
    assert row is not None
    assert (row.status, row.version) == (BoxStatus.PROPOSED, 3)
    assert mark_of(session, frame_id, ReviewKind.BOXES, 1) is None


def test_a_proposal_without_a_mask_is_a_box_all_the_same(session: Session, frame_id: int) -> None:
    bare = replace(
        make_proposal(joints_of(session, frame_id)),
        mask_counts=None,
        mask_area=None,
        mask_score=None,
        consistency=None,
    )
    row = store_proposal(session, frame_id, bare)
    assert row is not None
    assert row.mask_counts is None


def test_a_proposal_for_a_frame_that_was_discarded_is_dropped(
    session: Session, annotator: User, recording: Recording, frame_id: int
) -> None:
    recording.stage = Stage.BOXES_RETURNED.value
    session.flush()
    proposal = make_proposal(joints_of(session, frame_id), consistency=0.5)
    discard(session, annotator, frame_id)
    assert store_proposal(session, frame_id, proposal) is None


@pytest.mark.parametrize("stage", [Stage.ANNOTATING, Stage.INSPECTING, Stage.APPROVED])
def test_settled_boxes_stay_as_they_are(
    session: Session, recording: Recording, frame_id: int, stage: Stage
) -> None:
    recording.stage = stage.value
    session.flush()
    with pytest.raises(Conflict, match="stay as they are"):
        store_proposal(session, frame_id, make_proposal(make_skeleton()))


def test_a_frame_that_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        store_proposal(session, 10**12, make_proposal(make_skeleton()))
