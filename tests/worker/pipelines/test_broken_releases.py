"""What breaks while a release is written: nothing is seen, a retry completes or says why not."""

from __future__ import annotations

import errno
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Infant, Job, Recording
from backend.core.jobs import service as jobs
from backend.core.storage import ObjectBlobStore
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict, DomainError
from backend.publishing.consents import service as consents
from backend.publishing.consents.schemas import ConsentIn
from backend.publishing.releases import drafts, publishing, repository, service
from tests.worker.release_lab import Lab
from worker.context import JobContext
from worker.pipelines import write_release


class Killed(BaseException):
    """The process ends here; nothing that handles errors runs."""


class FusedStore(ObjectBlobStore):
    """The real store, in which something happens before a certain write.

    Args:
        store: The store.
        writes: So many are done before.
        blow: What happens then; the write follows unless it raises.
    """

    def __init__(self, store: ObjectBlobStore, writes: int, blow: Callable[[], None]) -> None:
        super().__init__(store._store, store._root)
        self.left, self.blow = writes, blow

    def put(self, key: str, data: bytes | Path) -> None:
        self._count()
        super().put(key, data)

    def copy(self, key: str, to: str) -> None:
        self._count()
        super().copy(key, to)

    def _count(self) -> None:
        self.left -= 1
        if self.left == -1:
            self.blow()


def fuse(lab: Lab, monkeypatch: pytest.MonkeyPatch, writes: int, blow: Callable[[], None]) -> None:
    store = FusedStore(lab.storage, writes, blow)
    monkeypatch.setattr("worker.context.open_store", lambda settings: store)


def raising(error: BaseException) -> Callable[[], None]:
    def blow() -> None:
        raise error

    return blow


def ask(lab: Lab) -> int:
    with transaction(lab.bench.engine) as session:
        return service.request_publication(session, lab.me(session), lab.release).id


def retry(lab: Lab, job: int) -> Job:
    with transaction(lab.bench.engine) as session:
        jobs.retry(session, job)
    return lab.bench.run(job)


def lose(lab: Lab, job: int) -> None:
    """Nobody has heard of the worker for a while."""
    with transaction(lab.bench.engine) as session:
        session.execute(
            update(Job).where(Job.id == job).values(heartbeat_at=func.now() - timedelta(hours=1))
        )


def assert_nothing_is_seen(lab: Lab, state: str = "checked") -> None:
    row = lab.row(lab.release)
    assert (row.state, row.prefix, row.content_sha256, row.files) == (state, None, None, None)
    with Session(lab.bench.engine) as session:
        assert repository.files(session, lab.release) == []
        with pytest.raises(DomainError, match="not published yet"):
            service.given_out(session, lab.release)


def left_in_store(lab: Lab) -> list[str]:
    return [path for path in lab.bench.files() if path.startswith("releases/")]


def assert_whole(lab: Lab) -> None:
    row = lab.row(lab.release)
    assert row.state == "published"
    files = lab.files(lab.release)
    assert len(files) == row.files
    assert {f"{row.prefix}{path}" for path in files} == set(left_in_store(lab))
    assert publishing.sha256_of(files["SHA256SUMS"]) == row.content_sha256


def withdraw(lab: Lab, session: Session | None = None) -> None:
    """A family takes its consent back, in a transaction that is given or in one of its own."""
    if session is None:
        with transaction(lab.bench.engine) as own:
            return withdraw(lab, own)
    infant = session.get_one(Recording, lab.recordings[0]).infant_id
    entry = ConsentIn(scope=ConsentScope.NONE, given_on=date(2026, 11, 1), document="A-12")
    consents.note(session, lab.me(session), infant, entry)
    return None


@pytest.mark.parametrize("writes", [0, 4, 15, 22])
def test_a_worker_killed_at_any_point_is_followed_by_one_that_completes(
    checked_lab: Lab, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    lab, job = checked_lab, ask(checked_lab)
    with monkeypatch.context() as patch:
        fuse(lab, patch, writes, raising(Killed()))
        with pytest.raises(Killed):
            lab.bench.run(job)
    assert_nothing_is_seen(lab)
    assert len(left_in_store(lab)) >= min(writes, 1)
    lose(lab, job)
    assert lab.bench.run(job).state == "succeeded"
    assert_whole(lab)


def test_what_a_killed_worker_had_on_its_way_is_removed(checked_lab: Lab) -> None:
    lab, job = checked_lab, ask(checked_lab)
    on_the_way = lab.bench.settings.data_dir / "tmp"
    of_this, of_another = on_the_way / f"job-{job}-1-abc", on_the_way / f"job-{job}0-1-abc"
    for folder in (of_this, of_another):
        folder.mkdir(parents=True)
        (folder / "annotations.json").write_text("half")
    with transaction(lab.bench.engine) as session:
        assert jobs.claim(session, job) is not None
    lose(lab, job)
    assert lab.bench.run(job).state == "succeeded"
    assert list(on_the_way.iterdir()) == [of_another]


def test_a_worker_killed_when_all_is_written_has_published_nothing(
    checked_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, job = checked_lab, ask(checked_lab)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "publish", lambda *_, **__: raising(Killed())())
        with pytest.raises(Killed):
            lab.bench.run(job)
    assert_nothing_is_seen(lab)
    lose(lab, job)
    assert lab.bench.run(job).state == "succeeded"
    assert_whole(lab)


def test_a_disk_that_fills_is_named_and_the_retry_completes(
    checked_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, job = checked_lab, ask(checked_lab)
    with monkeypatch.context() as patch:
        fuse(lab, patch, 7, raising(OSError(errno.ENOSPC, "No space left on device")))
        ended = lab.bench.run(job)
    assert ended.state == "failed"
    assert "The disk is full" in str(ended.error)
    assert_nothing_is_seen(lab)
    assert left_in_store(lab) == []
    assert retry(lab, job).state == "succeeded"
    assert_whole(lab)


def test_an_infant_withdrawn_while_the_release_is_written_is_not_in_it(
    checked_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, job = checked_lab, ask(checked_lab)
    with monkeypatch.context() as patch:
        fuse(lab, patch, 10, lambda: withdraw(lab))
        ended = lab.bench.run(job)
    assert ended.state == "failed"
    assert "consent" in str(ended.error)
    assert_nothing_is_seen(lab, "draft")
    assert left_in_store(lab) == []
    again = retry(lab, job)
    assert again.state == "failed"
    assert "Check it, then publish it" in str(again.error)
    assert lab.published(lab.release).frames == 8
    with Session(lab.bench.engine) as session:
        infant = session.get_one(Recording, lab.recordings[0]).infant_id
        pseudonym = session.get_one(Infant, infant).pseudonym
    assert not any(pseudonym in path for path in lab.files(lab.release))


def test_of_two_people_who_publish_at_once_one_does(checked_lab: Lab) -> None:
    lab, start = checked_lab, Barrier(2)

    def publish() -> int | str:
        start.wait()
        try:
            return ask(lab)
        except Conflict as error:
            return error.message

    with ThreadPoolExecutor(2) as pool:
        answers = [future.result() for future in [pool.submit(publish) for _ in range(2)]]
    (job,) = (answer for answer in answers if isinstance(answer, int))
    (refused,) = (answer for answer in answers if isinstance(answer, str))
    assert "A job works on this release" in refused
    assert lab.bench.run(job).state == "succeeded"
    assert_whole(lab)


def test_a_worker_that_was_only_slow_removes_nothing_of_its_successor(checked_lab: Lab) -> None:
    lab, job = checked_lab, ask(checked_lab)
    with transaction(lab.bench.engine) as session:
        first = jobs.claim(session, job)
        assert first is not None
        slow = JobContext(job, None, dict(first.payload), 0, first.claims, lab.bench.settings)
    lose(lab, job)
    assert lab.bench.run(job).state == "succeeded"
    for _ in range(2):
        with pytest.raises((jobs.LostClaim, Conflict)):
            write_release.run(slow)
        assert_whole(lab)


def test_a_release_that_is_thrown_away_leaves_no_files(checked_lab: Lab) -> None:
    lab = checked_lab
    lab.storage.put(f"releases/{lab.release}/1-1/images/a.jpg", b"of a dead attempt")
    with transaction(lab.bench.engine) as session:
        drafts.delete_draft(session, lab.me(session), lab.release, lab.storage)
    assert left_in_store(lab) == []
    folder = lab.storage.local_path(f"releases/{lab.release}")
    assert folder is not None
    assert not folder.exists()


def test_cancelling_leaves_no_files(checked_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab, job = checked_lab, ask(checked_lab)
    known: list[Any] = []
    begin = write_release._begin

    def note(context: JobContext, release_id: int) -> None:
        known.append(context)
        begin(context, release_id)

    monkeypatch.setattr(write_release, "_begin", note)
    fuse(lab, monkeypatch, 8, lambda: known[0].stop_asked.set())
    assert lab.bench.run(job).state == "cancelled"
    assert_nothing_is_seen(lab)
    assert left_in_store(lab) == []
