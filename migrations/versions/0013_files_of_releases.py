"""What releases need for body fits, cameras and zip archives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    doubles = postgresql.ARRAY(sa.Double())
    op.add_column("release_frames", sa.Column("fit_errors", doubles, nullable=True))
    op.add_column("release_frames", sa.Column("fit_mask_iou", sa.Double(), nullable=True))
    op.add_column("release_frames", sa.Column("calibration_id", sa.BigInteger(), nullable=True))
    op.add_column("release_files", sa.Column("crc32", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_release_files_crc32_of_32_bits"),
        "release_files",
        "crc32 BETWEEN 0 AND 4294967295",
    )
    # What was frozen without these columns is frozen anew by the next check.
    op.execute(
        "DELETE FROM release_frames f USING releases r"
        " WHERE r.id = f.release_id AND r.state = 'checked'"
    )
    op.execute(
        "UPDATE releases SET state = 'draft', gate = NULL, statistics = NULL, frames = NULL,"
        " frozen_at = NULL WHERE state = 'checked'"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_release_files_crc32_of_32_bits"), "release_files")
    op.drop_column("release_files", "crc32")
    for name in ("calibration_id", "fit_mask_iou", "fit_errors"):
        op.drop_column("release_frames", name)
