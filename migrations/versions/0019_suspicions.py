"""Which joints probably need a hand, people's word on that, and how long frames were looked at."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0021"
branch_labels = None
depends_on = None

_NOTE: Final = """
CREATE FUNCTION note_suspicion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO suspicion_notes (recording_id, frame_id) VALUES (NEW.recording_id, NEW.frame_id);
    RETURN NULL;
END $$;
CREATE FUNCTION note_suspicions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO suspicion_notes (recording_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER note_suspicion AFTER UPDATE ON annotations FOR EACH ROW
    WHEN (OLD.keypoints IS DISTINCT FROM NEW.keypoints OR OLD.verdict <> NEW.verdict)
    EXECUTE FUNCTION note_suspicion();
CREATE TRIGGER note_suspicions AFTER UPDATE ON recordings FOR EACH ROW
    WHEN (OLD.calibration_id IS DISTINCT FROM NEW.calibration_id)
    EXECUTE FUNCTION note_suspicions();
"""


def _cascade(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Make the tables; every recording that has joints is to be looked at."""
    op.create_table(
        "frame_suspicions",
        sa.Column("frame_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("joints", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("doubts", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.CheckConstraint("cardinality(joints) = 17", name=op.f("ck_frame_suspicions_joints_17")),
        sa.CheckConstraint("cardinality(doubts) = 17", name=op.f("ck_frame_suspicions_doubts_17")),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_frame_suspicions_score_share")),
        _cascade("frame_suspicions", "frame_id", "frames"),
        _cascade("frame_suspicions", "recording_id", "recordings"),
        sa.PrimaryKeyConstraint("frame_id", name=op.f("pk_frame_suspicions")),
    )
    op.create_index(
        "ix_frame_suspicions_recording_id_score", "frame_suspicions", ["recording_id", "score"]
    )
    op.create_table(
        "camera_usuals",
        sa.Column("camera_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("usual", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _cascade("camera_usuals", "camera_id", "cameras"),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_camera_usuals")),
    )
    op.create_table(
        "suspicion_notes",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("frame_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _cascade("suspicion_notes", "recording_id", "recordings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspicion_notes")),
    )
    op.create_index("ix_suspicion_notes_recording_id", "suspicion_notes", ["recording_id"])
    op.create_table(
        "waivers",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("joint", sa.SmallInteger(), nullable=False),
        sa.Column("doubt", sa.Text(), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("joint BETWEEN 0 AND 16", name=op.f("ck_waivers_joint_known")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_waivers_note_length")),
        _cascade("waivers", "recording_id", "recordings"),
        _cascade("waivers", "frame_id", "frames"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_waivers_author_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_waivers_operation_id")),
    )
    op.create_index("ix_waivers_recording_id_frame_id", "waivers", ["recording_id", "frame_id"])
    op.add_column("annotation_revisions", sa.Column("seconds_shown", sa.REAL(), nullable=True))
    op.create_check_constraint(
        op.f("ck_annotation_revisions_seconds_shown_not_negative"),
        "annotation_revisions",
        "seconds_shown >= 0",
    )
    op.execute(_NOTE)
    op.execute(
        "INSERT INTO suspicion_notes (recording_id)"
        " SELECT r.id FROM recordings r WHERE EXISTS (SELECT FROM annotations a"
        " WHERE a.recording_id = r.id AND a.keypoints IS NOT NULL)"
    )


def downgrade() -> None:
    """Forget all of it."""
    op.execute("DROP TRIGGER note_suspicions ON recordings")
    op.execute("DROP TRIGGER note_suspicion ON annotations")
    op.execute("DROP FUNCTION note_suspicions()")
    op.execute("DROP FUNCTION note_suspicion()")
    op.drop_column("annotation_revisions", "seconds_shown")
    for table in ("waivers", "suspicion_notes", "camera_usuals", "frame_suspicions"):
        op.drop_table(table)
