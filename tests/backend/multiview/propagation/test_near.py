"""What follows at once near a frame in which something was just saved."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, User
from backend.core.storage import BlobStore
from backend.multiview.propagation import service
from backend.multiview.propagation.sessions import Sessions
from tests.backend.multiview.propagation.travelling import (
    estimates_of,
    find_people,
    solve,
    waved,
    wrist,
)
from tests.factories import KEEP, accept, edit, frame_ids_of, make_recording


def test_what_follows_at_once_is_what_the_whole_says(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    ids = frame_ids_of(session, recording)
    assert service.near(session, storage, sessions, recording.id, ids[3], 4) is None
    solve(session, storage, sessions, recording)
    between = wrist(estimates_of(session, recording)[ids[12]])
    edit(session, annotator, ids[12], waved(between), KEEP)
    session.flush()
    found = service.near(session, storage, sessions, recording.id, ids[12], 4)
    assert found is not None
    number, near = found
    assert [one.frame_id for one in near] == [*ids[8:12], *ids[13:17]]
    assert number == 2
    solve(session, storage, sessions, recording)
    whole = estimates_of(session, recording)
    for one in near:
        assert one.joints.ravel().tolist() == pytest.approx(whole[one.frame_id].joints, abs=6.0)


def test_two_people_are_both_heard(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    """What one says while the other's answer is at hand is taken up by the next question."""
    ids = frame_ids_of(session, recording)
    solve(session, storage, sessions, recording)
    elsewhere = Sessions()
    service.solve_whole(session, storage, elsewhere, recording.id)
    accept(session, annotator, ids[3])
    accept(session, annotator, ids[20])
    session.flush()
    found = service.near(session, storage, elsewhere, recording.id, ids[20], 3)
    assert found is not None
    assert {one.frame_id for one in found[1]} == {*ids[17:24]} - {ids[20]}
    assert all(ids[20] in one.sources for one in found[1])


def test_several_cameras_stand_side_by_side(
    session: Session, storage: BlobStore, sessions: Sessions, annotator: User
) -> None:
    recording = make_recording(session, frames=6, cameras=4, annotator=annotator)
    find_people(session, recording)
    ids = frame_ids_of(session, recording)
    accept(session, annotator, ids[1])
    solve(session, storage, sessions, recording)
    assert set(estimates_of(session, recording)) == set(ids) - {ids[1]}
    session.flush()
    found = service.near(session, storage, sessions, recording.id, ids[1], 1)
    assert found is not None
    moments = [frame_id for c in range(4) for frame_id in ids[6 * c : 6 * c + 3]]
    assert [one.frame_id for one in found[1]] == [i for i in moments if i != ids[1]]
