"""How good labels are: gold frames, independent attempts, training, adjudications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_rules",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("gold_share", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("double_share", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("seed", sa.String(length=40), server_default=sa.text("'1'"), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "training_required", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("training_frames", sa.Integer(), server_default=sa.text("10"), nullable=False),
        sa.Column("training_min_oks", sa.Double(), server_default=sa.text("0.9"), nullable=False),
        sa.Column(
            "training_min_visibility", sa.Double(), server_default=sa.text("0.85"), nullable=False
        ),
        sa.CheckConstraint(
            "double_share BETWEEN 0 AND 1", name=op.f("ck_quality_rules_double_share_of_one")
        ),
        sa.CheckConstraint(
            "gold_share BETWEEN 0 AND 1", name=op.f("ck_quality_rules_gold_share_of_one")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_quality_rules_only_one")),
        sa.CheckConstraint("training_frames >= 1", name=op.f("ck_quality_rules_some_training")),
        sa.CheckConstraint(
            "training_min_oks BETWEEN 0 AND 1", name=op.f("ck_quality_rules_oks_of_one")
        ),
        sa.CheckConstraint(
            "training_min_visibility BETWEEN 0 AND 1",
            name=op.f("ck_quality_rules_visibility_of_one"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_rules")),
    )
    op.create_table(
        "gold_frames",
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(length=40), nullable=False),
        sa.Column("marked_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "marked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("use IN ('check', 'training')", name=op.f("ck_gold_frames_use_known")),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["frames.id"],
            name=op.f("fk_gold_frames_frame_id_frames"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["marked_by_id"], ["users.id"], name=op.f("fk_gold_frames_marked_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_gold_frames_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("frame_id", name=op.f("pk_gold_frames")),
    )
    op.create_index(
        op.f("ix_gold_frames_recording_id"), "gold_frames", ["recording_id"], unique=False
    )
    op.create_table(
        "attempts",
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("lap", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "verdict", sa.String(length=40), server_default=sa.text("'undecided'"), nullable=False
        ),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.Column(
            "state", sa.String(length=40), server_default=sa.text("'undecided'"), nullable=False
        ),
        sa.Column("candidate_id", sa.BigInteger(), nullable=True),
        sa.Column("keypoints", sa.ARRAY(sa.Double()), nullable=True),
        sa.Column("actions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("seconds_shown", sa.REAL(), nullable=True),
        sa.Column("last_operation_id", sa.UUID(), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("known_version", sa.Integer(), nullable=True),
        sa.Column("verdict_agrees", sa.Boolean(), nullable=True),
        sa.Column("oks", sa.Double(), nullable=True),
        sa.Column("px", sa.ARRAY(sa.Double()), nullable=True),
        sa.Column("same_visibility", sa.ARRAY(sa.Boolean()), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(verdict = 'discard') = (reason IS NOT NULL)",
            name=op.f("ck_attempts_reason_with_discard"),
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR verdict <> 'undecided'", name=op.f("ck_attempts_closed_decided")
        ),
        sa.CheckConstraint(
            "purpose IN ('check', 'second', 'training')", name=op.f("ck_attempts_purpose_known")
        ),
        sa.CheckConstraint(
            "reason IN ('motion_blur', 'camera_shake', 'strong_occlusion', 'no_infant', 'infant_too_old', 'lighting', 'several_infants', 'duplicate', 'other')",
            name=op.f("ck_attempts_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('undecided', 'accepted', 'corrected', 'discarded')",
            name=op.f("ck_attempts_state_known"),
        ),
        sa.CheckConstraint(
            "verdict IN ('undecided', 'keep', 'discard')", name=op.f("ck_attempts_verdict_known")
        ),
        sa.CheckConstraint(
            "keypoints IS NULL OR cardinality(keypoints) = 51",
            name=op.f("ck_attempts_keypoints_51"),
        ),
        sa.CheckConstraint(
            "seconds_shown >= 0", name=op.f("ck_attempts_seconds_shown_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["frames.id"],
            name=op.f("fk_attempts_frame_id_frames"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_attempts_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_attempts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint(
            "frame_id",
            "user_id",
            "purpose",
            "lap",
            name=op.f("uq_attempts_frame_id_user_id_purpose_lap"),
        ),
        sa.UniqueConstraint("last_operation_id", name=op.f("uq_attempts_last_operation_id")),
    )
    op.create_index(
        "ix_attempts_one_second",
        "attempts",
        ["frame_id"],
        unique=True,
        postgresql_where=sa.text("purpose = 'second'"),
    )
    op.create_index(
        "ix_attempts_open",
        "attempts",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_attempts_recording_id", "attempts", ["recording_id"], unique=False)
    op.create_index(
        "ix_attempts_user_id_created_at", "attempts", ["user_id", "created_at"], unique=False
    )
    op.create_table(
        "training_passes",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "passed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("oks", sa.Double(), nullable=True),
        sa.Column("visibility", sa.Double(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_training_passes_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_training_passes_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_training_passes")),
    )
    op.create_table(
        "adjudications",
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("first_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("choices", postgresql.JSONB(), nullable=False),
        sa.Column("adjudicator_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["adjudicator_id"], ["users.id"], name=op.f("fk_adjudications_adjudicator_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_adjudications_attempt_id_attempts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["frames.id"],
            name=op.f("fk_adjudications_frame_id_frames"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjudications")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_adjudications_attempt_id")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_adjudications_operation_id")),
    )
    op.create_index("ix_adjudications_frame_id", "adjudications", ["frame_id"], unique=False)
    op.execute("INSERT INTO quality_rules (id) VALUES (1)")
    op.create_index(
        "ix_annotation_revisions_by_people",
        "annotation_revisions",
        ["created_at", "id"],
        postgresql_where=sa.text("author_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_annotation_revisions_by_people", table_name="annotation_revisions")
    for table in ("adjudications", "training_passes", "attempts", "gold_frames", "quality_rules"):
        op.drop_table(table)
