"""A published release: never changed, given out whole or in parts, withdrawn."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    ReleaseFrame,
)
from backend.publishing.releases import repository, service
from tests.worker.release_lab import Lab


def test_a_published_release_cannot_be_changed_in_the_database(published_lab: Lab) -> None:
    lab = published_lab
    release = lab.row(lab.release)
    frame = lab.bench.all(ReleaseFrame)[0]
    for statement, values in (
        ("UPDATE releases SET notes = 'other' WHERE id = %s", (release.id,)),
        ("UPDATE releases SET state = 'draft' WHERE id = %s", (release.id,)),
        ("DELETE FROM releases WHERE id = %s", (release.id,)),
        ("UPDATE release_frames SET split = 'test' WHERE frame_id = %s", (frame.frame_id,)),
        ("DELETE FROM release_frames WHERE frame_id = %s", (frame.frame_id,)),
        ("DELETE FROM release_files WHERE release_id = %s", (release.id,)),
        ("UPDATE release_splits SET split = 'x' WHERE release_id = %s", (release.id,)),
    ):
        with (
            pytest.raises(IntegrityError, match="cannot be changed"),
            lab.bench.engine.begin() as c,
        ):
            c.exec_driver_sql(statement, values)


@pytest.mark.parametrize("table", ["release_frames", "release_files", "releases CASCADE"])
def test_a_published_release_cannot_be_emptied_in_the_database(
    published_lab: Lab, table: str
) -> None:
    with (
        pytest.raises(IntegrityError, match="cannot be emptied"),
        published_lab.bench.engine.begin() as c,
    ):
        c.exec_driver_sql(f"TRUNCATE {table}")
    assert published_lab.bench.all(ReleaseFrame)


def test_a_withdrawn_release_keeps_its_record_and_gives_out_nothing(published_lab: Lab) -> None:
    lab = published_lab
    with transaction(lab.bench.engine) as session:
        service.withdraw(session, lab.me(session), lab.release, "a family asked")
    with Session(lab.bench.engine) as session:
        with pytest.raises(service.Conflict, match="a family asked"):
            service.given_out(session, lab.release)
        assert len(repository.files(session, lab.release)) > 0
