"""Two drafts of one dataset at once, and a consent that is taken back at the worst moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from backend.core.database.session import transaction
from backend.core.database.tables import Recording
from backend.publishing.consents import repository as consent_rows
from backend.publishing.releases import drafts, repository, service
from tests.worker.pipelines.test_broken_releases import (
    ask,
    assert_nothing_is_seen,
    assert_whole,
    fuse,
    left_in_store,
    withdraw,
)
from tests.worker.release_lab import Lab


def move_an_infant(lab: Lab, release: int) -> tuple[int, str]:
    """Put an infant on another side than it is on in the first version; returns it, and that."""
    with transaction(lab.bench.engine) as session:
        first = repository.splits(session, lab.release)
        infant, row = next(iter(sorted(first.items())))
        settings = service.settings_of(repository.get(session, release))
        names = {target.name for target in settings.splitting.targets}
        other = min(names - {row.split})
        drafts.assign(session, lab.me(session), release, {infant: other})
        return infant, row.split


def put_back(lab: Lab, release: int, infant: int, split: str) -> None:
    with transaction(lab.bench.engine) as session:
        drafts.assign(session, lab.me(session), release, {infant: split})


def test_an_infant_that_another_version_put_elsewhere_meanwhile_blocks(checked_lab: Lab) -> None:
    lab, second = checked_lab, checked_lab.begin()
    infant, side = move_an_infant(lab, second)
    assert lab.publish(lab.release).state == "succeeded"
    row = lab.check(second)
    assert row.state == "draft"
    (blocked,) = [found for found in row.gate or [] if found["kind"] == "leaking"]
    assert blocked["items"][0]["why"] == (
        f"This infant is in {side} since 1.0.0, and never changes sides."
    )
    put_back(lab, second, infant, side)
    assert lab.published(second).base_id == lab.release


def test_of_two_checked_versions_that_disagree_the_second_does_not_appear(
    checked_lab: Lab,
) -> None:
    lab, second = checked_lab, checked_lab.begin()
    move_an_infant(lab, second)
    assert lab.check(second).state == "checked"
    assert lab.publish(lab.release).state == "succeeded"
    ended = lab.publish(second)
    assert ended.state == "failed"
    assert "infants never change sides" in str(ended.error)
    assert lab.row(second).state == "draft"
    assert_whole(lab)


def test_a_version_published_while_another_is_written_stops_it_at_its_end(
    checked_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, second = checked_lab, checked_lab.begin()
    assert lab.check(second).state == "checked"
    job = ask(lab)

    def publish_the_second() -> None:
        assert lab.publish(second).state == "succeeded"

    with monkeypatch.context() as patch:
        fuse(lab, patch, 6, publish_the_second)
        ended = lab.bench.run(job)
    assert ended.state == "failed"
    assert "Version 1.1.0 was published meanwhile" in str(ended.error)
    assert_nothing_is_seen(lab)
    prefix = lab.row(second).prefix
    assert prefix is not None
    assert all(path.startswith(prefix) for path in left_in_store(lab))


def test_a_number_that_is_not_after_a_version_published_meanwhile_is_refused_by_the_check(
    checked_lab: Lab,
) -> None:
    lab, second = checked_lab, checked_lab.begin()
    lab.published(second)
    with transaction(lab.bench.engine) as session:
        job = service.request_check(session, lab.me(session), lab.release).id
    ended = lab.bench.run(job)
    assert ended.state == "failed"
    assert "Version 1.0.0 is not after 1.1.0" in str(ended.error)


@contextmanager
def a_family_about_to_withdraw(lab: Lab) -> Iterator[None]:
    """Its entry is begun, and finished once somebody waits for it."""
    begun = threading.Event()
    ended: list[BaseException | None] = []

    def act() -> None:
        try:
            with transaction(lab.bench.engine) as session:
                infant = session.get_one(Recording, lab.recordings[0]).infant_id
                consent_rows.lock_infant(session, infant)
                begun.set()
                wait_for_a_waiter(lab)
                withdraw(lab, session)
            ended.append(None)
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    assert begun.wait(30)
    yield
    thread.join()
    assert ended == [None]


def wait_for_a_waiter(lab: Lab) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    until = time.monotonic() + 30
    with lab.bench.engine.connect() as connection:
        while time.monotonic() < until and not connection.scalar(waiting):
            connection.rollback()
            time.sleep(0.01)


def test_withdrawing_and_publishing_never_wait_for_each_other(checked_lab: Lab) -> None:
    lab, job = checked_lab, ask(checked_lab)
    with a_family_about_to_withdraw(lab):
        ended = lab.bench.run(job)
    assert ended.state == "failed"
    assert "Check it, then publish it" in str(ended.error)
    assert_nothing_is_seen(lab, "draft")


def test_who_withdraws_while_a_release_is_checked_is_not_frozen(checked_lab: Lab) -> None:
    lab = checked_lab
    with transaction(lab.bench.engine) as session:
        job = service.request_check(session, lab.me(session), lab.release).id
    with a_family_about_to_withdraw(lab):
        assert lab.bench.run(job).state == "succeeded"
    assert lab.row(lab.release).frames == 8
