"""Motion between frames, what is inferred from corrections, and which joints were taken from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_NEW_KIND = "measure_motion"


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


def _of_recording(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["recording_id"],
        ["recordings.id"],
        name=op.f(f"fk_{table}_recording_id_recordings"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "flow_files",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "links >= 0 AND last_position >= first_position",
            name=op.f("ck_flow_files_range_rises"),
        ),
        _of_recording("flow_files"),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.id"],
            name=op.f("fk_flow_files_camera_id_cameras"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_files")),
        sa.UniqueConstraint(
            "camera_id", "first_position", name=op.f("uq_flow_files_camera_id_first_position")
        ),
    )
    op.create_index("ix_flow_files_recording_id", "flow_files", ["recording_id"])
    op.create_table(
        "propagations",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("expected_error", sa.Double(), nullable=True),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number >= 0", name=op.f("ck_propagations_number_counts")),
        sa.CheckConstraint("target > 0", name=op.f("ck_propagations_target_positive")),
        _of_recording("propagations"),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_propagations")),
    )
    op.create_table(
        "propagation_solves",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("expected_error", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column(
            "solved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        _of_recording("propagation_solves"),
        sa.PrimaryKeyConstraint("recording_id", "number", name=op.f("pk_propagation_solves")),
    )
    op.create_table(
        "estimates",
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("solve", sa.Integer(), nullable=False),
        sa.Column("joints", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("sigma", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("visibility", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("sources", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.CheckConstraint("cardinality(joints) = 34", name=op.f("ck_estimates_joints_34")),
        sa.CheckConstraint("cardinality(sigma) = 17", name=op.f("ck_estimates_sigma_17")),
        sa.CheckConstraint("cardinality(visibility) = 17", name=op.f("ck_estimates_visibility_17")),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["frames.id"],
            name=op.f("fk_estimates_frame_id_frames"),
            ondelete="CASCADE",
        ),
        _of_recording("estimates"),
        sa.PrimaryKeyConstraint("frame_id", name=op.f("pk_estimates")),
    )
    op.create_index("ix_estimates_recording_id", "estimates", ["recording_id"])
    for table in ("annotations", "annotation_revisions"):
        column = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
        op.add_column(table, sa.Column("propagated", column, nullable=True))
    _know([*_kinds(), _NEW_KIND])


def downgrade() -> None:
    op.execute(f"DELETE FROM jobs WHERE kind = '{_NEW_KIND}'")
    _know([kind for kind in _kinds() if kind != _NEW_KIND])
    for table in ("annotation_revisions", "annotations"):
        op.drop_column(table, "propagated")
    for table in ("estimates", "propagation_solves", "propagations", "flow_files"):
        op.drop_table(table)
