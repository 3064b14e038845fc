"""Alembic's environment: the address comes from the caller or from the settings."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

import backend.core.database.tables  # noqa: F401  (registers the tables)
from backend.core.database.base import Base
from backend.core.database.engine import make_engine

# One lock per database: two starting processes must not migrate at once.
_LOCK = 7_264_103_551


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        context.run_migrations()


def run() -> None:
    """Run with the caller's connection, or with one to the configured address."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        from backend.core.settings import get_settings

        url = get_settings().required_database_url
    engine = make_engine(url)
    with engine.connect() as connection:
        _run(connection)
        connection.commit()
    engine.dispose()


run()
