"""How a team shares its work: rules for handing out, leases, parts; and who changed what, by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0019"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_annotation_revisions_author_id_created_at", "annotation_revisions",
     ["author_id", "created_at"]),
    ("ix_annotation_revisions_created_at_id", "annotation_revisions", ["created_at", "id"]),
    ("ix_audit_entries_created_at_id", "audit_entries", ["created_at", "id"]),
    ("ix_audit_entries_actor_id_created_at", "audit_entries", ["actor_id", "created_at"]),
)  # fmt: skip


def upgrade() -> None:
    op.add_column(
        "recordings",
        sa.Column("in_parts", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_table(
        "team_rules",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("handout", sa.String(length=40), server_default="choice", nullable=False),
        sa.Column("lease_minutes", sa.Integer(), server_default="480", nullable=False),
        sa.Column("stuck_days", sa.Integer(), server_default="7", nullable=False),
        sa.CheckConstraint(
            "handout IN ('choice', 'queue', 'rotation', 'assigned')",
            name=op.f("ck_team_rules_handout_known"),
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_team_rules_only_one")),
        sa.CheckConstraint(
            "lease_minutes BETWEEN 5 AND 20160", name=op.f("ck_team_rules_lease_bounds")
        ),
        sa.CheckConstraint("stuck_days BETWEEN 1 AND 365", name=op.f("ck_team_rules_stuck_bounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_rules")),
    )
    op.execute("INSERT INTO team_rules (id) VALUES (1)")
    op.create_table(
        "recording_leases",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "taken_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_recording_leases_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recording_leases_user_id_users")
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recording_leases")),
    )
    op.create_index(op.f("ix_recording_leases_user_id"), "recording_leases", ["user_id"])
    op.create_table(
        "recording_parts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("0 <= first AND first <= last", name=op.f("ck_recording_parts_range")),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_recording_parts_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recording_parts_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"],
            ["users.id"],
            name=op.f("fk_recording_parts_submitted_by_id_users"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_parts")),
        sa.UniqueConstraint(
            "recording_id", "index", name=op.f("uq_recording_parts_recording_id_index")
        ),
    )
    op.create_index(op.f("ix_recording_parts_user_id"), "recording_parts", ["user_id"])
    op.drop_index(op.f("ix_annotation_revisions_author_id"), "annotation_revisions")
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in _INDEXES:
        op.drop_index(name, table)
    op.create_index(
        op.f("ix_annotation_revisions_author_id"), "annotation_revisions", ["author_id"]
    )
    op.drop_table("recording_parts")
    op.drop_table("recording_leases")
    op.drop_table("team_rules")
    op.drop_column("recordings", "in_parts")
