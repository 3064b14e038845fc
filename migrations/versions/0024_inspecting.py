"""Inspecting: samples that vouch, looks, marks of joints, locks of frames, threads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inspection_rules",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("min_frames", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("max_errors_per_1000", sa.Double(), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_inspection_rules_one_row")),
        sa.CheckConstraint(
            "max_errors_per_1000 BETWEEN 0 AND 1000",
            name=op.f("ck_inspection_rules_limit_per_1000"),
        ),
        sa.CheckConstraint("min_frames >= 1", name=op.f("ck_inspection_rules_some_frames")),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name=op.f("ck_inspection_rules_share_of_one")),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["users.id"], name=op.f("fk_inspection_rules_updated_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_rules")),
    )
    op.create_table(
        "inspection_samples",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("inspector_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.UUID(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("frame_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("max_errors_per_1000", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joints", sa.Integer(), nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=True),
        sa.Column("wrong_frames", sa.Integer(), nullable=True),
        sa.Column("rate", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("vouched", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (joints IS NULL)",
            name=op.f("ck_inspection_samples_finished_with_result"),
        ),
        sa.CheckConstraint(
            "population >= cardinality(frame_ids)",
            name=op.f("ck_inspection_samples_drawn_from_population"),
        ),
        sa.CheckConstraint(
            "wrong BETWEEN 0 AND joints", name=op.f("ck_inspection_samples_wrong_of_joints")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["users.id"], name=op.f("fk_inspection_samples_inspector_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_inspection_samples_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_samples")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_inspection_samples_operation_id")),
    )
    op.create_index(
        "ix_inspection_samples_recording_id_id",
        "inspection_samples",
        ["recording_id", "id"],
        unique=False,
    )
    op.create_table(
        "frame_looks",
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.REAL(), nullable=False),
        sa.Column(
            "first_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_frame_looks_seconds_not_negative")),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["frames.id"],
            name=op.f("fk_frame_looks_frame_id_frames"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_frame_looks_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_frame_looks_user_id_users")
        ),
        sa.PrimaryKeyConstraint("frame_id", "round", "user_id", name=op.f("pk_frame_looks")),
    )
    op.create_index(
        "ix_frame_looks_recording_id_round", "frame_looks", ["recording_id", "round"], unique=False
    )
    op.create_table(
        "joint_marks",
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("joint", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("inspector_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "marked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("mark IN ('right', 'wrong')", name=op.f("ck_joint_marks_mark_known")),
        sa.CheckConstraint("joint BETWEEN 0 AND 16", name=op.f("ck_joint_marks_joint_known")),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["frames.id"],
            name=op.f("fk_joint_marks_frame_id_frames"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["users.id"], name=op.f("fk_joint_marks_inspector_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_joint_marks_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("frame_id", "round", "joint", name=op.f("pk_joint_marks")),
    )
    op.create_index(
        "ix_joint_marks_recording_id_round", "joint_marks", ["recording_id", "round"], unique=False
    )
    op.create_table(
        "comment_replies",
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "mentions", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("operation_id", sa.UUID(), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "length(trim(body)) > 0", name=op.f("ck_comment_replies_body_not_empty")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_comment_replies_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name=op.f("fk_comment_replies_comment_id_comments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_replies")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_comment_replies_operation_id")),
    )
    op.create_index(
        "ix_comment_replies_comment_id", "comment_replies", ["comment_id"], unique=False
    )
    op.add_column("annotations", sa.Column("approved_round", sa.Integer(), nullable=True))
    op.add_column(
        "annotations", sa.Column("open_joints", sa.ARRAY(sa.SmallInteger()), nullable=True)
    )
    op.create_check_constraint(
        op.f("ck_annotations_approved_or_open"),
        "annotations",
        "approved_round IS NULL OR open_joints IS NULL",
    )
    op.add_column("comments", sa.Column("reason", sa.String(length=40), nullable=True))
    op.create_check_constraint(
        op.f("ck_comments_reason_known"),
        "comments",
        "reason IN ('off', 'sides', 'visibility', 'person', 'missing', 'discard')",
    )
    op.add_column("comments", sa.Column("until_frame_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "comments",
        sa.Column(
            "mentions", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.create_index(
        op.f("ix_comments_until_frame_id"), "comments", ["until_frame_id"], unique=False
    )
    op.create_foreign_key(
        op.f("fk_comments_until_frame_id_frames"),
        "comments",
        "frames",
        ["until_frame_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("frame_marks", sa.Column("sample_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_frame_marks_sample_id"), "frame_marks", ["sample_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_frame_marks_sample_id_inspection_samples"),
        "frame_marks",
        "inspection_samples",
        ["sample_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    """Forget samples, looks, marks of joints, replies and locks."""
    op.drop_constraint(
        op.f("fk_frame_marks_sample_id_inspection_samples"), "frame_marks", type_="foreignkey"
    )
    op.drop_index(op.f("ix_frame_marks_sample_id"), table_name="frame_marks")
    op.drop_column("frame_marks", "sample_id")
    op.drop_constraint(op.f("fk_comments_until_frame_id_frames"), "comments", type_="foreignkey")
    op.drop_index(op.f("ix_comments_until_frame_id"), table_name="comments")
    op.drop_column("comments", "mentions")
    op.drop_column("comments", "until_frame_id")
    op.drop_constraint(op.f("ck_comments_reason_known"), "comments", type_="check")
    op.drop_column("comments", "reason")
    op.drop_constraint(op.f("ck_annotations_approved_or_open"), "annotations", type_="check")
    op.drop_column("annotations", "open_joints")
    op.drop_column("annotations", "approved_round")
    op.drop_index("ix_comment_replies_comment_id", table_name="comment_replies")
    op.drop_table("comment_replies")
    op.drop_index("ix_joint_marks_recording_id_round", table_name="joint_marks")
    op.drop_table("joint_marks")
    op.drop_index("ix_frame_looks_recording_id_round", table_name="frame_looks")
    op.drop_table("frame_looks")
    op.drop_index("ix_inspection_samples_recording_id_id", table_name="inspection_samples")
    op.drop_table("inspection_samples")
    op.drop_table("inspection_rules")
