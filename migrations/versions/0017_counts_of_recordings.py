"""Counts of recordings are kept beside them; who annotated where; what frames say together."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# What a recording's rows add up to, counted anew: the only place that says what is counted.
# ``count_*`` below say the same of what a statement changed.
_COUNTED: Final = """
CREATE FUNCTION counted_labels(of_recordings bigint[])
RETURNS TABLE (recording_id bigint, what text, n bigint) LANGUAGE sql STABLE AS $$
    SELECT a.recording_id, 'state:' || a.state, count(*)
    FROM annotations a WHERE a.recording_id = ANY (of_recordings) GROUP BY 1, 2
    UNION ALL
    SELECT a.recording_id, 'reason:' || a.reason, count(*)
    FROM annotations a
    WHERE a.recording_id = ANY (of_recordings) AND a.reason IS NOT NULL GROUP BY 1, 2
    UNION ALL
    SELECT b.recording_id, said.what, count(*)
    FROM frame_boxes b JOIN annotations a ON a.frame_id = b.frame_id,
        LATERAL box_words(b.flagged, b.status, b.made_from IS DISTINCT FROM a.keypoints) said(what)
    WHERE b.recording_id = ANY (of_recordings) AND a.verdict = 'keep' GROUP BY 1, 2
    UNION ALL
    SELECT c.recording_id, 'comment:open', count(*)
    FROM comments c
    WHERE c.recording_id = ANY (of_recordings) AND c.resolved_at IS NULL GROUP BY 1
$$;
"""
_BOX_WORDS: Final = """
CREATE FUNCTION box_words(flagged boolean, status text, stale boolean)
RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT unnest(array_remove(ARRAY[
        'box:total',
        CASE WHEN flagged AND status = 'proposed' THEN 'box:flagged' END,
        CASE WHEN stale THEN 'box:stale' END,
        CASE status WHEN 'approved' THEN 'box:approved' WHEN 'sent_back' THEN 'box:sent_back' END
    ], NULL))
$$;
"""
# Annotations, boxes and comments that go with their frame are not subtracted one by one: by then
# it cannot be said any more what they were together. The frame's own trigger counts anew.
_COUNT_ANNOTATIONS: Final = """
CREATE FUNCTION count_annotations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT a.recording_id, w.what, count(*)
    FROM after a, LATERAL (VALUES ('state:' || a.state), ('reason:' || a.reason)) w(what)
    WHERE w.what IS NOT NULL
    GROUP BY 1, 2;
    RETURN NULL;
END $$;
-- Runs at every save: row by row, and each step only where it is needed.
CREATE FUNCTION count_annotation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    box record;
    kept_before boolean := OLD.verdict = 'keep';
    kept boolean := NEW.verdict = 'keep';
BEGIN
    IF OLD.state <> NEW.state THEN
        INSERT INTO recording_counts (recording_id, what, n)
        VALUES (NEW.recording_id, 'state:' || OLD.state, -1),
               (NEW.recording_id, 'state:' || NEW.state, 1);
    END IF;
    IF OLD.reason IS DISTINCT FROM NEW.reason THEN
        INSERT INTO recording_counts (recording_id, what, n)
        SELECT NEW.recording_id, 'reason:' || w.reason, w.n
        FROM (VALUES (OLD.reason, -1), (NEW.reason, 1)) w(reason, n)
        WHERE w.reason IS NOT NULL;
    END IF;
    IF kept_before <> kept OR OLD.keypoints IS DISTINCT FROM NEW.keypoints THEN
        IF kept_before OR kept THEN
            SELECT flagged, status, made_from IS DISTINCT FROM OLD.keypoints AS was_stale,
                   made_from IS DISTINCT FROM NEW.keypoints AS stale
            INTO box FROM frame_boxes WHERE frame_id = NEW.frame_id;
            IF FOUND AND (kept_before <> kept OR box.was_stale <> box.stale) THEN
                INSERT INTO recording_counts (recording_id, what, n)
                SELECT NEW.recording_id, w.what, sum(w.n)
                FROM (
                    SELECT box_words(box.flagged, box.status, box.was_stale), -1
                    WHERE kept_before
                    UNION ALL
                    SELECT box_words(box.flagged, box.status, box.stale), 1 WHERE kept
                ) w(what, n)
                GROUP BY w.what HAVING sum(w.n) <> 0;
            END IF;
        END IF;
        IF EXISTS (SELECT FROM fits WHERE recording_id = NEW.recording_id) THEN
            INSERT INTO recording_counts (recording_id, what, n)
            VALUES (NEW.recording_id, 'fits:changes', 1);
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""


def _count_boxes(operation: str) -> str:
    """Whoever writes a box holds its frame's annotation, so what that says stands still."""
    sides = {"insert": [("after", 1)], "update": [("before", -1), ("after", 1)],
             "delete": [("before", -1)]}[operation]  # fmt: skip
    rows = " UNION ALL ".join(f"SELECT *, {n} AS n FROM {name}" for name, n in sides)
    return f"""
CREATE FUNCTION count_boxes_{operation}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT b.recording_id, w.what, sum(b.n)
    FROM ({rows}) b
        JOIN annotations a ON a.frame_id = b.frame_id AND a.verdict = 'keep'
        JOIN frames f ON f.id = b.frame_id,
        LATERAL box_words(b.flagged, b.status, b.made_from IS DISTINCT FROM a.keypoints) w(what)
    GROUP BY 1, 2 HAVING sum(b.n) <> 0;
    RETURN NULL;
END $$;
"""


def _count_comments(operation: str) -> str:
    sides = {"insert": [("after", 1)], "update": [("before", -1), ("after", 1)],
             "delete": [("before", -1)]}[operation]  # fmt: skip
    rows = " UNION ALL ".join(
        f"SELECT recording_id, frame_id, resolved_at, {n} AS n FROM {name}" for name, n in sides
    )
    return f"""
CREATE FUNCTION count_comments_{operation}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT c.recording_id, 'comment:open', sum(c.n)
    FROM ({rows}) c JOIN frames f ON f.id = c.frame_id
    WHERE c.resolved_at IS NULL
    GROUP BY 1 HAVING sum(c.n) <> 0;
    RETURN NULL;
END $$;
"""


# Counts are notes that are added up: whoever saves only adds one, and waits for nobody. Now and
# then the notes of a recording become one. Two may not do so at once, nor while it is counted anew;
# whoever comes second leaves it to the first.
_FOLD: Final = """
CREATE FUNCTION fold_recording_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() <= 2
        AND pg_try_advisory_xact_lock((7264::bigint << 40) + NEW.recording_id)
    THEN
        WITH gone AS (
            DELETE FROM recording_counts WHERE recording_id = NEW.recording_id RETURNING what, n
        )
        INSERT INTO recording_counts (recording_id, what, n)
        SELECT NEW.recording_id, what, sum(n) FROM gone GROUP BY what HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION recount_recordings(of_recordings bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock((7264::bigint << 40) + whose)
    FROM (SELECT unnest(of_recordings) AS whose ORDER BY 1) w;
    -- One statement, one view of the database: what a note says is counted, or its note stays.
    WITH gone AS (
        DELETE FROM recording_counts
        WHERE recording_id = ANY (of_recordings) AND what <> 'fits:changes'
    )
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT c.recording_id, c.what, c.n
    FROM counted_labels(of_recordings) c JOIN recordings r ON r.id = c.recording_id;
END $$;
"""
_FRAMES_CHANGED: Final = """
CREATE FUNCTION frames_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
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
        );
        DELETE FROM recording_facts WHERE recording_id = ANY (whose);
        PERFORM note_fits(whose);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION facts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM recording_facts WHERE recording_id IN (SELECT recording_id FROM after);
    PERFORM note_fits(ARRAY(SELECT DISTINCT recording_id FROM after));
    RETURN NULL;
END $$;
CREATE FUNCTION note_annotators() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recording_annotators (recording_id, user_id)
    SELECT f.recording_id, NEW.author_id
    FROM frames f
    WHERE f.id = NEW.frame_id AND NOT EXISTS (
        SELECT FROM recording_annotators p
        WHERE p.recording_id = f.recording_id AND p.user_id = NEW.author_id
    );
    RETURN NULL;
END $$;
"""
# How many fits are stale hangs on joints, frames and scans: it is not counted but remembered, as of
# the number of changes that were noted. That number only grows.
_FITS: Final = """
CREATE FUNCTION note_fits(of_recordings bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT r.id, 'fits:changes', 1
    FROM recordings r
    WHERE r.id = ANY (of_recordings) AND EXISTS (
        SELECT FROM recording_counts c WHERE c.recording_id = r.id AND c.what = 'fits:changes'
    )
$$;
CREATE FUNCTION fits_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT r.id, 'fits:changes', 1
    FROM recordings r WHERE r.id IN (SELECT recording_id FROM changed);
    RETURN NULL;
END $$;
CREATE FUNCTION fit_views_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT f.recording_id, 'fits:changes', 1
    FROM fits f WHERE f.id IN (SELECT fit_id FROM changed)
    GROUP BY 1;
    RETURN NULL;
END $$;
"""
# A published release is guarded against every change; this one says only what its frames say.
_SPLIT_COUNTS: Final = """
ALTER TABLE releases DISABLE TRIGGER protect_published;
UPDATE releases SET split_counts = said.counts FROM (
    SELECT release_id, jsonb_object_agg(split, jsonb_build_array(frames, infants)) AS counts
    FROM (
        SELECT release_id, split, count(*) AS frames, count(DISTINCT infant_id) AS infants
        FROM release_frames GROUP BY 1, 2
    ) s GROUP BY 1
) said WHERE said.release_id = releases.id;
ALTER TABLE releases ENABLE TRIGGER protect_published;
"""
_BEFORE = "REFERENCING OLD TABLE AS before FOR EACH STATEMENT"
_AFTER = "REFERENCING NEW TABLE AS after FOR EACH STATEMENT"
_BOTH = "REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT"
_COUNTED_CHANGED = (
    "FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.verdict <> NEW.verdict"
    " OR OLD.reason IS DISTINCT FROM NEW.reason OR OLD.keypoints IS DISTINCT FROM NEW.keypoints)"
)
_TRIGGERS: Final = [
    ("annotations", "INSERT", _AFTER, "count_annotations"),
    ("annotations", "UPDATE", _COUNTED_CHANGED, "count_annotation"),
    ("frame_boxes", "INSERT", _AFTER, "count_boxes_insert"),
    ("frame_boxes", "UPDATE", _BOTH, "count_boxes_update"),
    ("frame_boxes", "DELETE", _BEFORE, "count_boxes_delete"),
    ("comments", "INSERT", _AFTER, "count_comments_insert"),
    ("comments", "UPDATE", _BOTH, "count_comments_update"),
    ("comments", "DELETE", _BEFORE, "count_comments_delete"),
    ("frames", "INSERT", _AFTER, "facts_changed"),
    ("frames", "UPDATE", _AFTER, "facts_changed"),
    ("frames", "DELETE", _BEFORE, "frames_deleted"),
    ("moments", "UPDATE", _AFTER, "facts_changed"),
    (
        "annotation_revisions",
        "INSERT",
        "FOR EACH ROW WHEN (NEW.author_id IS NOT NULL)",
        "note_annotators",
    ),
    *(
        (
            table,
            operation,
            f"REFERENCING {side} TABLE AS changed FOR EACH STATEMENT",
            function,
        )
        for table, function in (
            ("fits", "fits_changed"),
            ("scans", "fits_changed"),
            ("fit_views", "fit_views_changed"),
        )
        for operation, side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ),
    (
        "recording_counts",
        "INSERT",
        "FOR EACH ROW WHEN (NEW.id % 32 = 0)",
        "fold_recording_counts",
    ),
]
_FUNCTIONS: Final = [
    "fold_recording_counts()", "frames_deleted()", "recount_recordings(bigint[])",
    "facts_changed()", "note_annotators()", "fits_changed()", "fit_views_changed()",
    "note_fits(bigint[])", "count_annotations()", "count_annotation()",
    *(f"count_{what}_{how}()" for what in ("boxes", "comments")
      for how in ("insert", "update", "delete")),
    "counted_labels(bigint[])", "box_words(boolean, text, boolean)",
]  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "recording_counts",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_recording_counts_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_counts")),
    )
    op.create_index(
        "ix_recording_counts_recording_id",
        "recording_counts",
        ["recording_id"],
        postgresql_include=["what", "n"],
    )
    op.create_table(
        "recording_annotators",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_recording_annotators_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recording_annotators_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_annotators")),
    )
    op.create_index(
        "ix_recording_annotators_recording_id_user_id",
        "recording_annotators",
        ["recording_id", "user_id"],
    )
    op.create_index(op.f("ix_recording_annotators_user_id"), "recording_annotators", ["user_id"])
    op.create_table(
        "recording_facts",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_recording_facts_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recording_facts")),
    )
    op.create_table(
        "recording_fits",
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_recording_fits_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recording_fits")),
    )
    op.add_column(
        "releases",
        sa.Column("split_counts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.execute(_SPLIT_COUNTS)
    op.create_index("ix_jobs_recording_id_id", "jobs", ["recording_id", "id"])
    op.execute(_BOX_WORDS)
    op.execute(_COUNTED)
    op.execute(_COUNT_ANNOTATIONS)
    for operation in ("insert", "update", "delete"):
        op.execute(_count_boxes(operation))
        op.execute(_count_comments(operation))
    op.execute(_FOLD)
    op.execute(_FRAMES_CHANGED)
    op.execute(_FITS)
    # What is there already: counted before anything is noted.
    op.execute(
        "INSERT INTO recording_counts (recording_id, what, n)"
        " SELECT * FROM counted_labels(ARRAY(SELECT id FROM recordings))"
    )
    op.execute(
        "INSERT INTO recording_counts (recording_id, what, n)"
        " SELECT recording_id, 'fits:changes', 1 FROM fits UNION"
        " SELECT recording_id, 'fits:changes', 1 FROM scans"
    )
    op.execute(
        "INSERT INTO recording_annotators (recording_id, user_id)"
        " SELECT DISTINCT f.recording_id, v.author_id"
        " FROM annotation_revisions v JOIN frames f ON f.id = v.frame_id"
        " WHERE v.author_id IS NOT NULL"
    )
    for table, operation, when, function in _TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {function}_after_{operation.lower()} AFTER {operation} ON {table}"
            f" {when} EXECUTE FUNCTION {function}()"
        )


def downgrade() -> None:
    for table, operation, _when, function in _TRIGGERS:
        op.execute(f"DROP TRIGGER {function}_after_{operation.lower()} ON {table}")
    for function in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_column("releases", "split_counts")
    op.drop_index("ix_jobs_recording_id_id", table_name="jobs")
    op.drop_table("recording_fits")
    op.drop_table("recording_facts")
    op.drop_table("recording_annotators")
    op.drop_table("recording_counts")
