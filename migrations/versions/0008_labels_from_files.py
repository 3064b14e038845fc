"""What annotation files said stays with frames and people; exports name their format."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OLD_KINDS = (
    "kind IN ('inspect', 'ingest', 'check_import', 'prelabel', 'boxes', 'export_coco',"
    " 'pull_weights',"
    " 'calibrate', 'synchronise', 'resample', 'fit', 'export_fits')"
)
_NEW_KINDS = (
    "kind IN ('inspect', 'ingest', 'check_import', 'prelabel', 'boxes', 'export', 'pull_weights',"
    " 'calibrate', 'synchronise', 'resample', 'fit')"
)


def upgrade() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("recordings", sa.Column("label_source", json, nullable=True))
    op.add_column("frames", sa.Column("source", json, nullable=True))
    op.add_column("candidates", sa.Column("source", json, nullable=True))

    op.drop_constraint(op.f("ck_frame_boxes_origin_known"), "frame_boxes")
    op.create_check_constraint(
        op.f("ck_frame_boxes_origin_known"),
        "frame_boxes",
        "origin IN ('model', 'human', 'imported')",
    )
    op.add_column("frame_boxes", sa.Column("imported_from_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_frame_boxes_imported_from_id_candidates"),
        "frame_boxes",
        "candidates",
        ["imported_from_id"],
        ["id"],
    )
    op.create_index("ix_frame_boxes_imported_from_id", "frame_boxes", ["imported_from_id"])

    op.drop_constraint(op.f("ck_exports_kind_known"), "exports")
    op.alter_column("exports", "kind", new_column_name="format", type_=sa.String(length=32))
    op.add_column(
        "exports", sa.Column("options", json, server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "exports",
        sa.Column("notes", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.execute(
        "UPDATE exports SET options = jsonb_build_object('include_unverified', true) FROM jobs"
        " WHERE jobs.id = exports.job_id AND jobs.kind = 'export_fits'"
        " AND jobs.payload @> '{\"include_unverified\": true}'"
    )

    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs")
    op.execute(
        "UPDATE jobs SET kind = 'export', payload = payload - 'include_unverified'"
        " WHERE kind IN ('export_coco', 'export_fits')"
    )
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _NEW_KINDS)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs")
    op.execute(
        "UPDATE jobs SET kind = 'export_' || exports.format,"
        " payload = jobs.payload || exports.options FROM exports"
        " WHERE jobs.kind = 'export' AND exports.job_id = jobs.id AND exports.format = 'fits'"
        " AND NOT EXISTS (SELECT 1 FROM exports AS others WHERE others.job_id = jobs.id"
        " AND others.format <> 'fits')"
    )
    op.execute("UPDATE jobs SET kind = 'export_coco' WHERE kind = 'export'")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _OLD_KINDS)

    op.drop_column("exports", "notes")
    op.drop_column("exports", "options")
    op.execute("DELETE FROM exports WHERE format NOT IN ('coco', 'fits')")
    op.alter_column("exports", "format", new_column_name="kind", type_=sa.String(length=8))
    op.create_check_constraint(op.f("ck_exports_kind_known"), "exports", "kind IN ('coco', 'fits')")

    op.drop_index("ix_frame_boxes_imported_from_id", table_name="frame_boxes")
    op.drop_constraint(op.f("fk_frame_boxes_imported_from_id_candidates"), "frame_boxes")
    op.drop_column("frame_boxes", "imported_from_id")
    op.drop_constraint(op.f("ck_frame_boxes_origin_known"), "frame_boxes")
    op.execute("UPDATE frame_boxes SET origin = 'human' WHERE origin = 'imported'")
    op.create_check_constraint(
        op.f("ck_frame_boxes_origin_known"), "frame_boxes", "origin IN ('model', 'human')"
    )

    op.drop_column("candidates", "source")
    op.drop_column("frames", "source")
    op.drop_column("recordings", "label_source")
