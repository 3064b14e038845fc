"""Migrations lead up to the models and back down to nothing."""

from __future__ import annotations

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from backend.core.database import migrate
from backend.core.database.engine import make_engine


def _tables(url: str) -> set[str]:
    engine = make_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_migrated_tables_equal_the_models(fresh_database_url: str) -> None:
    command.check(migrate.config(fresh_database_url))


def test_down_leaves_nothing_and_up_again_works(fresh_database_url: str) -> None:
    before = _tables(fresh_database_url)
    migrate.downgrade(fresh_database_url)
    assert _tables(fresh_database_url) == {"alembic_version"}
    migrate.upgrade(fresh_database_url)
    assert _tables(fresh_database_url) == before


def test_up_on_an_empty_database_and_twice(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    migrate.upgrade(empty_database_url)
    assert "recordings" in _tables(empty_database_url)


def test_there_is_one_line_of_migrations() -> None:
    script = ScriptDirectory.from_config(migrate.config("postgresql://unused/unused"))
    assert len(script.get_heads()) == 1
