"""Postures of recordings, with their history, and their version in releases."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0023"
branch_labels = None
depends_on = None

_OF_GROUPS: Final = (
    "(posture_group = 'prone' AND (posture IS NULL OR posture IN ('prone_lying',"
    " 'forearm_support', 'reciprocal_crawling', 'four_point_kneeling')))"
    " OR (posture_group = 'supine' AND (posture IS NULL OR posture IN ('supine_lying',"
    " 'hands_to_knees_or_feet', 'rolling')))"
    " OR (posture_group = 'sitting' AND (posture IS NULL OR posture IN ('sitting_with_support',"
    " 'sitting_with_arm_support', 'sitting_without_support')))"
    " OR (posture_group = 'standing' AND (posture IS NULL OR posture IN ('four_point_standing',"
    " 'standing')))"
)
_MOMENTS: Final = (
    "int8range(recording_id * 2147483648 + first_moment,"
    " recording_id * 2147483648 + last_moment, '[]')"
)
# Who said something of postures does not inspect the recording, like who changed a joint.
_NOTE: Final = """
CREATE FUNCTION note_posture_authors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recording_annotators (recording_id, user_id)
    SELECT NEW.recording_id, NEW.author_id
    WHERE NOT EXISTS (
        SELECT FROM recording_annotators p
        WHERE p.recording_id = NEW.recording_id AND p.user_id = NEW.author_id
    );
    RETURN NULL;
END $$;
CREATE TRIGGER note_posture_authors_after_insert AFTER INSERT ON posture_revisions
FOR EACH ROW WHEN (NEW.author_id IS NOT NULL) EXECUTE FUNCTION note_posture_authors();
"""


def _frames_deleted(kept: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION frames_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint[] := ARRAY(
        SELECT r.id FROM recordings r
        WHERE r.id IN (SELECT recording_id FROM before) ORDER BY 1
    );
BEGIN
    IF cardinality(whose) > 0 THEN
        PERFORM recount_recordings(whose);
        DELETE FROM recording_annotators p
        WHERE p.recording_id = ANY (whose) AND NOT EXISTS (
            SELECT FROM annotation_revisions v JOIN frames f ON f.id = v.frame_id
            WHERE f.recording_id = p.recording_id AND v.author_id = p.user_id
        ){kept};
        DELETE FROM recording_facts WHERE recording_id = ANY (whose);
        PERFORM note_fits(whose);
    END IF;
    RETURN NULL;
END $$;
"""


_KEPT: Final = """ AND NOT EXISTS (
            SELECT FROM posture_revisions v
            WHERE v.recording_id = p.recording_id AND v.author_id = p.user_id
        )"""


def upgrade() -> None:
    op.create_table(
        "posture_ranges",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("first_moment", sa.Integer(), nullable=False),
        sa.Column("last_moment", sa.Integer(), nullable=False),
        sa.Column("posture_group", sa.String(length=40), nullable=False),
        sa.Column("posture", sa.String(length=40), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "origin IN ('placed', 'proposed', 'imported')",
            name=op.f("ck_posture_ranges_origin_known"),
        ),
        sa.CheckConstraint(
            "first_moment >= 0 AND last_moment >= first_moment",
            name=op.f("ck_posture_ranges_in_order"),
        ),
        sa.CheckConstraint(_OF_GROUPS, name=op.f("ck_posture_ranges_posture_of_its_group")),
        postgresql.ExcludeConstraint(
            (sa.text(_MOMENTS), "&&"), using="gist", name="ex_posture_ranges_apart"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_posture_ranges_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_posture_ranges_author_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posture_ranges")),
        sa.UniqueConstraint(
            "recording_id",
            "first_moment",
            name=op.f("uq_posture_ranges_recording_id_first_moment"),
        ),
    )
    op.create_table(
        "posture_states",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_posture_states_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_posture_states")),
    )
    op.create_table(
        "posture_revisions",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("operation_id", sa.UUID(), nullable=True),
        sa.Column("strokes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ranges", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_posture_revisions_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_posture_revisions_author_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posture_revisions")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_posture_revisions_operation_id")),
        sa.UniqueConstraint(
            "recording_id", "version", name=op.f("uq_posture_revisions_recording_id_version")
        ),
    )
    op.add_column("release_frames", sa.Column("posture_version", sa.Integer(), nullable=True))
    op.execute(_NOTE)
    op.execute(_frames_deleted(_KEPT))


def downgrade() -> None:
    op.execute(_frames_deleted(""))
    op.drop_column("release_frames", "posture_version")
    op.drop_table("posture_revisions")
    op.execute("DROP FUNCTION note_posture_authors()")
    op.drop_table("posture_states")
    op.drop_table("posture_ranges")
