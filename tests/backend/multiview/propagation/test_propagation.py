"""Corrections travel: what follows from what people confirm, on real tables."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import AnnotationRevision, Recording, User
from backend.core.storage import BlobStore
from backend.domain.estimates import PoseEstimate
from backend.domain.keypoints import Skeleton
from backend.domain.operations import MoveJoint, SetSkeleton, SetVerdict
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import Decision, Verdict
from backend.labelling.annotations.service import store_candidates
from backend.labelling.estimates import repository as estimates
from backend.labelling.handouts import cutting
from backend.labelling.handouts.schemas import CutIn, PartIn
from backend.multiview.propagation import service
from backend.multiview.propagation.schemas import PropagationIn
from backend.multiview.propagation.sessions import Sessions
from tests.backend.multiview.propagation.travelling import (
    FRAMES,
    estimates_of,
    solve,
    versions_of,
    waved,
    wrist,
)
from tests.factories import (
    KEEP,
    accept,
    annotation_of,
    discard,
    edit,
    frame_ids_of,
    make_annotator,
    make_inspector,
    make_maintainer,
    make_recording,
    make_skeleton,
)


def test_every_undecided_frame_gets_an_estimate_and_none_that_is_decided(
    session: Session,
    storage: BlobStore,
    sessions: Sessions,
    recording: Recording,
    annotator: User,
) -> None:
    ids = frame_ids_of(session, recording)
    accept(session, annotator, ids[2])
    discard(session, annotator, ids[5])
    assert solve(session, storage, sessions, recording) == 1
    assert set(estimates_of(session, recording)) == set(ids) - {ids[2], ids[5]}


def test_nothing_is_written_to_annotations(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    accept(session, annotator, ids[2])
    before = versions_of(session, recording)
    solve(session, storage, sessions, recording)
    service.near(session, storage, sessions, recording.id, ids[2], 40)
    assert versions_of(session, recording) == before


def test_a_correction_draws_its_neighbours_and_taking_it_back_lets_them_go(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    middle, beside = ids[12], ids[13]
    solve(session, storage, sessions, recording)
    before = wrist(estimates_of(session, recording)[beside])
    joint = annotation_of(session, middle).keypoints
    assert joint is not None
    edit(session, annotator, middle, waved(before), KEEP)
    solve(session, storage, sessions, recording)
    after = estimates_of(session, recording)[beside]
    assert after.sources == [middle]
    assert wrist(after)[1] < before[1] - 15
    # Ctrl+Z: the verdict goes, and the joint lies where it lay.
    edit(
        session,
        annotator,
        middle,
        SetVerdict(Decision(Verdict.UNDECIDED)),
        SetSkeleton(annotation_of(session, middle).candidate_id, Skeleton.from_flat(joint)),
    )
    solve(session, storage, sessions, recording)
    again = estimates_of(session, recording)
    assert wrist(again[beside]) == pytest.approx(before, abs=0.01)
    assert again[beside].sources == []
    assert middle in again


def test_who_accepts_an_estimate_writes_whence_it_came(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    accept(session, annotator, ids[2])
    solve(session, storage, sessions, recording)
    acts = estimates.acts_of_taking(session, ids)
    assert set(acts) <= set(ids) - {ids[2]}
    taken = next(iter(acts))
    row = edit(session, annotator, taken, acts[taken], KEEP)
    assert row.propagated == {"sources": [ids[2]], "solve": 1, "joints": 2**N_JOINTS - 1}
    assert row.state == "accepted"
    revision = session.scalars(
        select(AnnotationRevision)
        .where(AnnotationRevision.frame_id == taken)
        .order_by(AnnotationRevision.version.desc())
    ).first()
    assert revision is not None
    assert revision.propagated == row.propagated
    moved = edit(session, annotator, taken, MoveJoint(3, 99.5, 88.25))
    assert moved.state == "corrected"
    assert moved.propagated is not None
    assert moved.propagated["joints"] == 2**N_JOINTS - 1 - 2**3


def test_the_expected_error_falls_as_frames_are_confirmed(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    solve(session, storage, sessions, recording)
    for frame_id in ids[::3]:
        accept(session, annotator, frame_id)
    solve(session, storage, sessions, recording)
    found = service.status(session, annotator, recording.id)
    first, last = found.history
    assert (first.confirmed, last.confirmed) == (0, 8)
    assert last.expected_error < first.expected_error
    assert found.up_to_date
    accept(session, annotator, ids[1])
    session.flush()
    assert not service.status(session, annotator, recording.id).up_to_date


def test_the_next_question_is_a_frame_that_nobody_confirmed(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    assert not service.question(session, storage, sessions, recording.id).ready
    solve(session, storage, sessions, recording)
    asked: list[int] = []
    for _ in range(4):
        found = service.question(session, storage, sessions, recording.id)
        assert found.ready
        assert found.frame_id is not None
        asked.append(found.frame_id)
        accept(session, annotator, found.frame_id)
        session.flush()
    assert len(set(asked)) == 4
    for frame_id in set(ids) - set(asked):
        accept(session, annotator, frame_id)
    solve(session, storage, sessions, recording)
    assert service.question(session, storage, sessions, recording.id).frame_id is None


def test_the_next_question_stays_within_the_part_of_who_asks(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    other = make_annotator(session, name="Bob")
    half = FRAMES // 2
    wanted = CutIn(
        parts=[
            PartIn(first=0, last=half - 1, user_id=other.id),
            PartIn(first=half, last=FRAMES - 1, user_id=annotator.id),
        ]
    )
    cutting.cut(session, make_maintainer(session), recording.id, wanted)
    ids = frame_ids_of(session, recording)
    solve(session, storage, sessions, recording)
    for asker, part in ((other, ids[:half]), (annotator, ids[half:])):
        for _ in range(2):
            found = service.question(session, storage, sessions, recording.id, asker)
            assert found.frame_id in part
            accept(session, asker, found.frame_id)
            session.flush()


def test_what_travelled_is_taken_back_and_let_go_again(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    solve(session, storage, sessions, recording)
    before = versions_of(session, recording)
    service.change(session, annotator, recording.id, PropagationIn(enabled=False))
    assert estimates_of(session, recording) == {}
    assert solve(session, storage, sessions, recording) is None
    assert service.near(
        session, storage, sessions, recording.id, frame_ids_of(session, recording)[0], 9
    ) == (1, [])
    service.change(session, annotator, recording.id, PropagationIn(enabled=True))
    assert solve(session, storage, sessions, recording) == 2
    assert len(estimates_of(session, recording)) == FRAMES
    assert versions_of(session, recording) == before


def test_only_its_annotator_and_maintainers_switch_it(
    session: Session, recording: Recording, annotator: User
) -> None:
    for person, may in (
        (annotator, True),
        (make_maintainer(session), True),
        (make_annotator(session), False),
        (make_inspector(session), False),
    ):
        assert service.status(session, person, recording.id).may_change is may


def test_an_empty_frame_is_given_no_infant(
    session: Session, storage: BlobStore, sessions: Sessions, annotator: User
) -> None:
    """Nobody was found there, and nobody near it was confirmed."""
    recording = make_recording(session, frames=FRAMES, annotator=annotator)
    ids = frame_ids_of(session, recording)
    body = PoseEstimate(
        np.array([(j.x, j.y) for j in make_skeleton(160, 120, 28).joints]),
        np.full(N_JOINTS, 0.8), 0.9, (150.0, 110.0, 140.0, 170.0),
    )  # fmt: skip
    found = {frame_id: [body] if i > 3 else [] for i, frame_id in enumerate(ids)}
    best = {frame_id: 0 if people else None for frame_id, people in found.items()}
    store_candidates(session, found, best, model="test-pose")
    solve(session, storage, sessions, recording)
    assert set(estimates_of(session, recording)) == set(ids[4:])


def test_before_the_infant_comes_a_correction_brings_no_joints(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    """A gap between frames with the infant is filled; what lies before the first is not."""
    ids = frame_ids_of(session, recording)
    empty = [*ids[:2], ids[8]]
    store_candidates(session, {i: [] for i in empty}, dict.fromkeys(empty, None), model="test-pose")
    for frame_id in (ids[4], ids[7], ids[10]):
        accept(session, annotator, frame_id)
    solve(session, storage, sessions, recording)
    inferred = estimates_of(session, recording)
    assert ids[8] in inferred
    assert not inferred.keys() & set(ids[:2])
