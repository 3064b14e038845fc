"""Published releases cannot be emptied by TRUNCATE, which passes triggers of rows by.

Revision ID: 0037
"""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_TABLES = (
    "releases", "release_frames", "release_splits", "release_files", "release_recordings",
)  # fmt: skip
_FUNCTION = """
CREATE FUNCTION protect_published_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM releases WHERE state IN ('published', 'withdrawn')) THEN
        RAISE EXCEPTION 'releases are published and cannot be emptied'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.execute(_FUNCTION)
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER protect_published_all BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION protect_published_all()"
        )


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TRIGGER protect_published_all ON {table}")
    op.execute("DROP FUNCTION protect_published_all()")
