"""Acts on ranges of frames, proposed ranges to discard, acceptance in playback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

_NEW_KIND = "propose_discards"
_PLAYBACK = "playback_fps IS NULL OR (verdict = 'keep' AND playback_fps > 0)"

# An act on many frames counts once what all of them changed: ten thousand frames one by one write
# forty thousand notes. It says so by a setting of its transaction; whoever does not is counted row
# by row as before.
_TOGETHER = "current_setting('infantnet.together', true) IS NOT DISTINCT FROM 'on'"
_COUNTED_CHANGED = (
    "OLD.state <> NEW.state OR OLD.verdict <> NEW.verdict"
    " OR OLD.reason IS DISTINCT FROM NEW.reason OR OLD.keypoints IS DISTINCT FROM NEW.keypoints"
)
_FUNCTIONS = """
CREATE FUNCTION count_annotations_together() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('infantnet.together', true) IS DISTINCT FROM 'on' THEN
        RETURN NULL;
    END IF;
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT w.recording_id, w.what, sum(w.n)
    FROM (
        SELECT recording_id, 'state:' || state AS what, -1 AS n FROM before
        UNION ALL SELECT recording_id, 'state:' || state, 1 FROM after
        UNION ALL SELECT recording_id, 'reason:' || reason, -1 FROM before WHERE reason IS NOT NULL
        UNION ALL SELECT recording_id, 'reason:' || reason, 1 FROM after WHERE reason IS NOT NULL
        UNION ALL
        SELECT a.recording_id,
               box_words(b.flagged, b.status, b.made_from IS DISTINCT FROM a.keypoints), -1
        FROM before a JOIN frame_boxes b ON b.frame_id = a.frame_id WHERE a.verdict = 'keep'
        UNION ALL
        SELECT a.recording_id,
               box_words(b.flagged, b.status, b.made_from IS DISTINCT FROM a.keypoints), 1
        FROM after a JOIN frame_boxes b ON b.frame_id = a.frame_id WHERE a.verdict = 'keep'
    ) w
    GROUP BY 1, 2 HAVING sum(w.n) <> 0;
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT DISTINCT a.recording_id, 'fits:changes', 1
    FROM after a JOIN before b ON b.frame_id = a.frame_id
    WHERE ((a.verdict = 'keep') <> (b.verdict = 'keep') OR a.keypoints IS DISTINCT FROM b.keypoints)
        AND EXISTS (SELECT FROM fits WHERE fits.recording_id = a.recording_id);
    RETURN NULL;
END $$;
CREATE FUNCTION note_annotators_together() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('infantnet.together', true) IS DISTINCT FROM 'on' THEN
        RETURN NULL;
    END IF;
    INSERT INTO recording_annotators (recording_id, user_id)
    SELECT DISTINCT f.recording_id, a.author_id
    FROM after a JOIN frames f ON f.id = a.frame_id
    WHERE a.author_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM recording_annotators p
        WHERE p.recording_id = f.recording_id AND p.user_id = a.author_id
    );
    RETURN NULL;
END $$;
"""


def _count_row_by_row(unless: str) -> None:
    """The triggers of single rows, anew: on all rows, or not on those that are counted together."""
    op.execute("DROP TRIGGER IF EXISTS count_annotation_after_update ON annotations")
    op.execute("DROP TRIGGER IF EXISTS note_annotators_after_insert ON annotation_revisions")
    op.execute(
        "CREATE TRIGGER count_annotation_after_update AFTER UPDATE ON annotations FOR EACH ROW"
        f" WHEN (({_COUNTED_CHANGED}){unless}) EXECUTE FUNCTION count_annotation()"
    )
    op.execute(
        "CREATE TRIGGER note_annotators_after_insert AFTER INSERT ON annotation_revisions"
        f" FOR EACH ROW WHEN (NEW.author_id IS NOT NULL{unless})"
        " EXECUTE FUNCTION note_annotators()"
    )


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


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _made(name: str = "created_at") -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _of(table: str, column: str, target: str, *, cascade: bool = True) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{column}_{target}"),
        ondelete="CASCADE" if cascade else None,
    )


def upgrade() -> None:
    op.create_table(
        "range_acts",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("skipped", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undoes_id", sa.BigInteger(), nullable=True),
        _id(),
        _made(),
        sa.CheckConstraint(
            "kind IN ('verdict', 'playback', 'undo')", name=op.f("ck_range_acts_kind_known")
        ),
        _of("range_acts", "recording_id", "recordings"),
        _of("range_acts", "user_id", "users", cascade=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_range_acts")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_range_acts_operation_id")),
    )
    op.create_index("ix_range_acts_recording_id_id", "range_acts", ["recording_id", "id"])
    op.create_index(op.f("ix_range_acts_user_id"), "range_acts", ["user_id"])
    op.create_table(
        "discard_proposals",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("camera_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("words", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.String(length=40), server_default=sa.text("'open'"), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        _id(),
        _made(),
        sa.CheckConstraint(
            "reason IN ('motion_blur', 'camera_shake', 'strong_occlusion', 'no_infant',"
            " 'infant_too_old', 'lighting', 'several_infants', 'duplicate', 'other')",
            name=op.f("ck_discard_proposals_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'taken', 'refused')", name=op.f("ck_discard_proposals_state_known")
        ),
        sa.CheckConstraint("first <= last", name=op.f("ck_discard_proposals_in_order")),
        _of("discard_proposals", "recording_id", "recordings"),
        _of("discard_proposals", "camera_id", "cameras"),
        _of("discard_proposals", "decided_by_id", "users", cascade=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discard_proposals")),
    )
    op.create_index(
        "ix_discard_proposals_recording_id_first", "discard_proposals", ["recording_id", "first"]
    )
    op.create_index(op.f("ix_discard_proposals_camera_id"), "discard_proposals", ["camera_id"])
    op.create_table(
        "playback_checks",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.Column("annotation_version", sa.Integer(), nullable=False),
        sa.Column("joints", sa.Integer(), nullable=False),
        sa.Column("wrong", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("checked_by_id", sa.BigInteger(), nullable=False),
        _made("checked_at"),
        _id(),
        sa.CheckConstraint("joints BETWEEN 0 AND 17", name=op.f("ck_playback_checks_joints_known")),
        _of("playback_checks", "recording_id", "recordings"),
        _of("playback_checks", "frame_id", "frames"),
        _of("playback_checks", "checked_by_id", "users", cascade=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playback_checks")),
        sa.UniqueConstraint(
            "frame_id",
            "annotation_version",
            name=op.f("uq_playback_checks_frame_id_annotation_version"),
        ),
    )
    op.create_index("ix_playback_checks_recording_id", "playback_checks", ["recording_id"])
    op.create_index(op.f("ix_playback_checks_checked_by_id"), "playback_checks", ["checked_by_id"])
    for table in ("annotations", "annotation_revisions"):
        op.add_column(table, sa.Column("playback_fps", sa.Double(), nullable=True))
        op.create_check_constraint(op.f(f"ck_{table}_playback_kept"), table, _PLAYBACK)
    op.create_index(
        "ix_annotations_in_playback",
        "annotations",
        ["recording_id"],
        postgresql_where=sa.text("playback_fps IS NOT NULL"),
    )
    op.add_column("annotation_revisions", sa.Column("range_act_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_annotation_revisions_range_act_id",
        "annotation_revisions",
        ["range_act_id"],
        postgresql_where=sa.text("range_act_id IS NOT NULL"),
    )
    op.execute(_FUNCTIONS)
    op.execute(
        "CREATE TRIGGER count_annotations_together_after_update AFTER UPDATE ON annotations"
        " REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT"
        " EXECUTE FUNCTION count_annotations_together()"
    )
    op.execute(
        "CREATE TRIGGER note_annotators_together_after_insert AFTER INSERT"
        " ON annotation_revisions REFERENCING NEW TABLE AS after FOR EACH STATEMENT"
        " EXECUTE FUNCTION note_annotators_together()"
    )
    _count_row_by_row(f" AND NOT ({_TOGETHER})")
    _know([*_kinds(), _NEW_KIND])


def downgrade() -> None:
    _count_row_by_row("")
    op.execute("DROP TRIGGER count_annotations_together_after_update ON annotations")
    op.execute("DROP TRIGGER note_annotators_together_after_insert ON annotation_revisions")
    op.execute("DROP FUNCTION count_annotations_together()")
    op.execute("DROP FUNCTION note_annotators_together()")
    op.execute(f"DELETE FROM jobs WHERE kind = '{_NEW_KIND}'")
    _know([kind for kind in _kinds() if kind != _NEW_KIND])
    op.drop_index("ix_annotation_revisions_range_act_id", table_name="annotation_revisions")
    op.drop_column("annotation_revisions", "range_act_id")
    op.drop_index("ix_annotations_in_playback", table_name="annotations")
    for table in ("annotations", "annotation_revisions"):
        op.drop_constraint(op.f(f"ck_{table}_playback_kept"), table, type_="check")
        op.drop_column(table, "playback_fps")
    op.drop_table("playback_checks")
    op.drop_table("discard_proposals")
    op.drop_table("range_acts")
