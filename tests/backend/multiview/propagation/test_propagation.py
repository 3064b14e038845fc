"""Corrections travel: what follows from what people confirm, on real tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Estimate,
    FlowFile,
    FrameBox,
    PropagationSolve,
    Recording,
    User,
)
from backend.core.settings import Settings
from backend.core.storage import BlobStore, open_store
from backend.domain.boxes import BoxOrigin
from backend.domain.estimates import PoseEstimate
from backend.domain.flow_grids import GRID, FlowGrids
from backend.domain.keypoints import Skeleton, Visibility
from backend.domain.masks import encode
from backend.domain.operations import MoveJoint, PlaceJoint, SetSkeleton, SetVerdict, TakeEstimate
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import Decision, Verdict
from backend.labelling.annotations.service import store_candidates
from backend.labelling.estimates import repository as estimates
from backend.multiview.propagation import evidence, service
from backend.multiview.propagation.schemas import PropagationIn
from backend.multiview.propagation.sessions import Sessions
from tests.factories import (
    KEEP,
    accept,
    annotation_of,
    discard,
    edit,
    frame_ids_of,
    frames_of,
    make_annotator,
    make_inspector,
    make_maintainer,
    make_recording,
    make_skeleton,
)

FRAMES = 24
WRIST, ANKLE = 9, 15


def _people(session: Session, recording: Recording, lost: Sequence[int] = ()) -> None:
    """A body that drifts through the picture; in some frames the model lost its left wrist."""
    found: dict[int, list[PoseEstimate]] = {}
    for frame in frames_of(session, recording):
        t = frame.time_s
        body = np.array([(j.x, j.y) for j in make_skeleton(160 + 9 * t, 120 + 6 * t, 28).joints])
        scores = np.full(N_JOINTS, 0.8)
        if frame.position in lost:
            scores[WRIST] = 0.0
        found[frame.id] = [PoseEstimate(body, scores, 0.9, (150.0, 110.0, 140.0, 170.0))]
    store_candidates(session, found, dict.fromkeys(found, 0), model="test-pose")


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    recording = make_recording(session, frames=FRAMES, annotator=annotator)
    for frame in frames_of(session, recording):
        frame.time_s = frame.position / 30
    _people(session, recording, lost=range(8, 17))
    return recording


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> BlobStore:
    return open_store(settings.model_copy(update={"storage": f"file://{tmp_path}/store"}))


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


def _solve(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> int | None:
    session.flush()
    return service.solve_whole(session, storage, sessions, recording.id)


def _estimates(session: Session, recording: Recording) -> dict[int, Estimate]:
    rows = session.scalars(
        select(Estimate)
        .where(Estimate.recording_id == recording.id)
        .execution_options(populate_existing=True)
    )
    return {row.frame_id: row for row in rows}


def _wrist(estimate: Estimate) -> tuple[float, float]:
    return (estimate.joints[2 * WRIST], estimate.joints[2 * WRIST + 1])


def _waved(at: tuple[float, float]) -> PlaceJoint:
    """The lost wrist is seen, higher up."""
    return PlaceJoint(WRIST, at[0], at[1] - 40, Visibility.VISIBLE)


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
    assert _solve(session, storage, sessions, recording) == 1
    assert set(_estimates(session, recording)) == set(ids) - {ids[2], ids[5]}


def test_nothing_is_written_to_annotations(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    accept(session, annotator, ids[2])
    before = _versions(session, recording)
    _solve(session, storage, sessions, recording)
    service.near(session, storage, sessions, recording.id, ids[2], 40)
    assert _versions(session, recording) == before


def test_a_correction_draws_its_neighbours_and_taking_it_back_lets_them_go(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    middle, beside = ids[12], ids[13]
    _solve(session, storage, sessions, recording)
    before = _wrist(_estimates(session, recording)[beside])
    joint = annotation_of(session, middle).keypoints
    assert joint is not None
    edit(session, annotator, middle, _waved(before), KEEP)
    _solve(session, storage, sessions, recording)
    after = _estimates(session, recording)[beside]
    assert after.sources == [middle]
    assert _wrist(after)[1] < before[1] - 15
    # Ctrl+Z: the verdict goes, and the joint lies where it lay.
    edit(
        session,
        annotator,
        middle,
        SetVerdict(Decision(Verdict.UNDECIDED)),
        SetSkeleton(annotation_of(session, middle).candidate_id, Skeleton.from_flat(joint)),
    )
    _solve(session, storage, sessions, recording)
    again = _estimates(session, recording)
    assert _wrist(again[beside]) == pytest.approx(before, abs=0.01)
    assert again[beside].sources == []
    assert middle in again


def test_what_follows_at_once_is_what_the_whole_says(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    assert service.near(session, storage, sessions, recording.id, ids[3], 4) is None
    _solve(session, storage, sessions, recording)
    between = _wrist(_estimates(session, recording)[ids[12]])
    edit(session, annotator, ids[12], _waved(between), KEEP)
    session.flush()
    found = service.near(session, storage, sessions, recording.id, ids[12], 4)
    assert found is not None
    number, near = found
    assert [one.frame_id for one in near] == [*ids[8:12], *ids[13:17]]
    assert number == 2
    _solve(session, storage, sessions, recording)
    whole = _estimates(session, recording)
    for one in near:
        assert one.joints.ravel().tolist() == pytest.approx(whole[one.frame_id].joints, abs=6.0)


def test_of_an_undecided_frame_only_the_joint_that_was_moved_is_evidence(
    session: Session, storage: BlobStore, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    edit(session, annotator, ids[4], MoveJoint(3, 200.5, 150.25))
    session.flush()
    known = evidence.read(session, storage, recording)
    said = known.session.cameras[0].said
    assert np.argwhere(said).tolist() == [[4, 3]]
    assert known.session.cameras[0].confirmed[4, 3].tolist() == [200.5, 150.25]


def test_inferred_joints_that_nobody_accepted_are_no_evidence(
    session: Session, storage: BlobStore, recording: Recording, annotator: User
) -> None:
    """Who moves one joint of an estimate confirms that joint, not the other sixteen."""
    ids = frame_ids_of(session, recording)
    take = TakeEstimate(make_skeleton(170, 130, 28), (ids[1],), 1)
    edit(session, annotator, ids[4], take, MoveJoint(3, 200.5, 150.25))
    session.flush()
    said = evidence.read(session, storage, recording).session.cameras[0].said
    assert np.argwhere(said).tolist() == [[4, 3]]
    edit(session, annotator, ids[4], KEEP)
    session.flush()
    assert evidence.read(session, storage, recording).session.cameras[0].said[4].all()


def test_a_discarded_frame_takes_no_part(
    session: Session, storage: BlobStore, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    accept(session, annotator, ids[4])
    discard(session, annotator, ids[4])
    session.flush()
    camera = evidence.read(session, storage, recording).session.cameras[0]
    assert camera.discarded.tolist() == [i == 4 for i in range(FRAMES)]
    assert not camera.said.any()


def test_who_accepts_an_estimate_writes_whence_it_came(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    accept(session, annotator, ids[2])
    _solve(session, storage, sessions, recording)
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


def test_two_people_are_both_heard(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    """What one says while the other's answer is at hand is taken up by the next question."""
    ids = frame_ids_of(session, recording)
    _solve(session, storage, sessions, recording)
    elsewhere = Sessions()
    service.solve_whole(session, storage, elsewhere, recording.id)
    accept(session, annotator, ids[3])
    accept(session, annotator, ids[20])
    session.flush()
    found = service.near(session, storage, elsewhere, recording.id, ids[20], 3)
    assert found is not None
    assert {one.frame_id for one in found[1]} == {*ids[17:24]} - {ids[20]}
    assert all(ids[20] in one.sources for one in found[1])


def test_solving_again_without_news_writes_nothing(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> None:
    assert _solve(session, storage, sessions, recording) == 1
    assert _solve(session, storage, sessions, recording) is None
    # Another process, or this one begun anew, has nothing at hand and comes to the same.
    assert _solve(session, storage, Sessions(), recording) is None
    assert session.query(PropagationSolve).filter_by(recording_id=recording.id).count() == 1


def test_the_expected_error_falls_as_frames_are_confirmed(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    _solve(session, storage, sessions, recording)
    for frame_id in ids[::3]:
        accept(session, annotator, frame_id)
    _solve(session, storage, sessions, recording)
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
    _solve(session, storage, sessions, recording)
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
    _solve(session, storage, sessions, recording)
    assert service.question(session, storage, sessions, recording.id).frame_id is None


def test_what_travelled_is_taken_back_and_let_go_again(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    _solve(session, storage, sessions, recording)
    before = _versions(session, recording)
    service.change(session, annotator, recording.id, PropagationIn(enabled=False))
    assert _estimates(session, recording) == {}
    assert _solve(session, storage, sessions, recording) is None
    assert service.near(
        session, storage, sessions, recording.id, frame_ids_of(session, recording)[0], 9
    ) == (1, [])
    service.change(session, annotator, recording.id, PropagationIn(enabled=True))
    assert _solve(session, storage, sessions, recording) == 2
    assert len(_estimates(session, recording)) == FRAMES
    assert _versions(session, recording) == before


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


def test_motion_of_stored_files_reaches_the_evidence_and_damaged_ones_do_not(
    session: Session, storage: BlobStore, recording: Recording
) -> None:
    ids = frame_ids_of(session, recording)
    camera_id = frames_of(session, recording)[0].camera_id
    grids = FlowGrids(
        before=np.array(ids[:5]),
        after=np.array([*ids[1:5], ids[9]]),  # the last pair is none any more
        origin=np.full((5, 2), 10.0, np.float32),
        step=np.full(5, 4.0, np.float32),
        displacement=np.full((5, GRID, GRID, 2), 2.5, np.float16),
        reliability=np.full((5, GRID, GRID), 255, np.uint8),
    )
    storage.put("flow/good.npz", grids.to_bytes())
    storage.put("flow/bad.npz", grids.to_bytes()[:400])
    for first, key in ((0, "flow/good.npz"), (5, "flow/bad.npz"), (9, "flow/gone.npz")):
        session.add(
            FlowFile(recording_id=recording.id, camera_id=camera_id, first_position=first,
                     last_position=first + 4, links=5, key=key)
        )  # fmt: skip
    session.flush()
    flow = evidence.read(session, storage, recording).session.cameras[0].flow
    assert flow is not None
    assert flow.reliability.max(axis=(1, 2)).tolist() == [1, 1, 1, 1] + [0] * (FRAMES - 5)
    assert flow.displacement[2, 5, 7].tolist() == [2.5, 2.5]


def test_new_motion_is_taken_up_although_nobody_said_anything(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> None:
    _solve(session, storage, sessions, recording)
    camera_id = frames_of(session, recording)[0].camera_id
    session.add(
        FlowFile(recording_id=recording.id, camera_id=camera_id, first_position=0,
                 last_position=1, links=1, key="flow/gone.npz")
    )  # fmt: skip
    assert _solve(session, storage, sessions, recording) == 2


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
    _solve(session, storage, sessions, recording)
    assert set(_estimates(session, recording)) == set(ids[4:])


def test_several_cameras_stand_side_by_side(
    session: Session, storage: BlobStore, sessions: Sessions, annotator: User
) -> None:
    recording = make_recording(session, frames=6, cameras=4, annotator=annotator)
    _people(session, recording)
    ids = frame_ids_of(session, recording)
    accept(session, annotator, ids[1])
    _solve(session, storage, sessions, recording)
    assert set(_estimates(session, recording)) == set(ids) - {ids[1]}
    session.flush()
    found = service.near(session, storage, sessions, recording.id, ids[1], 1)
    assert found is not None
    moments = [frame_id for c in range(4) for frame_id in ids[6 * c : 6 * c + 3]]
    assert [one.frame_id for one in found[1]] == [i for i in moments if i != ids[1]]


def _versions(session: Session, recording: Recording) -> dict[int, int]:
    rows = session.execute(
        select(Annotation.frame_id, Annotation.version).where(
            Annotation.recording_id == recording.id
        )
    )
    return {row.frame_id: row.version for row in rows}


def test_after_a_correction_only_what_changed_is_written(
    session: Session, storage: BlobStore, sessions: Sessions, annotator: User
) -> None:
    long = make_recording(session, frames=300, annotator=annotator)
    for frame in frames_of(session, long):
        frame.time_s = frame.position / 30
    _people(session, long, lost=range(8, 17))
    ids = frame_ids_of(session, long)
    accept(session, annotator, ids[100])
    assert _solve(session, storage, sessions, long) == 1
    first = _estimates(session, long)
    edit(session, annotator, ids[12], _waved(_wrist(first[ids[12]])), KEEP)
    session.flush()
    assert service.put_on_top(session, storage, sessions, long.id) == 2
    now = _estimates(session, long)
    assert set(now) == set(ids) - {ids[12], ids[100]}
    written = {i for i, frame in enumerate(ids) if frame in now and now[frame].solve == 2}
    assert {11, 13} <= written
    assert max(written) < 100
    assert _wrist(now[ids[13]])[1] < _wrist(first[ids[13]])[1] - 10
    assert service.put_on_top(session, storage, sessions, long.id) is None


def test_what_was_put_on_top_is_solved_as_a_whole_afterwards(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    _solve(session, storage, sessions, recording)
    accept(session, annotator, ids[2])
    session.flush()
    assert service.put_on_top(session, storage, sessions, recording.id) == 2
    assert not service.is_whole(sessions, recording.id)
    assert _solve(session, storage, sessions, recording) == 3
    assert service.is_whole(sessions, recording.id)
    assert _solve(session, storage, sessions, recording) is None


def test_estimates_that_stand_already_are_not_written_again(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> None:
    _solve(session, storage, sessions, recording)
    rows = _estimates(session, recording)
    same = [found for _, found in estimates.of_frames(session, list(rows))]
    assert len(same) == FRAMES
    assert estimates.replace(session, recording.id, 9, same) == 0
    same[3].joints[WRIST] += 2.0
    assert estimates.replace(session, recording.id, 9, same[:10]) == 1
    now = _estimates(session, recording)
    assert len(now) == 10
    assert [row.solve for row in now.values()].count(9) == 1


def test_a_joint_beside_the_infants_mask_is_proposed_as_occluded(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> None:
    frame = frames_of(session, recording)[3]
    body = np.array([(j.x, j.y) for j in make_skeleton(160 + 0.9, 120 + 0.6, 28).joints])
    # Something stands before the left ankle: the mask ends well above it.
    mask = np.ones((frame.height, frame.width), dtype=bool)
    mask[int(body[ANKLE, 1]) - 60 :] = False
    session.add(
        FrameBox(
            frame_id=frame.id, recording_id=recording.id, x=0, y=0, width=frame.width,
            height=frame.height, origin=BoxOrigin.IMPORTED, mask_counts=encode(mask)["counts"],
            made_from=annotation_of(session, frame.id).keypoints,
        )
    )  # fmt: skip
    session.flush()
    known = evidence.read(session, storage, recording)
    outside = known.session.cameras[0].outside
    assert outside is not None
    assert outside[3, ANKLE] > 10
    assert outside[3, 0] < 0
    assert np.isnan(outside[4]).all()
    _solve(session, storage, sessions, recording)
    assert _estimates(session, recording)[frame.id].visibility[ANKLE] == Visibility.OCCLUDED
