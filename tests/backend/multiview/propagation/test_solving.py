"""What is solved and written when: all, what was put on top, or nothing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.core.database.tables import FlowFile, PropagationSolve, Recording, User
from backend.core.storage import BlobStore
from backend.labelling.estimates import repository as estimates
from backend.multiview.propagation import service
from backend.multiview.propagation.sessions import Sessions
from tests.backend.multiview.propagation.travelling import (
    FRAMES,
    WRIST,
    estimates_of,
    find_people,
    solve,
    waved,
    wrist,
)
from tests.factories import KEEP, accept, edit, frame_ids_of, frames_of, make_recording


def test_solving_again_without_news_writes_nothing(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> None:
    assert solve(session, storage, sessions, recording) == 1
    assert solve(session, storage, sessions, recording) is None
    # Another process, or this one begun anew, has nothing at hand and comes to the same.
    assert solve(session, storage, Sessions(), recording) is None
    assert session.query(PropagationSolve).filter_by(recording_id=recording.id).count() == 1


def test_new_motion_is_taken_up_although_nobody_said_anything(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> None:
    solve(session, storage, sessions, recording)
    camera_id = frames_of(session, recording)[0].camera_id
    session.add(
        FlowFile(recording_id=recording.id, camera_id=camera_id, first_position=0,
                 last_position=1, links=1, key="flow/gone.npz")
    )  # fmt: skip
    assert solve(session, storage, sessions, recording) == 2


def test_after_a_correction_only_what_changed_is_written(
    session: Session, storage: BlobStore, sessions: Sessions, annotator: User
) -> None:
    long = make_recording(session, frames=300, annotator=annotator)
    for frame in frames_of(session, long):
        frame.time_s = frame.position / 30
    find_people(session, long, lost=range(8, 17))
    ids = frame_ids_of(session, long)
    accept(session, annotator, ids[100])
    assert solve(session, storage, sessions, long) == 1
    first = estimates_of(session, long)
    edit(session, annotator, ids[12], waved(wrist(first[ids[12]])), KEEP)
    session.flush()
    assert service.put_on_top(session, storage, sessions, long.id) == 2
    now = estimates_of(session, long)
    assert set(now) == set(ids) - {ids[12], ids[100]}
    written = {i for i, frame in enumerate(ids) if frame in now and now[frame].solve == 2}
    assert {11, 13} <= written
    assert max(written) < 100
    assert wrist(now[ids[13]])[1] < wrist(first[ids[13]])[1] - 10
    assert service.put_on_top(session, storage, sessions, long.id) is None


def test_what_was_put_on_top_is_solved_as_a_whole_afterwards(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    solve(session, storage, sessions, recording)
    accept(session, annotator, ids[2])
    session.flush()
    assert service.put_on_top(session, storage, sessions, recording.id) == 2
    assert not service.is_whole(sessions, recording.id)
    assert solve(session, storage, sessions, recording) == 3
    assert service.is_whole(sessions, recording.id)
    assert solve(session, storage, sessions, recording) is None


def test_estimates_that_stand_already_are_not_written_again(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> None:
    solve(session, storage, sessions, recording)
    rows = estimates_of(session, recording)
    same = [found for _, found in estimates.of_frames(session, list(rows))]
    assert len(same) == FRAMES
    assert estimates.replace(session, recording.id, 9, same) == 0
    same[3].joints[WRIST] += 2.0
    assert estimates.replace(session, recording.id, 9, same[:10]) == 1
    now = estimates_of(session, recording)
    assert len(now) == 10
    assert [row.solve for row in now.values()].count(9) == 1
