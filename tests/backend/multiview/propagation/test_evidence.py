"""What counts as evidence of where joints are: words of people, models, motion."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session

from backend.core.database.tables import FlowFile, Recording, User
from backend.core.storage import BlobStore
from backend.domain.flow_grids import GRID, FlowGrids
from backend.domain.operations import MoveJoint, TakeEstimate
from backend.multiview.propagation import evidence
from tests.backend.multiview.propagation.travelling import FRAMES
from tests.factories import KEEP, accept, discard, edit, frame_ids_of, frames_of, make_skeleton


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
