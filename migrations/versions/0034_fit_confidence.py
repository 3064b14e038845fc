"""How sure body fits are: a covariance for each joint and for the shape, expected error, doubts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

CHECKS = {
    "covariance_102": "cardinality(covariance) = 102",
    "quality_positive": "quality_mm >= 0",
    "doubts_listed": "jsonb_typeof(doubts) = 'array'",
}


def upgrade() -> None:
    op.add_column("fits", sa.Column("covariance", postgresql.ARRAY(sa.Double()), nullable=True))
    op.add_column("fits", sa.Column("quality_mm", sa.Double(), nullable=True))
    op.add_column(
        "fits", sa.Column("doubts", postgresql.JSONB(), server_default="[]", nullable=False)
    )
    op.add_column(
        "fit_runs", sa.Column("shape_covariance", postgresql.ARRAY(sa.Double()), nullable=True)
    )
    op.add_column("fit_runs", sa.Column("noise_px", sa.Double(), nullable=True))
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_fits_{name}"), "fits", rule)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_fits_{name}"), "fits", type_="check")
    for name in ("noise_px", "shape_covariance"):
        op.drop_column("fit_runs", name)
    for name in ("doubts", "quality_mm", "covariance"):
        op.drop_column("fits", name)
