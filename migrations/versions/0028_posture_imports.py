"""Imports of postures, which are undone as a whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posture_imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.UUID(), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("choices", postgresql.JSONB(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_posture_imports_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name=op.f("fk_posture_imports_undone_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posture_imports")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_posture_imports_operation_id")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_posture_imports_undone")
        ),
    )
    op.add_column("posture_revisions", sa.Column("import_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_posture_revisions_import_id_posture_imports"),
        "posture_revisions",
        "posture_imports",
        ["import_id"],
        ["id"],
    )
    op.create_index(op.f("ix_posture_revisions_import_id"), "posture_revisions", ["import_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_posture_revisions_import_id"), table_name="posture_revisions")
    op.drop_constraint(
        op.f("fk_posture_revisions_import_id_posture_imports"),
        "posture_revisions",
        type_="foreignkey",
    )
    op.drop_column("posture_revisions", "import_id")
    op.drop_table("posture_imports")
