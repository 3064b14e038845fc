"""Settings as they come from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.core.settings import Settings


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgres_address_names_the_driver(scheme: str) -> None:
    url = Settings(database_url=f"{scheme}://u:p@host/db").database_url
    assert url == "postgresql+psycopg://u:p@host/db"


def test_another_database_is_refused() -> None:
    with pytest.raises(ValidationError, match="no other database works"):
        Settings(database_url="sqlite:///file.db")


def test_the_addresses_are_read_with_and_without_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://plain/db")
    monkeypatch.setenv("REDIS_URL", "redis://plain:6379/0")
    assert Settings().database_url == "postgresql+psycopg://plain/db"
    assert Settings().redis_url == "redis://plain:6379/0"
    monkeypatch.setenv("INFANTNET_DATABASE_URL", "postgresql://prefixed/db")
    assert Settings().database_url == "postgresql+psycopg://prefixed/db"


def test_an_unknown_storage_is_refused() -> None:
    with pytest.raises(ValidationError, match="file:// or s3://"):
        Settings(storage_url="ftp://host/folder")


def test_a_socket_file_is_spelt_for_celery() -> None:
    settings = Settings(redis_url="unix:///run/redis.sock?db=3")
    assert settings.broker_url == "redis+socket:///run/redis.sock?virtual_host=3"
    assert Settings(redis_url="redis://host:1/2").broker_url == "redis://host:1/2"


def test_children_get_the_very_same_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    given = Settings(
        data_dir=tmp_path / "data",
        database_url="postgresql://u@/db?host=%2Frun%2Fx",
        s3_secret_access_key="k" * 40,
        queues=(),
        models=False,
        weights_folder=tmp_path / "weights",
    )
    show = (
        "from backend.core.settings import get_settings; "
        "s = get_settings(); "
        "print(s.model_dump_json(), s.s3_secret_access_key.get_secret_value())"
    )
    got = subprocess.run(
        [sys.executable, "-c", show],
        env=given.child_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert got.stdout.strip() == f"{given.model_dump_json()} {'k' * 40}"


def test_cookies_are_for_https_only_where_people_come_by_https() -> None:
    assert Settings(public_url="https://annotate.example.org/").secure_cookies
    assert not Settings(public_url=None).secure_cookies
