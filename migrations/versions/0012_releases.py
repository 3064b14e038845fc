"""Datasets, releases and what they froze; entries of consent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KINDS = [
    "inspect", "ingest", "check_import", "prelabel", "boxes", "export", "pull_weights", "calibrate",
    "synchronise", "resample", "fit",
]  # fmt: skip
_NEW_KINDS = ["check_release", "write_release"]

# Of a published release only the withdrawal may be written, and the DOI, which is given afterwards.
_PROTECT_RELEASES = """
CREATE FUNCTION protect_published_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed releases%ROWTYPE;
BEGIN
    IF OLD.state NOT IN ('published', 'withdrawn') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        allowed := NEW;
        allowed.job_id := OLD.job_id;
        IF OLD.doi IS NULL THEN
            allowed.doi := OLD.doi;
        END IF;
        IF OLD.state = 'published' AND NEW.state = 'withdrawn' THEN
            allowed.state := OLD.state;
            allowed.withdrawn_at := OLD.withdrawn_at;
            allowed.withdrawn_by_id := OLD.withdrawn_by_id;
            allowed.withdrawn_why := OLD.withdrawn_why;
        END IF;
        IF allowed IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'release % is published and cannot be changed', OLD.id
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER protect_published BEFORE UPDATE OR DELETE ON releases
    FOR EACH ROW EXECUTE FUNCTION protect_published_release();
"""
_PROTECT_PARTS = """
CREATE FUNCTION protect_published_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_release bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.release_id ELSE OLD.release_id END;
BEGIN
    IF EXISTS (
        SELECT FROM releases WHERE id = of_release AND state IN ('published', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'release % is published and cannot be changed', of_release
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""
_PARTS = ["release_frames", "release_splits", "release_files"]


def _known(kinds: list[str]) -> str:
    return f"kind IN ({', '.join(repr(kind) for kind in kinds)})"


def upgrade() -> None:
    op.create_table(
        "datasets",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_datasets_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
        sa.UniqueConstraint("name", name=op.f("uq_datasets_name")),
    )
    op.create_table(
        "infant_consents",
        sa.Column("infant_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("noted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "scope IN ('none', 'internal', 'research', 'public')",
            name=op.f("ck_infant_consents_scope_known"),
        ),
        sa.ForeignKeyConstraint(
            ["infant_id"],
            ["infants.id"],
            name=op.f("fk_infant_consents_infant_id_infants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["users.id"], name=op.f("fk_infant_consents_noted_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_infant_consents")),
    )
    op.create_index(
        "ix_infant_consents_infant_id_id", "infant_consents", ["infant_id", "id"], unique=False
    )
    op.create_table(
        "releases",
        sa.Column("dataset_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("base_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=40), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("notes", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("licence", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("contact", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("citation", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("doi", sa.String(length=200), nullable=True),
        sa.Column(
            "gate", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "statistics", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("frames", sa.Integer(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("prefix", sa.Text(), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state IN ('published', 'withdrawn')) = (published_at IS NOT NULL AND content_sha256 IS NOT NULL)",
            name=op.f("ck_releases_published_with_its_hash"),
        ),
        sa.CheckConstraint(
            "audience IN ('none', 'internal', 'research', 'public')",
            name=op.f("ck_releases_audience_known"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR frozen_at IS NOT NULL", name=op.f("ck_releases_frozen_unless_draft")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'checked', 'published', 'withdrawn')",
            name=op.f("ck_releases_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["base_id"], ["releases.id"], name=op.f("fk_releases_base_id_releases")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_releases_created_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_releases_dataset_id_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_releases_job_id_jobs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["users.id"], name=op.f("fk_releases_published_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["users.id"], name=op.f("fk_releases_withdrawn_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("dataset_id", "version", name=op.f("uq_releases_dataset_id_version")),
    )
    op.create_table(
        "release_files",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("bytes >= 0", name=op.f("ck_release_files_bytes_not_negative")),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_release_files_release_id_releases"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "path", name=op.f("pk_release_files")),
    )
    op.create_table(
        "release_frames",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("infant_id", sa.BigInteger(), nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.Column("moment_id", sa.BigInteger(), nullable=False),
        sa.Column("split", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("image_sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("annotation_version", sa.Integer(), nullable=False),
        sa.Column("keypoints", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("box_version", sa.Integer(), nullable=False),
        sa.Column("box_x", sa.Double(), nullable=False),
        sa.Column("box_y", sa.Double(), nullable=False),
        sa.Column("box_width", sa.Double(), nullable=False),
        sa.Column("box_height", sa.Double(), nullable=False),
        sa.Column("mask_area", sa.Integer(), nullable=True),
        sa.Column("fit_id", sa.BigInteger(), nullable=True),
        sa.Column("fit_version", sa.Integer(), nullable=True),
        sa.Column("posture", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "cardinality(keypoints) = 51", name=op.f("ck_release_frames_keypoints_51")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_release_frames_release_id_releases"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "frame_id", name=op.f("pk_release_frames")),
    )
    op.create_index("ix_release_frames_frame_id", "release_frames", ["frame_id"], unique=False)
    op.create_index(
        "ix_release_frames_release_id_infant_id",
        "release_frames",
        ["release_id", "infant_id"],
        unique=False,
    )
    op.create_table(
        "release_splits",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("infant_id", sa.BigInteger(), nullable=False),
        sa.Column("split", sa.String(length=40), nullable=False),
        sa.Column("inherited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_release_splits_release_id_releases"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "infant_id", name=op.f("pk_release_splits")),
    )
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _known(_KINDS + _NEW_KINDS))
    op.execute(_PROTECT_RELEASES)
    op.execute(_PROTECT_PARTS)
    for table in _PARTS:
        op.execute(
            f"CREATE TRIGGER protect_published BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION protect_published_part()"
        )


def downgrade() -> None:
    for table in _PARTS:
        op.execute(f"DROP TRIGGER protect_published ON {table}")
    op.execute("DROP TRIGGER protect_published ON releases")
    op.execute("DROP FUNCTION protect_published_part()")
    op.execute("DROP FUNCTION protect_published_release()")
    op.execute(f"DELETE FROM jobs WHERE {_known(_NEW_KINDS)}")
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _known(_KINDS))

    op.drop_table("release_splits")
    op.drop_index("ix_release_frames_release_id_infant_id", table_name="release_frames")
    op.drop_index("ix_release_frames_frame_id", table_name="release_frames")
    op.drop_table("release_frames")
    op.drop_table("release_files")
    op.drop_table("releases")
    op.drop_index("ix_infant_consents_infant_id_id", table_name="infant_consents")
    op.drop_table("infant_consents")
    op.drop_table("datasets")
