"""Jobs that undo an import."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KINDS = [
    "inspect", "ingest", "check_import", "prelabel", "boxes", "export", "pull_weights", "calibrate",
    "synchronise", "resample", "fit", "check_release", "write_release",
]  # fmt: skip
_NEW_KIND = "undo_import"


def _know(kinds: list[str]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f("ck_jobs_kind_known"), "jobs", type_="check")
    op.create_check_constraint(op.f("ck_jobs_kind_known"), "jobs", f"kind IN ({listed})")


def upgrade() -> None:
    """Let jobs undo imports."""
    _know([*_KINDS, _NEW_KIND])


def downgrade() -> None:
    """Forget such jobs."""
    op.execute(f"DELETE FROM jobs WHERE kind = '{_NEW_KIND}'")
    _know(_KINDS)
