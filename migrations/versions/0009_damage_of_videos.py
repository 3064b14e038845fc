"""What was found in the videos of cameras, and what is wrong with single frames."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COUNTS = ("undecodable", "damaged", "untimed", "by_field")


def upgrade() -> None:
    for name in _COUNTS:
        op.add_column(
            "cameras",
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False),
        )
    op.add_column("cameras", sa.Column("pixel_aspect", sa.String(length=40), nullable=True))
    op.add_column(
        "cameras",
        sa.Column("remarks", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_cameras_counts_not_negative"),
        "cameras",
        "undecodable >= 0 AND damaged >= 0 AND untimed >= 0 AND by_field >= 0",
    )
    op.add_column("frames", sa.Column("damage", sa.String(length=40), nullable=True))
    op.add_column(
        "frames",
        sa.Column("own_time", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_frames_damage_known"), "frames", "damage IN ('broken', 'inherited')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_frames_damage_known"), "frames", type_="check")
    op.drop_column("frames", "own_time")
    op.drop_column("frames", "damage")
    op.drop_constraint(op.f("ck_cameras_counts_not_negative"), "cameras", type_="check")
    op.drop_column("cameras", "remarks")
    op.drop_column("cameras", "pixel_aspect")
    for name in reversed(_COUNTS):
        op.drop_column("cameras", name)
