"""Calibrations that were adjusted to a recording's own joints.

Revision ID: 0035
"""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_NAME = "ck_calibrations_origin_known"
_BEFORE = "'board', 'points', 'import', 'rendered'"


def _know(origins: str) -> None:
    op.drop_constraint(op.f(_NAME), "calibrations", type_="check")
    op.create_check_constraint(op.f(_NAME), "calibrations", f"origin IN ({origins})")


def upgrade() -> None:
    _know(f"{_BEFORE}, 'joints'")


def downgrade() -> None:
    op.execute("UPDATE calibrations SET origin = 'points' WHERE origin = 'joints'")
    _know(_BEFORE)
