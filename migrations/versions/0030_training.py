"""Runs of training, and which checkpoint a maintainer chose.

Revision ID: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_NEW_KIND = "train_model"


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
    _know([*_kinds(), _NEW_KIND])
    op.add_column(
        "checkpoints",
        sa.Column("chosen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "uq_checkpoints_one_chosen_per_kind",
        "checkpoints",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("chosen"),
    )

    def json(name: str, default: str | None = None) -> sa.Column[object]:
        given = None if default is None else sa.text(f"'{default}'")
        return sa.Column(name, postgresql.JSONB(), server_default=given, nullable=default is None)

    op.create_table(
        "training_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("recipe", sa.String(80), nullable=False),
        sa.Column("scale", sa.String(8), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=True),
        sa.Column("release_title", sa.String(200), nullable=False),
        sa.Column("release_sha256", sa.String(64), nullable=False),
        sa.Column("renders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("start", sa.String(80), nullable=True),
        sa.Column("start_sha256", sa.String(64), nullable=True),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        json("samples", "{}"),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("-1"), nullable=False),
        sa.Column("key_metric", sa.String(80), nullable=True),
        sa.Column("best_epoch", sa.Integer(), nullable=True),
        sa.Column("best_sha256", sa.String(64), nullable=True),
        json("scores"),
        json("before"),
        json("test"),
        json("test_before"),
        json("pictures", "[]"),
        json("notes", "[]"),
        sa.Column("checkpoint", sa.String(80), nullable=True),
        json("comparison"),
        sa.Column("decision", sa.String(40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_runs")),
        sa.UniqueConstraint("name", name=op.f("uq_training_runs_name")),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_training_runs_release_id_releases"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_training_runs_job_id_jobs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_training_runs_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_training_runs_created_by_id_users")
        ),
        sa.CheckConstraint(
            "scale IN ('paper', 'small')", name=op.f("ck_training_runs_scale_known")
        ),
        sa.CheckConstraint(
            "epoch >= -1 AND epoch <= epochs", name=op.f("ck_training_runs_epoch_within")
        ),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (scores IS NULL)",
            name=op.f("ck_training_runs_finished_with_scores"),
        ),
        sa.CheckConstraint(
            "decision IN ('chosen', 'declined')", name=op.f("ck_training_runs_decision_known")
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_training_runs_decided_whole"),
        ),
    )
    op.create_index(op.f("ix_training_runs_release_id"), "training_runs", ["release_id"])


def downgrade() -> None:
    op.drop_table("training_runs")
    op.drop_index("uq_checkpoints_one_chosen_per_kind", table_name="checkpoints")
    op.drop_column("checkpoints", "chosen")
    op.execute(f"DELETE FROM jobs WHERE kind = '{_NEW_KIND}'")
    _know([kind for kind in _kinds() if kind != _NEW_KIND])
