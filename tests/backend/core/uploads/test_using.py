"""Finished uploads are used once; abandoned ones go away by themselves."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from backend.core.database.engine import make_engine
from backend.core.database.tables import Upload, User
from backend.core.jobs.dispatcher import clean_once
from backend.core.settings import Settings
from backend.core.uploads import service
from backend.domain.errors import Conflict, NotFound
from tests.factories import make_maintainer

DAY = 24 * 3600


@pytest.fixture
def user(session: Session) -> User:
    return make_maintainer(session)


def upload(session: Session, user: User, folder: Path, data: bytes = b"abc") -> Upload:
    begun = service.begin(
        session, user, folder, filename="a.mp4", size=3, sha256=None, max_bytes=100
    )
    service.path_of(folder, begun.id).write_bytes(data)
    if service.is_whole(begun, folder):
        service.complete(session, user, begun.id)
    return begun


def age(folder: Path, upload_id: int, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(service.path_of(folder, upload_id), (then, then))


def test_a_complete_upload_is_used_once(session: Session, user: User, tmp_path: Path) -> None:
    made = upload(session, user, tmp_path)
    assert service.consume(session, user, [made.id]) == [made]
    with pytest.raises(Conflict, match="used already"):
        service.consume(session, user, [made.id])


def test_an_unfinished_upload_cannot_be_used(session: Session, user: User, tmp_path: Path) -> None:
    made = upload(session, user, tmp_path, data=b"ab")
    with pytest.raises(Conflict, match="not completely uploaded"):
        service.consume(session, user, [made.id])


def test_an_unknown_upload_cannot_be_used(session: Session, user: User) -> None:
    with pytest.raises(NotFound):
        service.consume(session, user, [2**40])


def test_a_used_upload_cannot_be_discarded(session: Session, user: User, tmp_path: Path) -> None:
    made = upload(session, user, tmp_path)
    service.consume(session, user, [made.id])
    with pytest.raises(Conflict, match="belongs to an import"):
        service.discard(session, user, tmp_path, made.id)
    assert service.path_of(tmp_path, made.id).exists()


def test_abandoned_uploads_are_cleaned_when_the_next_one_begins(
    session: Session, user: User, tmp_path: Path
) -> None:
    old, recent = upload(session, user, tmp_path), upload(session, user, tmp_path)
    age(tmp_path, old.id, DAY + 60)
    age(tmp_path, recent.id, DAY - 60)
    upload(session, user, tmp_path)
    assert not service.path_of(tmp_path, old.id).exists()
    assert session.get(Upload, old.id, populate_existing=True) is None
    assert service.path_of(tmp_path, recent.id).exists()


def test_files_of_imports_are_not_cleaned(session: Session, user: User, tmp_path: Path) -> None:
    made = upload(session, user, tmp_path)
    service.consume(session, user, [made.id])
    age(tmp_path, made.id, 14 * DAY)
    assert service.clean_abandoned(session, tmp_path) == 0
    assert service.path_of(tmp_path, made.id).exists()


def test_a_file_without_a_row_is_cleaned_too(session: Session, tmp_path: Path) -> None:
    stray = tmp_path / f"{2**40}.part"
    stray.write_bytes(b"left by a rolled back request")
    os.utime(stray, (0, 0))
    assert service.clean_abandoned(session, tmp_path, timedelta(days=1)) == 1
    assert not stray.exists()


def test_the_dispatcher_clears_what_was_abandoned(module_database_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=module_database_url, data_dir=tmp_path, storage_url=None)
    settings.uploads_dir.mkdir(parents=True)
    engine = make_engine(module_database_url)
    with Session(engine) as session:
        maintainer = make_maintainer(session)
        old = upload(session, maintainer, settings.uploads_dir)
        fresh = upload(session, maintainer, settings.uploads_dir)
        session.commit()
        age(settings.uploads_dir, old.id, DAY + 60)
        assert clean_once(engine, settings) == 1
        assert not service.path_of(settings.uploads_dir, old.id).exists()
        assert service.path_of(settings.uploads_dir, fresh.id).exists()
    engine.dispose()
