"""Two transactions at once: no write is lost, and none slips in after submission."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import User
from backend.domain.document import MoveJoint, Operation
from backend.domain.errors import Conflict, StaleVersion
from backend.domain.workflow import Stage
from backend.labelling.documents.schemas import SavedOut
from backend.labelling.documents.service import Read, apply_operations
from backend.recordings.access import get_recording
from tests.factories import (
    annotation_of,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_recording,
)


@pytest.fixture
def place(committed: Session) -> tuple[int, int, int]:
    """Ids of an annotator, their recording and its frame."""
    annotator = make_annotator(committed)
    recording = make_recording(committed, annotator=annotator, frames=1)
    make_candidates(committed, recording)
    (frame_id,) = frame_ids_of(committed, recording)
    committed.commit()
    return annotator.id, recording.id, frame_id


def write(
    engine: Engine, user_id: int, frame_id: int, operation_id: uuid.UUID, operation: Operation
) -> SavedOut:
    with transaction(engine) as session:
        user = session.get_one(User, user_id)
        return apply_operations(session, user, frame_id, Read(1), operation_id, [operation])


def wait_until_blocked(session: Session) -> None:
    """Return once another connection waits for a lock that this session holds.

    Asks pg_locks: what pg_stat_activity shows stays the same within one transaction.
    """
    waiting = text(
        "SELECT count(*) FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    deadline = time.monotonic() + 60
    while not session.execute(waiting).scalar_one():
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)


def meanwhile(holder: Session, act: Callable[[], SavedOut]) -> Future[SavedOut]:
    """Start an act that must wait for what the holder has locked, and see it wait."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(act)
    wait_until_blocked(holder)
    pool.shutdown(wait=False)
    return future


def test_of_two_writes_on_one_version_the_second_is_told(
    engine: Engine, committed: Session, place: tuple[int, int, int]
) -> None:
    user_id, _, frame_id = place
    first, second = uuid.uuid4(), uuid.uuid4()
    with transaction(engine) as session:
        user = session.get_one(User, user_id)
        apply_operations(session, user, frame_id, Read(1), first, [MoveJoint(0, 1, 1)])
        late = meanwhile(
            session, lambda: write(engine, user_id, frame_id, second, MoveJoint(1, 2, 2))
        )
    with pytest.raises(StaleVersion) as stale:
        late.result(timeout=30)
    assert stale.value.current["joints"][0] == {"x": 1, "y": 1, "v": 2}
    assert annotation_of(committed, frame_id).version == 2


def test_a_retry_that_overtakes_its_first_attempt_waits_and_is_answered_alike(
    engine: Engine, committed: Session, place: tuple[int, int, int]
) -> None:
    user_id, _, frame_id = place
    operation_id = uuid.uuid4()
    with transaction(engine) as session:
        user = session.get_one(User, user_id)
        first = apply_operations(
            session, user, frame_id, Read(1), operation_id, [MoveJoint(0, 1, 1)]
        )
        retry = meanwhile(
            session, lambda: write(engine, user_id, frame_id, operation_id, MoveJoint(0, 1, 1))
        )
    assert retry.result(timeout=30) == first
    assert annotation_of(committed, frame_id).version == 2


def test_no_write_slips_in_while_the_session_is_submitted(
    engine: Engine, committed: Session, place: tuple[int, int, int]
) -> None:
    user_id, recording_id, frame_id = place
    with transaction(engine) as session:
        recording = get_recording(session, recording_id, lock="update")
        recording.stage = Stage.INSPECTING.value
        session.flush()
        late = meanwhile(
            session, lambda: write(engine, user_id, frame_id, uuid.uuid4(), MoveJoint(0, 1, 1))
        )
    with pytest.raises(Conflict, match="inspecting"):
        late.result(timeout=30)
    assert annotation_of(committed, frame_id).version == 1


def test_writes_to_different_frames_do_not_wait_for_each_other(
    engine: Engine, committed: Session
) -> None:
    annotator = make_annotator(committed)
    recording = make_recording(committed, annotator=annotator, frames=2)
    make_candidates(committed, recording)
    one, two = frame_ids_of(committed, recording)
    committed.commit()
    with transaction(engine) as session:
        user = session.get_one(User, annotator.id)
        apply_operations(session, user, one, Read(1), uuid.uuid4(), [MoveJoint(0, 1, 1)])
        session.flush()
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(write, engine, annotator.id, two, uuid.uuid4(), MoveJoint(0, 1, 1))
            assert other.result(timeout=30).version == 2
