"""Jobs that look through a file before it is imported; people of files who are kept apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OLD_KINDS = (
    "kind IN ('inspect', 'ingest', 'prelabel', 'boxes', 'export_coco', 'pull_weights', 'calibrate',"
    " 'synchronise', 'resample', 'fit', 'export_fits')"
)
_NEW_KINDS = (
    "kind IN ('inspect', 'ingest', 'check_import', 'prelabel', 'boxes', 'export_coco',"
    " 'pull_weights',"
    " 'calibrate', 'synchronise', 'resample', 'fit', 'export_fits')"
)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _NEW_KINDS)
    op.add_column("candidates", sa.Column("apart", sa.String(length=40), nullable=True))
    op.create_check_constraint(
        op.f("ck_candidates_apart_known"), "candidates", "apart IN ('crowd', 'no_joints')"
    )


def downgrade() -> None:
    # Nobody could tell them from people who may be the infant any more.
    op.execute("DELETE FROM candidates WHERE apart IS NOT NULL")
    op.drop_constraint(op.f("ck_candidates_apart_known"), "candidates", type_="check")
    op.drop_column("candidates", "apart")
    op.execute("DELETE FROM jobs WHERE kind = 'check_import'")
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", _OLD_KINDS)
