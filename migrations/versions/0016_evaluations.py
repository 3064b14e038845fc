"""Predictions measured on releases, and what each frame of them showed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NEW_KIND = "evaluate"


def _kinds() -> list[str]:
    """Kinds that the check of the column knows; other migrations add to them as well."""
    definition = op.get_bind().scalar(
        sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"),
        {"name": "ck_jobs_kind_known"},
    )
    return list(str(definition).split("'")[1::2])


def _know(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    known = ", ".join(repr(kind) for kind in kinds)
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", f"kind IN ({known})")


def upgrade() -> None:
    op.create_table(
        "evaluations",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("split", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("setting", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("licence", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("url", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(result IS NULL) = (evaluated_at IS NULL) AND (result IS NULL) = (file_key IS NULL)",
            name=op.f("ck_evaluations_whole_or_nothing"),
        ),
        sa.CheckConstraint("length(trim(model)) > 0", name=op.f("ck_evaluations_model_named")),
        sa.CheckConstraint(
            "setting IN ('zero-shot', 'fine-tuned')", name=op.f("ck_evaluations_setting_known")
        ),
        sa.CheckConstraint(
            "kind IN ('joints', 'bodies', 'postures')", name=op.f("ck_evaluations_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_evaluations_release_id_releases"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_evaluations_job_id_jobs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_evaluations_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint(
            "release_id",
            "split",
            "model",
            "file_sha256",
            name=op.f("uq_evaluations_release_id_split_model_file_sha256"),
        ),
    )
    op.create_index("ix_evaluations_model", "evaluations", ["model"], unique=False)
    op.create_table(
        "evaluation_frames",
        sa.Column("evaluation_id", sa.BigInteger(), nullable=False),
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("oks", sa.Double(), nullable=True),
        sa.Column("error", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("worst_joint", sa.SmallInteger(), nullable=True),
        sa.Column("joints", sa.ARRAY(sa.Double()), nullable=True),
        sa.Column("similarity", sa.ARRAY(sa.Double()), nullable=True),
        sa.Column("kinds", sa.ARRAY(sa.SmallInteger()), nullable=True),
        sa.Column("true_posture", sa.String(length=80), nullable=True),
        sa.Column("posture", sa.String(length=80), nullable=True),
        sa.Column(
            "measures",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.CheckConstraint("cardinality(joints) = 34", name=op.f("ck_evaluation_frames_joints_34")),
        sa.CheckConstraint(
            "cardinality(similarity) = 17", name=op.f("ck_evaluation_frames_similarity_17")
        ),
        sa.CheckConstraint("cardinality(kinds) = 17", name=op.f("ck_evaluation_frames_kinds_17")),
        sa.CheckConstraint(
            "worst_joint BETWEEN 0 AND 16", name=op.f("ck_evaluation_frames_worst_joint_known")
        ),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_evaluation_frames_evaluation_id_evaluations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "frame_id", name=op.f("pk_evaluation_frames")),
        sa.UniqueConstraint(
            "evaluation_id", "rank", name=op.f("uq_evaluation_frames_evaluation_id_rank")
        ),
    )
    _know([*_kinds(), _NEW_KIND])


def downgrade() -> None:
    op.execute(f"DELETE FROM jobs WHERE kind = '{_NEW_KIND}'")
    _know([kind for kind in _kinds() if kind != _NEW_KIND])
    op.drop_table("evaluation_frames")
    op.drop_index("ix_evaluations_model", table_name="evaluations")
    op.drop_table("evaluations")
