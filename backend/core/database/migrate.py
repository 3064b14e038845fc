"""Bringing a database's tables up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

FOLDER = Path(__file__).resolve().parents[3] / "migrations"


def config(url: str) -> Config:
    """Alembic's configuration for a database address."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing; nothing happens when nothing is."""
    command.upgrade(config(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take migrations back."""
    command.downgrade(config(url), revision)


if __name__ == "__main__":
    from backend.core.settings import get_settings

    upgrade(get_settings().required_database_url)
