"""A camera's video may be several files; uploaded videos are looked at before an import begins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

_KINDS = (
    "ingest", "prelabel", "boxes", "export_coco", "pull_weights", "calibrate", "synchronise",
    "resample", "fit", "export_fits",
)  # fmt: skip


def _kinds(*kinds: str) -> str:
    return f"kind IN ({', '.join(repr(kind) for kind in kinds)})"


def upgrade() -> None:
    op.create_table(
        "camera_files",
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("first_frame", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=True),
        sa.Column("start_s", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "first_frame >= 0 AND start_s >= 0", name=op.f("ck_camera_files_begins_from_zero")
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.id"],
            name=op.f("fk_camera_files_camera_id_cameras"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_files")),
        sa.UniqueConstraint("camera_id", "index", name=op.f("uq_camera_files_camera_id_index")),
    )
    op.execute(
        "INSERT INTO camera_files (camera_id, index, filename, sha256, key, duration_s)"
        " SELECT id, 0, COALESCE(source_filename, name), COALESCE(source_sha256, ''), source_key,"
        " duration_s FROM cameras WHERE source_key IS NOT NULL"
    )
    op.drop_column("cameras", "source_key")
    op.drop_column("cameras", "source_sha256")
    op.add_column("cameras", sa.Column("frame_interval_s", sa.Double(), nullable=True))
    op.create_table(
        "upload_looks",
        sa.Column("upload_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("times", sa.LargeBinary(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(facts IS NULL) = (times IS NULL)", name=op.f("ck_upload_looks_facts_with_times")
        ),
        sa.CheckConstraint(
            "(facts IS NULL) <> (fault IS NULL)", name=op.f("ck_upload_looks_facts_or_fault")
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["uploads.id"],
            name=op.f("fk_upload_looks_upload_id_uploads"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_upload_looks")),
    )
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _kinds("inspect", *_KINDS))


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'inspect'")
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _kinds(*_KINDS))
    op.drop_table("upload_looks")
    op.drop_column("cameras", "frame_interval_s")
    op.add_column("cameras", sa.Column("source_sha256", sa.String(length=64), nullable=True))
    op.add_column("cameras", sa.Column("source_key", sa.Text(), nullable=True))
    op.execute(
        "UPDATE cameras SET source_key = camera_files.key, source_sha256 = camera_files.sha256"
        " FROM camera_files WHERE camera_files.camera_id = cameras.id AND camera_files.index = 0"
    )
    op.drop_table("camera_files")
