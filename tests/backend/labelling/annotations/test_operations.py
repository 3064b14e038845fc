"""People's writes: versioned, idempotent, kept for ever."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import AnnotationRevision, Recording, User
from backend.domain.document import (
    ChooseCandidate,
    MoveJoint,
    PlaceJoint,
    SetSkeleton,
    SetVerdict,
    SetVisibility,
    SwapSides,
)
from backend.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from backend.domain.keypoints import Visibility
from backend.domain.verdicts import Decision, DiscardReason, FrameState, Verdict
from backend.domain.workflow import Stage
from backend.labelling.annotations.service import history
from backend.labelling.documents.service import Read, apply_operations
from tests.factories import (
    KEEP,
    annotation_of,
    edit,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
    make_skeleton,
)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    recording = make_recording(session, annotator=annotator, frames=2)
    make_candidates(session, recording)
    return recording


@pytest.fixture
def frame_id(session: Session, recording: Recording) -> int:
    return frame_ids_of(session, recording)[0]


def revisions(session: Session, frame_id: int) -> list[AnnotationRevision]:
    return list(
        session.scalars(
            select(AnnotationRevision)
            .where(AnnotationRevision.frame_id == frame_id)
            .order_by(AnnotationRevision.version)
        )
    )


def test_a_frame_accepted_as_proposed_is_accepted(
    session: Session, annotator: User, frame_id: int
) -> None:
    proposed = annotation_of(session, frame_id).keypoints
    annotation = edit(session, annotator, frame_id, KEEP)
    assert annotation.state == FrameState.ACCEPTED
    assert annotation.verdict == Verdict.KEEP
    assert annotation.keypoints == proposed


def test_a_frame_with_a_moved_joint_is_corrected(
    session: Session, annotator: User, frame_id: int
) -> None:
    annotation = edit(session, annotator, frame_id, MoveJoint(9, 33.25, 44.5), KEEP)
    assert annotation.state == FrameState.CORRECTED
    assert annotation.keypoints is not None
    assert annotation.keypoints[27:30] == [33.25, 44.5, 2.0]


def test_a_joint_moved_and_moved_back_leaves_the_frame_accepted(
    session: Session, annotator: User, frame_id: int
) -> None:
    before = annotation_of(session, frame_id).keypoints
    assert before is not None
    edit(session, annotator, frame_id, KEEP, MoveJoint(0, 1, 2))
    annotation = edit(session, annotator, frame_id, MoveJoint(0, before[0], before[1]))
    assert annotation.state == FrameState.ACCEPTED


def test_choosing_the_other_person_takes_their_joints(
    session: Session, annotator: User, recording: Recording
) -> None:
    frame_id, candidates = next(iter(make_candidates(session, recording).items()))
    annotation = edit(session, annotator, frame_id, ChooseCandidate(candidates[1].id), KEEP)
    assert annotation.candidate_id == candidates[1].id
    assert annotation.keypoints == candidates[1].skeleton
    assert annotation.state == FrameState.ACCEPTED


def test_a_skeleton_can_be_placed_joint_by_joint_from_nothing(
    session: Session, annotator: User
) -> None:
    (frame_id,) = frame_ids_of(session, make_recording(session, annotator=annotator, frames=1))
    annotation = edit(
        session,
        annotator,
        frame_id,
        PlaceJoint(0, 10, 20.5, Visibility.VISIBLE),
        PlaceJoint(5, 30, 40, Visibility.OCCLUDED),
        KEEP,
    )
    assert annotation.candidate_id is None
    assert annotation.keypoints is not None
    assert annotation.keypoints[:6] == [10.0, 20.5, 2.0, 0.0, 0.0, 0.0]
    assert annotation.keypoints[15:18] == [30.0, 40.0, 1.0]
    assert annotation.state == FrameState.CORRECTED


def test_a_discarded_frame_keeps_its_joints_and_says_why(
    session: Session, annotator: User, frame_id: int
) -> None:
    decision = Decision(Verdict.DISCARD, DiscardReason.OTHER, "a dog in front")
    annotation = edit(session, annotator, frame_id, SetVerdict(decision))
    assert (annotation.state, annotation.reason) == (FrameState.DISCARDED, DiscardReason.OTHER)
    assert annotation.reason_text == "a dog in front"
    assert annotation.keypoints is not None


def test_each_write_is_one_version_with_its_author_round_and_operations(
    session: Session, annotator: User, recording: Recording, frame_id: int
) -> None:
    edit(session, annotator, frame_id, SwapSides(), SetVisibility(3, Visibility.OCCLUDED))
    recording.round = 2
    session.flush()
    edit(session, annotator, frame_id, KEEP)
    steps = history(session, frame_id)
    assert [step.version for step in steps] == [1, 2, 3]
    assert [step.round for step in steps] == [1, 1, 2]
    assert steps[0].model == "test-pose"
    assert steps[0].author is None
    assert steps[1].author is not None
    assert steps[1].author.id == annotator.id
    assert steps[1].operations == [
        {"type": "swapSides"},
        {"type": "setVisibility", "joint": 3, "visibility": 1},
    ]
    assert steps[2].verdict == Verdict.KEEP


def test_accepting_again_changes_nothing_but_counts_as_a_step(
    session: Session, annotator: User, frame_id: int
) -> None:
    first = edit(session, annotator, frame_id, KEEP)
    state = (first.verdict, first.state, first.keypoints)
    second = edit(session, annotator, frame_id, KEEP)
    assert (second.verdict, second.state, second.keypoints) == state
    assert len(revisions(session, frame_id)) == 3


def test_the_same_write_sent_twice_happens_once_and_is_answered_alike(
    session: Session, annotator: User, frame_id: int
) -> None:
    operation_id = uuid.uuid4()
    operations = [MoveJoint(2, 12, 13), KEEP]
    first = apply_operations(session, annotator, frame_id, Read(1), operation_id, operations)
    edit(session, annotator, frame_id, MoveJoint(2, 50, 50))
    second = apply_operations(session, annotator, frame_id, Read(1), operation_id, operations)
    assert second == first
    assert len(revisions(session, frame_id)) == 3
    assert annotation_of(session, frame_id).version == 3


def test_a_repeated_write_is_answered_even_after_submission(
    session: Session, annotator: User, recording: Recording, frame_id: int
) -> None:
    operation_id = uuid.uuid4()
    first = apply_operations(session, annotator, frame_id, Read(1), operation_id, [KEEP])
    recording.stage = Stage.INSPECTING.value
    session.flush()
    assert apply_operations(session, annotator, frame_id, Read(1), operation_id, [KEEP]) == first


def test_an_operation_id_of_another_write_is_refused(
    session: Session, annotator: User, recording: Recording
) -> None:
    first, second = frame_ids_of(session, recording)
    operation_id = uuid.uuid4()
    apply_operations(session, annotator, first, Read(1), operation_id, [KEEP])
    with pytest.raises(Conflict, match="already used"):
        apply_operations(session, annotator, second, Read(1), operation_id, [KEEP])
    with pytest.raises(Conflict, match="already used"):
        apply_operations(session, annotator, first, Read(2), operation_id, [SwapSides()])


def test_a_write_on_an_old_version_gets_both_states_to_merge(
    session: Session, annotator: User, frame_id: int
) -> None:
    edit(session, annotator, frame_id, MoveJoint(0, 5, 6))
    with pytest.raises(StaleVersion) as stale:
        apply_operations(session, annotator, frame_id, Read(1), uuid.uuid4(), [MoveJoint(1, 7, 8)])
    assert stale.value.current["version"] == 2
    assert stale.value.current["joints"][0] == {"x": 5, "y": 6, "v": 2}
    assert stale.value.context["base"]["version"] == 1
    assert stale.value.context["base"]["joints"][0] != {"x": 5, "y": 6, "v": 2}
    assert annotation_of(session, frame_id).version == 2


def test_the_base_of_an_untouched_frame_is_empty(session: Session, annotator: User) -> None:
    (frame_id,) = frame_ids_of(session, make_recording(session, annotator=annotator, frames=1))
    edit(session, annotator, frame_id, PlaceJoint(0, 5, 6, Visibility.VISIBLE))
    with pytest.raises(StaleVersion) as stale:
        apply_operations(session, annotator, frame_id, Read(0), uuid.uuid4(), [KEEP])
    assert stale.value.context["base"]["version"] == 0
    assert stale.value.context["base"]["joints"] is None


def test_operations_happen_together_or_not_at_all(
    session: Session, annotator: User, frame_id: int
) -> None:
    before = annotation_of(session, frame_id).keypoints
    with pytest.raises(InvalidInput, match="no candidate"):
        edit(session, annotator, frame_id, MoveJoint(0, 1, 1), ChooseCandidate(10**9))
    annotation = annotation_of(session, frame_id)
    assert (annotation.version, annotation.keypoints) == (1, before)


@pytest.mark.parametrize(
    "operation",
    [PlaceJoint(0, -1, 5, Visibility.VISIBLE), MoveJoint(0, 5, 480.5), MoveJoint(0, 640.5, 5)],
)
def test_a_joint_outside_the_image_is_refused(
    session: Session, annotator: User, frame_id: int, operation: PlaceJoint | MoveJoint
) -> None:
    with pytest.raises(InvalidInput, match="nose would lie outside the image"):
        edit(session, annotator, frame_id, operation)


def test_a_candidate_of_another_frame_is_refused(
    session: Session, annotator: User, recording: Recording
) -> None:
    first, second = make_candidates(session, recording).items()
    with pytest.raises(InvalidInput, match="no candidate"):
        edit(session, annotator, first[0], ChooseCandidate(second[1][0].id))


def test_joints_copied_from_another_frame_belong_to_no_candidate(
    session: Session, annotator: User, frame_id: int
) -> None:
    skeleton = make_skeleton(200, 200)
    annotation = edit(session, annotator, frame_id, SetSkeleton(None, skeleton), KEEP)
    assert annotation.candidate_id is None
    assert annotation.state == FrameState.CORRECTED


@pytest.mark.parametrize(
    "stage", sorted(set(Stage) - {Stage.ANNOTATING, Stage.RETURNED, Stage.BOXES_RETURNED})
)
def test_nothing_is_written_outside_the_stages_for_it(
    session: Session, annotator: User, recording: Recording, frame_id: int, stage: Stage
) -> None:
    recording.stage = stage.value
    session.flush()
    with pytest.raises(Conflict):
        edit(session, annotator, frame_id, KEEP)


def test_only_the_assigned_annotator_writes(session: Session, frame_id: int) -> None:
    for somebody in (
        make_annotator(session),
        make_inspector(session),
        make_maintainer(session),
    ):
        with pytest.raises(Forbidden):
            edit(session, somebody, frame_id, KEEP)
    assert all(row.author_id is None for row in revisions(session, frame_id))


def test_a_frame_that_does_not_exist_is_not_found(session: Session, annotator: User) -> None:
    with pytest.raises(NotFound):
        apply_operations(session, annotator, 10**12, Read(0), uuid.uuid4(), [KEEP])
