"""An infant is erased while a release that holds it is written: both end by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Job, Recording
from backend.core.jobs import service as jobs
from backend.publishing.consents import erasing
from tests.worker.pipelines.test_broken_releases import (
    Killed,
    ask,
    assert_nothing_is_seen,
    fuse,
    left_in_store,
    lose,
    raising,
    withdraw,
)
from tests.worker.pipelines.test_consents import ask_to_erase, infant_of
from tests.worker.release_lab import Lab
from worker.context import JobContext


def job_of(lab: Lab, number: int) -> Job:
    with Session(lab.bench.engine) as session:
        return jobs.get_job(session, number)


def assert_erased(lab: Lab, ended: Job) -> None:
    assert ended.state == "succeeded", ended.error
    assert [row.id for row in lab.bench.all(Recording)] == list(lab.recordings[1:])
    gone = f"recordings/{lab.recordings[0]}/"
    assert not [path for path in lab.bench.files() if path.startswith(gone)]
    assert left_in_store(lab) == []
    assert_nothing_is_seen(lab, "draft")


def test_an_erasure_stops_the_writing_and_waits_for_its_end(
    checked_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, job, infant = checked_lab, ask(checked_lab), infant_of(checked_lab)
    erased: list[Future[Job]] = []
    with ThreadPoolExecutor(1) as pool:

        def meanwhile() -> None:
            withdraw(lab)
            erased.append(pool.submit(lab.bench.run, ask_to_erase(lab, infant)))
            while not (job_of(lab, job).cancel_requested or erased[0].done()):
                time.sleep(0.02)

        with monkeypatch.context() as patch:
            fuse(lab, patch, 10, meanwhile)
            written = lab.bench.run(job)
        ended = erased[0].result()
    assert written.state in ("cancelled", "failed")
    assert_erased(lab, ended)


def test_an_erasure_does_not_wait_for_a_writing_whose_worker_is_dead(
    checked_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, job, infant = checked_lab, ask(checked_lab), infant_of(checked_lab)
    with monkeypatch.context() as patch:
        fuse(lab, patch, 10, raising(Killed()))
        with pytest.raises(Killed):
            lab.bench.run(job)
    lose(lab, job)
    withdraw(lab)
    assert_erased(lab, lab.bench.run(ask_to_erase(lab, infant)))
    assert job_of(lab, job).state == "cancelled"
    assert lab.bench.run(job).state == "cancelled"


def test_a_writing_that_waits_for_a_worker_does_not_begin(checked_lab: Lab) -> None:
    lab, job, infant = checked_lab, ask(checked_lab), infant_of(checked_lab)
    withdraw(lab)
    assert_erased(lab, lab.bench.run(ask_to_erase(lab, infant)))
    assert job_of(lab, job).state == "cancelled"


def test_a_job_that_begins_on_the_recording_after_the_request_is_stopped(lab: Lab) -> None:
    infant = infant_of(lab)
    withdraw(lab)
    erasure = ask_to_erase(lab, infant)
    with transaction(lab.bench.engine) as session:
        waiting = Job(kind="boxes", queue="gpu", title="Propose boxes", payload={},
                      recording_id=lab.recordings[0], state="queued")  # fmt: skip
        session.add(waiting)
        session.flush()
        with pytest.raises(erasing.Busy):
            erasing._require_idle(session, [lab.recordings[0]])
    assert lab.bench.run(erasure).state == "succeeded"


@pytest.mark.parametrize("step", [0, 1, 3, 5, 7])
def test_an_erasure_killed_between_any_two_steps_is_completed_by_the_next_worker(
    checked_lab: Lab, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    lab, job, infant = checked_lab, ask(checked_lab), infant_of(checked_lab)
    withdraw(lab)
    erasure = ask_to_erase(lab, infant)
    whole, left = JobContext.transaction, step

    @contextmanager
    def fused(context: JobContext) -> Iterator[Session]:
        nonlocal left
        with whole(context) as session:
            yield session
            session.flush()
            left -= 1
            if left < 0:
                raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(JobContext, "transaction", fused)
        with pytest.raises(Killed):
            lab.bench.run(erasure)
    lose(lab, erasure)
    assert_erased(lab, lab.bench.run(erasure))
    assert job_of(lab, job).state == "cancelled"
