"""By how many pixels cameras are off, as a recording's labels have it.

Revision ID: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("propagations", sa.Column("cameras_off", postgresql.JSONB()))


def downgrade() -> None:
    op.drop_column("propagations", "cameras_off")
