"""Ranges beside other people: the same act twice at once, a save meanwhile, a worker that dies."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import AnnotationRevision, RangeAct, User
from backend.domain.operations import SetVerdict
from backend.domain.ranges import Skip
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from backend.labelling.documents.service import Read, apply_operations
from backend.labelling.ranges.schemas import RangeOut
from backend.labelling.ranges.service import FramesRead, set_verdict
from tests.factories import (
    annotation_of,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_recording,
)

DARK = Decision(Verdict.DISCARD, DiscardReason.LIGHTING)


@pytest.fixture
def place(committed: Session) -> tuple[int, int, list[int]]:
    """Ids of an annotator, their recording and its frames."""
    annotator = make_annotator(committed)
    recording = make_recording(committed, annotator=annotator, frames=6)
    make_candidates(committed, recording)
    frames = frame_ids_of(committed, recording)
    committed.commit()
    return annotator.id, recording.id, frames


def act(session: Session, place: tuple[int, int, list[int]], name: uuid.UUID) -> RangeOut:
    user_id, recording_id, frames = place
    user = session.get_one(User, user_id)
    read = FramesRead(dict.fromkeys(frames, 1))
    return set_verdict(session, user, recording_id, name, read, DARK)


def meanwhile(holder: Session, work: Callable[[], RangeOut]) -> Future[RangeOut]:
    """Start an act that must wait for what the holder has locked, and see it wait."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    waiting = text(
        "SELECT count(*) FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    deadline = time.monotonic() + 60
    while not holder.execute(waiting).scalar_one():
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)
    pool.shutdown(wait=False)
    return future


def in_its_own(
    engine: Engine, place: tuple[int, int, list[int]], name: uuid.UUID
) -> Callable[[], RangeOut]:
    def work() -> RangeOut:
        with transaction(engine) as session:
            return act(session, place, name)

    return work


def test_the_same_act_sent_twice_at_once_is_done_once(
    engine: Engine, committed: Session, place: tuple[int, int, list[int]]
) -> None:
    name = uuid.uuid4()
    with transaction(engine) as session:
        first = act(session, place, name)
        second = meanwhile(session, in_its_own(engine, place, name))
    assert second.result(timeout=30) == first
    done = select(func.count()).select_from(RangeAct).where(RangeAct.operation_id == name)
    assert committed.scalar(done) == 1
    assert annotation_of(committed, place[2][0]).version == 2


def test_a_frame_that_is_saved_at_that_moment_is_left_and_named(
    engine: Engine, committed: Session, place: tuple[int, int, list[int]]
) -> None:
    user_id, _, frames = place
    keep = SetVerdict(Decision(Verdict.KEEP))
    with transaction(engine) as session:
        user = session.get_one(User, user_id)
        apply_operations(session, user, frames[2], Read(1), uuid.uuid4(), [keep])
        late = meanwhile(session, in_its_own(engine, place, uuid.uuid4()))
    done = late.result(timeout=30)
    assert [(frame.frame_id, frame.why) for frame in done.skipped] == [(frames[2], Skip.CHANGED)]
    assert len(done.frames) == 5
    assert annotation_of(committed, frames[2]).state == "accepted"


def test_a_server_that_dies_in_between_leaves_nothing_and_the_act_is_done_when_sent_again(
    engine: Engine, committed: Session, place: tuple[int, int, list[int]]
) -> None:
    name = uuid.uuid4()
    with Session(engine) as session:
        act(session, place, name)
        # No commit: the process was killed before it.
        session.rollback()
    assert annotation_of(committed, place[2][0]).version == 1
    with transaction(engine) as session:
        assert len(act(session, place, name).frames) == 6
    made = select(func.count()).where(
        AnnotationRevision.frame_id.in_(place[2]), AnnotationRevision.author_id == place[0]
    )
    assert committed.scalar(made) == 6


def test_a_save_elsewhere_in_the_recording_waits_for_no_range(
    engine: Engine, committed: Session, place: tuple[int, int, list[int]]
) -> None:
    user_id, recording_id, frames = place
    with transaction(engine) as session:
        user = session.get_one(User, user_id)
        read = FramesRead(dict.fromkeys(frames[:4], 1))
        set_verdict(session, user, recording_id, uuid.uuid4(), read, DARK)
        with transaction(engine) as other:
            other.execute(text("SET LOCAL lock_timeout = '2s'"))
            saver = other.get_one(User, user_id)
            keep = [SetVerdict(Decision(Verdict.KEEP))]
            saved = apply_operations(other, saver, frames[5], Read(1), uuid.uuid4(), keep)
            assert saved.state == "accepted"
