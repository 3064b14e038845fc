"""What SQL calls stale, usable and undecided is what the rules call so."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, FrameBox
from backend.domain.boxes import BoxStatus, awaits_decision, is_usable
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.staleness import is_stale
from backend.labelling.annotations.repository import from_skeleton
from backend.labelling.conditions import BOX_AWAITS_DECISION, BOX_STALE, BOX_USABLE, KEPT
from tests.factories import (
    annotation_of,
    discard,
    frame_ids_of,
    make_annotator,
    make_boxed_recording,
    make_skeleton,
)

MADE_FROM = make_skeleton(absent=[3])
NOW = {
    "the same joints": MADE_FROM,
    "the same joints, read from a file": Skeleton.from_flat(MADE_FROM.to_flat()),
    "an absent joint with a place": Skeleton(
        tuple(
            Joint(9, 9, Visibility.ABSENT) if i == 3 else joint
            for i, joint in enumerate(MADE_FROM.joints)
        )
    ),
    "a joint moved by a hundredth of a pixel": MADE_FROM.with_joint(
        5, Joint(MADE_FROM.joints[5].x + 0.01, MADE_FROM.joints[5].y, Visibility.VISIBLE)
    ),
    "a joint that is hidden now": MADE_FROM.with_joint(
        5, Joint(MADE_FROM.joints[5].x, MADE_FROM.joints[5].y, Visibility.OCCLUDED)
    ),
    "exchanged sides": MADE_FROM.swapped(),
    "no joints any more": None,
}


@pytest.fixture
def box(session: Session) -> FrameBox:
    recording = make_boxed_recording(session, make_annotator(session), frames=2)
    found = session.get(FrameBox, frame_ids_of(session, recording)[0])
    assert found is not None
    return found


@pytest.mark.parametrize("now", NOW.values(), ids=NOW.keys())
def test_a_box_is_stale_in_sql_when_it_is_by_the_rule(
    session: Session, box: FrameBox, now: Skeleton | None
) -> None:
    box.made_from = from_skeleton(MADE_FROM) or []
    annotation_of(session, box.frame_id).keypoints = from_skeleton(now)
    session.flush()
    stale = session.scalar(
        select(BOX_STALE)
        .join_from(FrameBox, Annotation, Annotation.frame_id == FrameBox.frame_id)
        .where(FrameBox.frame_id == box.frame_id)
    )
    assert stale is is_stale(MADE_FROM, now)


def test_a_box_is_usable_and_awaits_a_decision_in_sql_when_it_does_by_the_rule(
    session: Session, box: FrameBox
) -> None:
    joints = from_skeleton(MADE_FROM) or []
    for status, flagged, stale in product(BoxStatus, (False, True), (False, True)):
        box.status, box.flagged = status.value, flagged
        box.made_from = joints
        moved = [*joints[:-3], 1.0, 2.0, 2.0]
        annotation_of(session, box.frame_id).keypoints = moved if stale else joints
        session.flush()
        row = session.execute(
            select(BOX_USABLE, BOX_AWAITS_DECISION)
            .join_from(FrameBox, Annotation, Annotation.frame_id == FrameBox.frame_id)
            .where(FrameBox.frame_id == box.frame_id)
        ).one()
        assert row[0] is is_usable(stale=stale, sent_back=status is BoxStatus.SENT_BACK)
        assert row[1] is awaits_decision(flagged=flagged, decided=status is not BoxStatus.PROPOSED)


def test_a_frame_without_a_box_has_none_to_use_or_to_decide_on(
    session: Session, box: FrameBox
) -> None:
    frame_id = box.frame_id
    session.delete(box)
    session.flush()
    row = session.execute(
        select(BOX_USABLE.is_(True), BOX_AWAITS_DECISION.is_(True))
        .select_from(Annotation)
        .outerjoin(FrameBox, FrameBox.frame_id == Annotation.frame_id)
        .where(Annotation.frame_id == frame_id)
    ).one()
    assert row == (False, False)


def test_only_kept_frames_are_kept(session: Session) -> None:
    annotator = make_annotator(session)
    recording = make_boxed_recording(session, annotator, frames=2)
    kept, discarded = frame_ids_of(session, recording)
    recording.stage = "annotating"
    session.flush()
    discard(session, annotator, discarded)
    assert session.scalars(
        select(Annotation.frame_id).where(Annotation.recording_id == recording.id, KEPT)
    ).all() == [kept]
