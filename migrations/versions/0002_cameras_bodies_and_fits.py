"""Cameras, bodies and fits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OLD_KINDS = "kind IN ('ingest', 'prelabel', 'boxes', 'export_coco', 'pull_weights')"
_NEW_KINDS = (
    "kind IN ('ingest', 'prelabel', 'boxes', 'export_coco', 'pull_weights', 'calibrate',"
    " 'synchronise', 'resample', 'fit', 'export_fits')"
)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _NEW_KINDS)
    op.create_table(
        "bodies",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_bodies_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bodies")),
        sa.UniqueConstraint("name", name=op.f("uq_bodies_name")),
    )
    op.create_table(
        "calibrations",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "phase", sa.String(length=40), server_default=sa.text("'session'"), nullable=False
        ),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("cameras", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "report",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("floor_z", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("based_on_id", sa.BigInteger(), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "jsonb_typeof(cameras) = 'array'", name=op.f("ck_calibrations_cameras_listed")
        ),
        sa.CheckConstraint(
            "origin IN ('board', 'points', 'import', 'rendered')",
            name=op.f("ck_calibrations_origin_known"),
        ),
        sa.CheckConstraint(
            "phase IN ('before', 'after', 'session')", name=op.f("ck_calibrations_phase_known")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_calibrations_version_from_one")),
        sa.ForeignKeyConstraint(
            ["based_on_id"],
            ["calibrations.id"],
            name=op.f("fk_calibrations_based_on_id_calibrations"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_calibrations_created_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_calibrations_job_id_jobs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_calibrations_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibrations")),
        sa.UniqueConstraint(
            "recording_id", "version", name=op.f("uq_calibrations_recording_id_version")
        ),
    )
    op.create_table(
        "synchronisations",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("offsets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "report",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "jsonb_typeof(offsets) = 'array'", name=op.f("ck_synchronisations_offsets_listed")
        ),
        sa.CheckConstraint(
            "method IN ('timecode', 'audio', 'motion', 'manual')",
            name=op.f("ck_synchronisations_method_known"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_synchronisations_version_from_one")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_synchronisations_created_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["jobs.id"],
            name=op.f("fk_synchronisations_job_id_jobs"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_synchronisations_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synchronisations")),
        sa.UniqueConstraint(
            "recording_id", "version", name=op.f("uq_synchronisations_recording_id_version")
        ),
    )
    op.create_table(
        "fit_runs",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("body_name", sa.String(length=80), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("calibration_id", sa.BigInteger(), nullable=True),
        sa.Column("config_version", sa.String(length=40), nullable=False),
        sa.Column("config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("betas", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("scale", sa.Double(), nullable=False),
        sa.Column(
            "summary",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("scale > 0", name=op.f("ck_fit_runs_scale_positive")),
        sa.ForeignKeyConstraint(
            ["calibration_id"],
            ["calibrations.id"],
            name=op.f("fk_fit_runs_calibration_id_calibrations"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_fit_runs_created_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_fit_runs_job_id_jobs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_fit_runs_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fit_runs")),
    )
    op.create_index("ix_fit_runs_recording_id_id", "fit_runs", ["recording_id", "id"], unique=False)
    op.create_table(
        "fits",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("moment_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("pose", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("translation", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("joints", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("body_joints", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("mean_error_px", sa.Double(), nullable=True),
        sa.Column("gate_passed", sa.Boolean(), nullable=False),
        sa.Column("converged", sa.Boolean(), nullable=False),
        sa.Column("assumed_camera", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("self_intersections", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "metrics",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("surface_key", sa.Text(), nullable=True),
        sa.Column(
            "status", sa.String(length=40), server_default=sa.text("'fitted'"), nullable=False
        ),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.Column("reviewed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(status = 'rejected') = (reason IS NOT NULL)", name=op.f("ck_fits_reason_if_rejected")
        ),
        sa.CheckConstraint(
            "reason IN ('wrong_facing', 'limb_off', 'shape_off', 'through_floor', 'through_body', 'joints_wrong', 'other')",
            name=op.f("ck_fits_reason_known"),
        ),
        sa.CheckConstraint(
            "status IN ('fitted', 'verified', 'rejected')", name=op.f("ck_fits_status_known")
        ),
        sa.CheckConstraint("cardinality(body_joints) = 72", name=op.f("ck_fits_body_joints_72")),
        sa.CheckConstraint("cardinality(joints) = 51", name=op.f("ck_fits_joints_51")),
        sa.CheckConstraint("cardinality(pose) = 72", name=op.f("ck_fits_pose_72")),
        sa.CheckConstraint("cardinality(translation) = 3", name=op.f("ck_fits_translation_3")),
        sa.ForeignKeyConstraint(
            ["moment_id"],
            ["moments.id"],
            name=op.f("fk_fits_moment_id_moments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_fits_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["users.id"], name=op.f("fk_fits_reviewed_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["fit_runs.id"], name=op.f("fk_fits_run_id_fit_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fits")),
        sa.UniqueConstraint("moment_id", name=op.f("uq_fits_moment_id")),
    )
    op.create_index("ix_fits_recording_id_status", "fits", ["recording_id", "status"], unique=False)
    op.create_index(op.f("ix_fits_run_id"), "fits", ["run_id"], unique=False)
    op.create_table(
        "fit_revisions",
        sa.Column("fit_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_fit_revisions_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["fit_id"], ["fits.id"], name=op.f("fk_fit_revisions_fit_id_fits"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["fit_runs.id"],
            name=op.f("fk_fit_revisions_run_id_fit_runs"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fit_revisions")),
        sa.UniqueConstraint("fit_id", "version", name=op.f("uq_fit_revisions_fit_id_version")),
    )
    op.create_table(
        "fit_views",
        sa.Column("fit_id", sa.BigInteger(), nullable=False),
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("made_from", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("errors", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("mask_iou", sa.Double(), nullable=True),
        sa.CheckConstraint("cardinality(errors) = 17", name=op.f("ck_fit_views_errors_17")),
        sa.CheckConstraint("cardinality(made_from) = 51", name=op.f("ck_fit_views_made_from_51")),
        sa.CheckConstraint("mask_iou BETWEEN 0 AND 1", name=op.f("ck_fit_views_mask_iou_share")),
        sa.ForeignKeyConstraint(
            ["fit_id"], ["fits.id"], name=op.f("fk_fit_views_fit_id_fits"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["frames.id"],
            name=op.f("fk_fit_views_frame_id_frames"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("fit_id", "frame_id", name=op.f("pk_fit_views")),
    )
    op.create_index(op.f("ix_fit_views_frame_id"), "fit_views", ["frame_id"], unique=False)
    op.add_column(
        "exports",
        sa.Column("kind", sa.String(length=8), server_default=sa.text("'coco'"), nullable=False),
    )
    op.add_column("exports", sa.Column("companion_id", sa.BigInteger(), nullable=True))
    op.add_column("exports", sa.Column("fits", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_exports_kind_known"), "exports", "kind IN ('coco', 'fits')")
    op.create_foreign_key(
        op.f("fk_exports_companion_id_exports"),
        "exports",
        "exports",
        ["companion_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("recordings", sa.Column("calibration_id", sa.BigInteger(), nullable=True))
    op.add_column("recordings", sa.Column("synchronisation_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "recordings", sa.Column("drift", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
    op.add_column(
        "recordings",
        sa.Column("drift_flagged", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_foreign_key(
        op.f("fk_recordings_calibration_id_calibrations"),
        "recordings",
        "calibrations",
        ["calibration_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_recordings_synchronisation_id_synchronisations"),
        "recordings",
        "synchronisations",
        ["synchronisation_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    # What the earlier version cannot know goes.
    op.execute("DELETE FROM exports WHERE kind = 'fits'")
    op.execute(f"DELETE FROM jobs WHERE NOT ({_OLD_KINDS})")
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _OLD_KINDS)
    op.drop_constraint(
        op.f("fk_recordings_synchronisation_id_synchronisations"), "recordings", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_recordings_calibration_id_calibrations"), "recordings", type_="foreignkey"
    )
    op.drop_column("recordings", "drift_flagged")
    op.drop_column("recordings", "drift")
    op.drop_column("recordings", "synchronisation_id")
    op.drop_column("recordings", "calibration_id")
    op.drop_constraint(op.f("fk_exports_companion_id_exports"), "exports", type_="foreignkey")
    op.drop_column("exports", "fits")
    op.drop_column("exports", "companion_id")
    op.drop_constraint(op.f("ck_exports_kind_known"), "exports", type_="check")
    op.drop_column("exports", "kind")
    op.drop_index(op.f("ix_fit_views_frame_id"), table_name="fit_views")
    op.drop_table("fit_views")
    op.drop_table("fit_revisions")
    op.drop_index(op.f("ix_fits_run_id"), table_name="fits")
    op.drop_index("ix_fits_recording_id_status", table_name="fits")
    op.drop_table("fits")
    op.drop_index("ix_fit_runs_recording_id_id", table_name="fit_runs")
    op.drop_table("fit_runs")
    op.drop_table("synchronisations")
    op.drop_table("calibrations")
    op.drop_table("bodies")
