"""Files of withdrawn releases that leave the store, samples of faces, erasure as a job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NEW_KINDS = ["remove_release", "erase_infant"]
_KNOWN = "ck_jobs_kind_known"


def _kinds() -> list[str]:
    """The kinds that the check knows now, whatever migrations came before."""
    definition = op.get_bind().scalar(
        sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"),
        {"name": _KNOWN},
    )
    return str(definition).split("'")[1::2]


def _know(kinds: list[str]) -> None:
    op.drop_constraint(op.f(_KNOWN), "jobs", type_="check")
    op.create_check_constraint(
        op.f(_KNOWN), "jobs", f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
    )


def _created_at() -> sa.Column[sa.DateTime]:
    return sa.Column(
        "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _of_release(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["release_id"],
        ["releases.id"],
        name=op.f(f"fk_{table}_release_id_releases"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "release_removals",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        _created_at(),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["users.id"], name=op.f("fk_release_removals_asked_by_id_users")
        ),
        _of_release("release_removals"),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_release_removals")),
    )
    op.create_table(
        "release_face_checks",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("grounds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _created_at(),
        sa.CheckConstraint("images > 0", name=op.f("ck_release_face_checks_images_looked_at")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_release_face_checks_by_id_users")
        ),
        _of_release("release_face_checks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_face_checks")),
    )
    op.create_index(
        "ix_release_face_checks_release_id_id",
        "release_face_checks",
        ["release_id", "id"],
        unique=False,
    )
    op.create_table(
        "release_face_marks",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=400), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        _created_at(),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_release_face_marks_by_id_users")
        ),
        _of_release("release_face_marks"),
        sa.PrimaryKeyConstraint("release_id", "path", name=op.f("pk_release_face_marks")),
    )
    _know(_kinds() + _NEW_KINDS)


def downgrade() -> None:
    kinds = [kind for kind in _kinds() if kind not in _NEW_KINDS]
    op.execute(f"DELETE FROM jobs WHERE kind IN ({', '.join(repr(kind) for kind in _NEW_KINDS)})")
    _know(kinds)
    op.drop_table("release_face_marks")
    op.drop_index("ix_release_face_checks_release_id_id", table_name="release_face_checks")
    op.drop_table("release_face_checks")
    op.drop_table("release_removals")
