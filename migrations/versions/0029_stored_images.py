"""Images are stored without their metadata: the hash of the stored file beside the imported one's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("frames", sa.Column("stored_sha256", sa.String(64), nullable=True))
    op.add_column("release_frames", sa.Column("stored_sha256", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("release_frames", "stored_sha256")
    op.drop_column("frames", "stored_sha256")
