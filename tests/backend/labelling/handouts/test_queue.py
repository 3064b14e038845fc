"""The queue: one recording a person, held while they work, offered again when they stop."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    AuditEntry,
    Recording,
    RecordingLease,
    TeamRules,
    User,
)
from backend.domain.errors import Conflict, Forbidden
from backend.domain.workflow import Event, Stage
from backend.labelling.handouts import service
from backend.labelling.workflow import service as workflow
from tests.factories import (
    accept,
    annotation_of,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)


@pytest.fixture(autouse=True)
def _nothing_else_waits(session: Session) -> None:
    """Other tests of this worker may have committed recordings."""
    session.execute(
        update(Recording)
        .where(Recording.annotator_id.is_(None))
        .values(annotator_id=make_annotator(session).id)
    )
    session.execute(delete(RecordingLease))


def rules(session: Session, **changes: Any) -> None:
    session.execute(update(TeamRules).values(**changes))


def idle(session: Session, recording: Recording, minutes: int) -> None:
    """As if nothing had happened in a recording for so long."""
    then = datetime.now(UTC) - timedelta(minutes=minutes)
    session.execute(
        update(RecordingLease)
        .where(RecordingLease.recording_id == recording.id)
        .values(taken_at=then)
    )
    session.execute(
        update(Annotation).where(Annotation.recording_id == recording.id).values(updated_at=then)
    )


def test_the_next_recording_is_taken_and_begun(session: Session) -> None:
    first, second = (make_recording(session, Stage.PRELABELLED) for _ in range(2))
    ann = make_annotator(session)
    assert service.take_next(session, ann).id == first.id
    assert (first.annotator_id, first.stage) == (ann.id, Stage.ANNOTATING.value)
    assert second.annotator_id is None


def test_who_holds_one_is_given_the_same_one_again(session: Session) -> None:
    make_recording(session, Stage.PRELABELLED)
    make_recording(session, Stage.PRELABELLED)
    ann = make_annotator(session)
    assert service.take_next(session, ann).id == service.take_next(session, ann).id


def test_nobody_else_gets_it_while_its_holder_saves(session: Session) -> None:
    recording = make_recording(session, Stage.PRELABELLED)
    make_candidates(session, recording)
    ann = make_annotator(session)
    service.take_next(session, ann)
    idle(session, recording, 8 * 60 + 1)
    accept(session, ann, frame_ids_of(session, recording)[0])
    with pytest.raises(Conflict, match="Nothing waits"):
        service.take_next(session, make_annotator(session))


def test_after_idle_time_it_goes_to_the_next_person_and_what_was_saved_stays(
    session: Session,
) -> None:
    recording = make_recording(session, Stage.PRELABELLED)
    make_candidates(session, recording)
    ann, ben = make_annotator(session, name="Ann"), make_annotator(session, name="Ben")
    service.take_next(session, ann)
    frame, other = frame_ids_of(session, recording)[:2]
    accept(session, ann, frame)
    idle(session, recording, 8 * 60 + 1)
    assert service.queue(session, ben).waiting == 1
    assert service.take_next(session, ben).id == recording.id
    assert annotation_of(session, frame).state == "accepted"
    accept(session, ben, other)
    with pytest.raises(Forbidden):
        accept(session, ann, other)
    pulled = session.scalars(
        select(AuditEntry.details).where(
            AuditEntry.action == "pulled", AuditEntry.subject_id == recording.id
        )
    ).all()
    assert [entry["from"] for entry in pulled] == [None, "Ann"]


def test_whoever_comes_back_before_anybody_took_it_goes_on(session: Session) -> None:
    recording = make_recording(session, Stage.PRELABELLED)
    make_candidates(session, recording)
    ann = make_annotator(session)
    service.take_next(session, ann)
    idle(session, recording, 10_000)
    accept(session, ann, frame_ids_of(session, recording)[0])
    assert service.queue(session, make_annotator(session)).waiting == 0


def test_what_was_assigned_is_never_taken_away(session: Session) -> None:
    recording = make_recording(session, Stage.PRELABELLED)
    ann, boss = make_annotator(session), make_maintainer(session)
    service.take_next(session, ann)
    workflow.assign(session, recording, boss, {"annotator_id": ann.id})
    idle(session, recording, 10_000)
    with pytest.raises(Conflict):
        service.take_next(session, make_annotator(session))


def test_an_inspector_does_not_pull_what_they_inspect(session: Session) -> None:
    ann = make_annotator(session)
    make_recording(session, Stage.PRELABELLED, inspector=ann)
    with pytest.raises(Conflict, match="Nothing waits"):
        service.take_next(session, ann)


def test_there_is_no_queue_where_maintainers_assign(session: Session) -> None:
    recording = make_recording(session, Stage.PRELABELLED)
    ann = make_annotator(session)
    rules(session, handout="assigned")
    with pytest.raises(Conflict, match="maintainers assign"):
        service.take_next(session, ann)
    with pytest.raises(Forbidden, match="not for choosing"):
        workflow.fire(session, recording, Event.START_ANNOTATING, ann)


def test_only_annotators_pull(session: Session) -> None:
    with pytest.raises(Forbidden):
        service.take_next(session, make_inspector(session))


def test_two_who_pull_at_once_get_different_recordings(engine: Engine) -> None:
    with Session(engine, expire_on_commit=False) as session:
        ours = {make_recording(session, Stage.PRELABELLED).id for _ in range(4)}
        people = [make_annotator(session) for _ in range(4)]
        session.commit()
    taken: list[int] = []
    ready = threading.Barrier(len(people))

    def pull(person_id: int) -> None:
        with Session(engine) as session:
            person = session.get_one(type(people[0]), person_id)
            ready.wait()
            taken.append(service.take_next(session, person).id)
            session.commit()

    threads = [threading.Thread(target=pull, args=(person.id,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == len(people)
    with Session(engine) as session:
        session.execute(delete(RecordingLease))
        session.execute(
            update(Recording)
            .where(Recording.id.in_(ours))
            .values(annotator_id=people[0].id, stage="annotating")
        )
        session.commit()


def test_one_person_in_two_tabs_gets_one_recording(engine: Engine) -> None:
    with Session(engine, expire_on_commit=False) as session:
        ours = [make_recording(session, Stage.PRELABELLED).id for _ in range(2)]
        person = make_annotator(session)
        session.commit()
    taken: list[int] = []
    ready = threading.Barrier(2)

    def pull() -> None:
        with Session(engine) as session:
            me = session.get_one(type(person), person.id)
            ready.wait()
            taken.append(service.take_next(session, me).id)
            session.commit()

    threads = [threading.Thread(target=pull) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 2
    assert len(set(taken)) == 1
    with Session(engine) as session:
        session.execute(delete(RecordingLease))
        session.execute(
            update(Recording)
            .where(Recording.id.in_([*ours, *taken]))
            .values(annotator_id=person.id, stage="annotating")
        )
        session.commit()


def test_in_rotation_what_is_ready_goes_to_whoever_has_least(session: Session) -> None:
    session.execute(update(User).values(is_active=False))
    busy, free = make_annotator(session), make_annotator(session)
    make_recording(session, Stage.ANNOTATING, annotator=busy, frames=5)
    ready = make_recording(session, Stage.PRELABELLING)
    rules(session, handout="rotation")
    workflow.fire(session, ready, Event.PRELABEL_FINISHED, None)
    assert ready.annotator_id == free.id


def test_in_rotation_the_inspector_is_passed_over(session: Session) -> None:
    session.execute(update(User).values(is_active=False))
    ann = make_annotator(session)
    ready = make_recording(session, Stage.PRELABELLING, inspector=ann)
    rules(session, handout="rotation")
    workflow.fire(session, ready, Event.PRELABEL_FINISHED, None)
    assert ready.annotator_id is None
