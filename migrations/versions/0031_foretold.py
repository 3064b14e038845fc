"""What was foretold of frames before people looked at them, and on how many a recording was
checked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "foretold",
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.SmallInteger(), nullable=False),
        sa.Column("joints", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column("sigma", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column("size", sa.Double(), nullable=False),
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("cardinality(joints) = 34", name=op.f("ck_foretold_joints_34")),
        sa.CheckConstraint("cardinality(sigma) = 17", name=op.f("ck_foretold_sigma_17")),
        sa.CheckConstraint("why IN (1, 2)", name=op.f("ck_foretold_why_known")),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["frames.id"],
            name=op.f("fk_foretold_frame_id_frames"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_foretold_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("frame_id", name=op.f("pk_foretold")),
    )
    op.create_index(op.f("ix_foretold_recording_id"), "foretold", ["recording_id"])
    op.add_column(
        "propagations", sa.Column("checked", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("propagations", sa.Column("off_px", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("propagations", "off_px")
    op.drop_column("propagations", "checked")
    op.drop_table("foretold")
