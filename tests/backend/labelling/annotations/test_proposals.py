"""What models and files say of frames, and how people's work is kept from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import AnnotationRevision, Candidate, Recording, User
from backend.domain.boxes import Box
from backend.domain.document import UNDECIDED, ChooseCandidate, PlaceJoint, SetVerdict
from backend.domain.errors import InvalidInput, NotFound
from backend.domain.estimates import PoseEstimate
from backend.domain.infants import Apart, PersonRole
from backend.domain.keypoints import Skeleton, Visibility
from backend.domain.verdicts import FrameState
from backend.labelling.annotations.service import import_annotations, store_candidates
from tests.factories import (
    HEIGHT,
    WIDTH,
    accept,
    annotation_of,
    discard,
    edit,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_estimate,
    make_recording,
    make_skeleton,
)


@dataclass(frozen=True)
class Person:
    skeleton: Skeleton
    box: Box | None = None
    score: float | None = None
    joint_scores: tuple[float, ...] | None = None
    role: PersonRole = PersonRole.UNCLEAR
    apart: Apart | None = None
    source: dict[str, Any] | None = None


@pytest.fixture
def recording(session: Session) -> Recording:
    return make_recording(session, annotator=make_annotator(session), frames=3)


def candidates_of(session: Session, frame_id: int, *, retired: bool = False) -> list[Candidate]:
    return list(
        session.scalars(
            select(Candidate)
            .where(Candidate.frame_id == frame_id, Candidate.retired == retired)
            .order_by(Candidate.rank)
            .execution_options(populate_existing=True)
        )
    )


def count_revisions(session: Session, recording: Recording) -> int:
    ids = frame_ids_of(session, recording)
    return session.execute(
        select(func.count()).where(AnnotationRevision.frame_id.in_(ids))
    ).scalar_one()


def test_everybody_is_kept_and_the_likeliest_infant_is_proposed(
    session: Session, recording: Recording
) -> None:
    found = make_candidates(session, recording, people=3, proposed=2, simulated=True)
    for frame_id, people in found.items():
        assert [person.rank for person in people] == [0, 1, 2]
        assert all(person.simulated and person.model == "test-pose" for person in people)
        annotation = annotation_of(session, frame_id)
        assert annotation.candidate_id == people[2].id
        assert annotation.keypoints == people[2].skeleton
        assert annotation.state == FrameState.UNDECIDED
        assert (annotation.version, annotation.updated_by_id) == (1, None)


def test_joints_of_low_score_are_proposed_as_occluded_and_those_outside_as_absent(
    session: Session, recording: Recording
) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    estimate = make_estimate()
    estimate.scores[3] = 0.1
    estimate.keypoints[4] = (-5, 10)
    store_candidates(session, {frame_id: [estimate]}, {frame_id: 0}, model="m")
    (candidate,) = candidates_of(session, frame_id)
    assert candidate.skeleton[9:12] == [*estimate.keypoints[3], 1.0]
    assert candidate.skeleton[12:15] == [0.0, 0.0, 0.0]
    assert candidate.keypoints[12:15] == [-5.0, 10.0, 0.8]


def test_a_batch_that_is_run_again_changes_nothing(session: Session, recording: Recording) -> None:
    before = make_candidates(session, recording)
    again = make_candidates(session, recording)
    assert {f: [c.id for c in people] for f, people in before.items()} == {
        f: [c.id for c in people] for f, people in again.items()
    }
    assert count_revisions(session, recording) == 3


def test_another_model_retires_the_earlier_candidates(
    session: Session, recording: Recording
) -> None:
    make_candidates(session, recording, people=2)
    make_candidates(session, recording, people=1, model="better-pose")
    for frame_id in frame_ids_of(session, recording):
        assert len(candidates_of(session, frame_id, retired=True)) == 2
        (candidate,) = candidates_of(session, frame_id)
        assert annotation_of(session, frame_id).candidate_id == candidate.id
        assert annotation_of(session, frame_id).version == 2


def test_a_model_that_finds_nobody_takes_its_earlier_proposal_back(
    session: Session, recording: Recording
) -> None:
    make_candidates(session, recording)
    make_candidates(session, recording, people=0, model="blind")
    for frame_id in frame_ids_of(session, recording):
        annotation = annotation_of(session, frame_id)
        assert (annotation.candidate_id, annotation.keypoints) == (None, None)


def test_nobody_found_leaves_an_untouched_frame_at_version_0(
    session: Session, recording: Recording
) -> None:
    make_candidates(session, recording, people=0)
    versions = {annotation_of(session, i).version for i in frame_ids_of(session, recording)}
    assert versions == {0}


def test_people_s_work_is_never_written_over(session: Session, recording: Recording) -> None:
    make_candidates(session, recording)
    annotator = make_annotator(session)
    recording.annotator_id = annotator.id
    session.flush()
    kept, dropped, begun = frame_ids_of(session, recording)
    accept(session, annotator, kept)
    discard(session, annotator, dropped)
    edit(session, annotator, begun, PlaceJoint(0, 1, 2, Visibility.VISIBLE))
    before = [
        (a.version, a.candidate_id, a.keypoints, a.state)
        for a in (annotation_of(session, i) for i in (kept, dropped, begun))
    ]
    make_candidates(session, recording, people=1, model="better-pose")
    after = [
        (a.version, a.candidate_id, a.keypoints, a.state)
        for a in (annotation_of(session, i) for i in (kept, dropped, begun))
    ]
    assert after == before
    assert len(candidates_of(session, kept)) == 1


def test_a_decision_taken_back_is_still_a_person_s(session: Session, recording: Recording) -> None:
    make_candidates(session, recording)
    annotator = make_annotator(session)
    recording.annotator_id = annotator.id
    session.flush()
    frame_id = frame_ids_of(session, recording)[0]
    edit(session, annotator, frame_id, PlaceJoint(0, 1, 2, Visibility.VISIBLE))
    edit(session, annotator, frame_id, SetVerdict(UNDECIDED))
    keypoints = annotation_of(session, frame_id).keypoints
    make_candidates(session, recording, model="better-pose")
    assert annotation_of(session, frame_id).keypoints == keypoints


def test_numbers_that_are_not_finite_are_refused(session: Session, recording: Recording) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    estimate = make_estimate()
    estimate.keypoints[0, 0] = np.nan
    with pytest.raises(InvalidInput, match="finite"):
        store_candidates(session, {frame_id: [estimate]}, {frame_id: 0}, model="m")


def test_a_wrong_number_of_joints_is_refused(session: Session, recording: Recording) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    estimate = PoseEstimate(np.zeros((16, 2)), np.zeros(16), 0.5, (0, 0, 1, 1))
    with pytest.raises(InvalidInput, match="17 joints"):
        store_candidates(session, {frame_id: [estimate]}, {frame_id: 0}, model="m")


def test_proposing_somebody_who_is_not_there_is_refused(
    session: Session, recording: Recording
) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    with pytest.raises(InvalidInput, match="no person 1"):
        store_candidates(session, {frame_id: [make_estimate()]}, {frame_id: 1}, model="m")


def test_frames_that_do_not_exist_are_named(session: Session) -> None:
    with pytest.raises(NotFound, match="1000000000"):
        store_candidates(session, {10**9: [make_estimate()]}, {10**9: 0}, model="m")


def test_an_imported_person_who_is_alone_is_proposed_with_the_file_s_visibility(
    session: Session, recording: Recording
) -> None:
    alone, several, nobody = frame_ids_of(session, recording)
    skeleton = make_skeleton(20, 20, 10.125, occluded=[3], absent=[4])
    people = {
        alone: [Person(skeleton, Box(10, 11, 50, 60))],
        several: [Person(skeleton), Person(make_skeleton(300, 50))],
        nobody: [],
    }
    import_annotations(session, people, source="people.json")
    assert Skeleton.from_flat(annotation_of(session, alone).keypoints or []) == skeleton
    assert annotation_of(session, alone).state == FrameState.UNDECIDED
    assert annotation_of(session, several).keypoints is None
    assert annotation_of(session, nobody).version == 0
    (candidate,) = candidates_of(session, alone)
    assert candidate.box == [10.0, 11.0, 50.0, 60.0]
    assert candidate.model == "people.json"
    scores = candidate.keypoints[2::3]
    assert (scores[0], scores[4]) == (1.0, 0.0)
    assert 0 < scores[3] < 0.3
    assert len(candidates_of(session, several)) == 2


def test_the_infant_of_a_file_is_proposed_among_others_and_nobody_else(
    session: Session, recording: Recording
) -> None:
    beside, without, _ = frame_ids_of(session, recording)
    infant, carer = Person(make_skeleton(), role=PersonRole.INFANT), Person(make_skeleton(9, 9))
    carer = replace(carer, role=PersonRole.OTHER)
    import_annotations(session, {beside: [carer, infant], without: [carer]}, source="x")
    _, second = candidates_of(session, beside)
    assert annotation_of(session, beside).candidate_id == second.id
    assert annotation_of(session, without).candidate_id is None


def test_people_who_are_kept_apart_are_stored_and_cannot_be_chosen(
    session: Session, recording: Recording
) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    crowd = Person(make_skeleton(), Box(1, 2, 3, 4), apart=Apart.CROWD)
    nobody = Person(Skeleton.empty(), apart=Apart.NO_JOINTS)
    import_annotations(session, {frame_id: [crowd, Person(make_skeleton()), nobody]}, source="x")
    stored = candidates_of(session, frame_id)
    assert [row.apart for row in stored] == [Apart.CROWD, None, Apart.NO_JOINTS]
    assert annotation_of(session, frame_id).candidate_id == stored[1].id
    annotator = session.get_one(User, recording.annotator_id)
    with pytest.raises(InvalidInput, match=f"no candidate {stored[0].id}"):
        edit(session, annotator, frame_id, ChooseCandidate(stored[0].id))


def test_a_file_s_scores_stay_with_its_joints(session: Session, recording: Recording) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    person = Person(make_skeleton(absent=[1]), joint_scores=(0.25,) * 17)
    import_annotations(session, {frame_id: [person]}, source="x")
    (candidate,) = candidates_of(session, frame_id)
    assert candidate.keypoints[2:6:3] == [0.25, 0.0]


def test_an_imported_person_without_a_box_gets_the_joints_extent(
    session: Session, recording: Recording
) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    import_annotations(session, {frame_id: [Person(make_skeleton(20, 30, 10))]}, source="x")
    (candidate,) = candidates_of(session, frame_id)
    assert candidate.box == [20.0, 30.0, 30.0, 40.0]


def test_imported_joints_outside_the_image_stay_as_they_were_placed(
    session: Session, recording: Recording
) -> None:
    frame_id = frame_ids_of(session, recording)[0]
    skeleton = make_skeleton()
    outside = skeleton.with_joint(0, replace(skeleton.joints[0], x=WIDTH + 1))
    outside = outside.with_joint(1, replace(skeleton.joints[1], x=WIDTH, y=HEIGHT))
    import_annotations(session, {frame_id: [Person(outside)]}, source="x")
    (candidate,) = candidates_of(session, frame_id)
    v = float(skeleton.joints[0].visibility)
    assert candidate.skeleton[:3] == [WIDTH + 1.0, skeleton.joints[0].y, v]
    assert candidate.skeleton[3:6] == [float(WIDTH), float(HEIGHT), 2.0]
