"""What each moment gave for itself, beside the fit of the whole sequence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_RAW = {"raw_pose": 72, "raw_translation": 3, "raw_joints": 51}


def upgrade() -> None:
    for name, count in _RAW.items():
        op.add_column("fits", sa.Column(name, postgresql.ARRAY(sa.Double()), nullable=True))
        op.create_check_constraint(
            op.f(f"ck_fits_{name}_{count}"), "fits", f"cardinality({name}) = {count}"
        )


def downgrade() -> None:
    for name in _RAW:
        op.drop_column("fits", name)
