"""What is said of a box stands with the box alone; writes to boxes and comments have ids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATUS_OF_MARK = "CASE mark WHEN 'good' THEN 'approved' ELSE 'sent_back' END"
_MARK_OF_STATUS = "CASE status WHEN 'approved' THEN 'good' ELSE 'revise' END"


def upgrade() -> None:
    op.add_column("frame_boxes", sa.Column("judged_round", sa.Integer(), nullable=True))
    op.alter_column("box_revisions", "state", nullable=True)
    op.add_column("box_revisions", sa.Column("operation_id", sa.UUID(), nullable=True))
    op.add_column(
        "box_revisions",
        sa.Column("operations", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.create_unique_constraint(
        op.f("uq_box_revisions_operation_id"), "box_revisions", ["operation_id"]
    )
    op.add_column("comments", sa.Column("operation_id", sa.UUID(), nullable=True))
    op.create_unique_constraint(op.f("uq_comments_operation_id"), "comments", ["operation_id"])

    op.execute(
        "UPDATE frame_boxes SET judged_round = said.round FROM ("
        "  SELECT DISTINCT ON (frame_id) frame_id, round, mark FROM frame_marks"
        "  WHERE kind = 'boxes' ORDER BY frame_id, round DESC"
        f") AS said WHERE said.frame_id = frame_boxes.frame_id AND status = {_STATUS_OF_MARK}"
    )
    # Earlier rounds of a box are in its history, with who said what.
    op.execute(
        "DELETE FROM frame_marks USING frame_boxes, annotations"
        " WHERE frame_marks.kind = 'boxes' AND frame_boxes.frame_id = frame_marks.frame_id"
        " AND annotations.frame_id = frame_marks.frame_id AND annotations.verdict = 'keep'"
    )


def downgrade() -> None:
    columns = "(recording_id, frame_id, kind, round, mark, inspector_id)"
    op.execute(
        f"INSERT INTO frame_marks {columns}"
        " SELECT frame_boxes.recording_id, frame_id, 'boxes', judged_round,"
        f" {_MARK_OF_STATUS}, coalesce(updated_by_id, recordings.inspector_id)"
        " FROM frame_boxes LEFT JOIN recordings ON recordings.id = frame_boxes.recording_id"
        " WHERE judged_round IS NOT NULL AND status <> 'proposed'"
        " AND coalesce(updated_by_id, recordings.inspector_id) IS NOT NULL"
        " ON CONFLICT DO NOTHING"
    )
    op.execute(
        f"INSERT INTO frame_marks {columns}"
        f" SELECT recording_id, frame_id, 'boxes', round, {_MARK_OF_STATUS}, author_id FROM ("
        "  SELECT DISTINCT ON (box_revisions.frame_id, box_revisions.round)"
        "  annotations.recording_id, box_revisions.frame_id, box_revisions.round, author_id,"
        "  box_revisions.state->>'status' AS status,"
        " (box_revisions.state->>'judged_round')::int AS judged_round"
        "  FROM box_revisions JOIN annotations ON annotations.frame_id = box_revisions.frame_id"
        "  WHERE author_id IS NOT NULL AND box_revisions.state IS NOT NULL"
        "  ORDER BY box_revisions.frame_id, box_revisions.round, box_revisions.version DESC"
        ") AS said WHERE status <> 'proposed' AND coalesce(judged_round, round) = round"
        " ON CONFLICT DO NOTHING"
    )
    op.drop_constraint(op.f("uq_comments_operation_id"), "comments", type_="unique")
    op.drop_column("comments", "operation_id")
    op.drop_constraint(op.f("uq_box_revisions_operation_id"), "box_revisions", type_="unique")
    op.drop_column("box_revisions", "operations")
    op.drop_column("box_revisions", "operation_id")
    op.execute("DELETE FROM box_revisions WHERE state IS NULL")
    op.alter_column("box_revisions", "state", nullable=False)
    op.drop_column("frame_boxes", "judged_round")
