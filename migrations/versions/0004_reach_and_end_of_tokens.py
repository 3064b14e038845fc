"""How far an API token reaches, and when it ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "api_tokens",
        sa.Column(
            "scope", sa.String(length=40), server_default=sa.text("'maintain'"), nullable=False
        ),
    )
    op.add_column("api_tokens", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_api_tokens_scope_known"),
        "api_tokens",
        "scope IN ('read', 'annotate', 'maintain')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_api_tokens_scope_known"), "api_tokens", type_="check")
    op.drop_column("api_tokens", "expires_at")
    op.drop_column("api_tokens", "scope")
