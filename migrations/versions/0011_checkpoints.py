"""Checkpoints are registered rows; a recording names the checkpoint of its pre-labels by hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("architecture", sa.String(length=80), nullable=False),
        sa.Column("config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("trained_on", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("published_sha256", sa.String(length=64), nullable=True),
        sa.Column("published_bytes", sa.BigInteger(), nullable=True),
        sa.Column(
            "state", sa.String(length=40), server_default=sa.text("'missing'"), nullable=False
        ),
        sa.Column("origin", sa.String(length=40), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("untrained", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('pose', 'segment')", name=op.f("ck_checkpoints_kind_known")),
        sa.CheckConstraint(
            "state IN ('present', 'missing')", name=op.f("ck_checkpoints_state_known")
        ),
        sa.CheckConstraint(
            "origin IN ('shipped', 'downloaded', 'uploaded')",
            name=op.f("ck_checkpoints_origin_known"),
        ),
        sa.CheckConstraint(
            "(state = 'present') = (file IS NOT NULL AND sha256 IS NOT NULL"
            " AND bytes IS NOT NULL AND origin IS NOT NULL)",
            name=op.f("ck_checkpoints_present_with_its_file"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_checkpoints_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoints")),
        sa.UniqueConstraint("name", name=op.f("uq_checkpoints_name")),
    )
    op.add_column("recordings", sa.Column("prelabel_sha256", sa.String(length=64), nullable=True))
    op.add_column(
        "recordings", sa.Column("prelabel_boxes_from", sa.String(length=120), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("recordings", "prelabel_boxes_from")
    op.drop_column("recordings", "prelabel_sha256")
    op.drop_table("checkpoints")
