"""What many frames say of doubt together is noted by one statement, not by one a frame."""

from __future__ import annotations

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_TOGETHER = "current_setting('infantnet.together', true) IS NOT DISTINCT FROM 'on'"
_CHANGED = "OLD.keypoints IS DISTINCT FROM NEW.keypoints OR OLD.verdict <> NEW.verdict"
_FUNCTION = f"""
CREATE FUNCTION note_suspicions_together() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT ({_TOGETHER}) THEN
        RETURN NULL;
    END IF;
    INSERT INTO suspicion_notes (recording_id, frame_id)
    SELECT a.recording_id, a.frame_id
    FROM after a JOIN before b ON b.frame_id = a.frame_id
    WHERE b.keypoints IS DISTINCT FROM a.keypoints OR b.verdict <> a.verdict;
    RETURN NULL;
END $$;
"""


def _row_by_row(unless: str) -> None:
    """The trigger of single rows, anew: on all rows, or not on those that are noted together."""
    op.execute("DROP TRIGGER note_suspicion ON annotations")
    op.execute(
        "CREATE TRIGGER note_suspicion AFTER UPDATE ON annotations FOR EACH ROW"
        f" WHEN (({_CHANGED}){unless}) EXECUTE FUNCTION note_suspicion()"
    )


def upgrade() -> None:
    # Most of what files say of a person is the mask, which is packed already.
    op.execute("ALTER TABLE candidates ALTER COLUMN source SET STORAGE EXTERNAL")
    op.execute(_FUNCTION)
    op.execute(
        "CREATE TRIGGER note_suspicions_together_after_update AFTER UPDATE ON annotations"
        " REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT"
        " EXECUTE FUNCTION note_suspicions_together()"
    )
    _row_by_row(f" AND NOT ({_TOGETHER})")


def downgrade() -> None:
    op.execute("ALTER TABLE candidates ALTER COLUMN source SET STORAGE EXTENDED")
    _row_by_row("")
    op.execute("DROP TRIGGER note_suspicions_together_after_update ON annotations")
    op.execute("DROP FUNCTION note_suspicions_together()")
