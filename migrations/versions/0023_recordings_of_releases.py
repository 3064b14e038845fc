"""What a release says of its recordings stands still; how it differs from the one before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0017"
branch_labels = None
depends_on = None

# Of releases that were checked before, what holds now is what they would have been written with.
_TAKE = """
INSERT INTO release_recordings (
    release_id, recording_id, infant_id, name, source, age_months, is_demo, prelabel_model,
    prelabel_sha256, prelabels_simulated, inspector_id, cameras, pseudonym, sex, consent_noted
)
SELECT held.release_id, r.id, r.infant_id, r.name, r.source, r.age_months, r.is_demo,
       r.prelabel_model, r.prelabel_sha256, r.prelabels_simulated, r.inspector_id,
       (SELECT jsonb_agg(jsonb_build_array(c.id, c.name) ORDER BY c.index)
        FROM cameras c WHERE c.recording_id = r.id),
       i.pseudonym, i.sex,
       EXISTS (SELECT FROM infant_consents n WHERE n.infant_id = i.id)
FROM (SELECT DISTINCT release_id, recording_id FROM release_frames) held
JOIN recordings r ON r.id = held.recording_id
JOIN infants i ON i.id = r.infant_id
"""


def upgrade() -> None:
    op.create_table(
        "release_recordings",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("infant_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("age_months", sa.Double(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("prelabel_model", sa.String(length=120), nullable=True),
        sa.Column("prelabel_sha256", sa.String(length=64), nullable=True),
        sa.Column("prelabels_simulated", sa.Boolean(), nullable=False),
        sa.Column("inspector_id", sa.BigInteger(), nullable=True),
        sa.Column("cameras", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pseudonym", sa.String(length=80), nullable=False),
        sa.Column("sex", sa.String(length=40), nullable=True),
        sa.Column("consent_noted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_release_recordings_release_id_releases"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "recording_id", name=op.f("pk_release_recordings")),
    )
    op.create_table(
        "release_comparisons",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("base_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["base_id"],
            ["releases.id"],
            name=op.f("fk_release_comparisons_base_id_releases"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_release_comparisons_release_id_releases"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "base_id", name=op.f("pk_release_comparisons")),
    )
    op.execute(_TAKE)
    op.execute(
        "CREATE TRIGGER protect_published BEFORE INSERT OR UPDATE OR DELETE ON release_recordings"
        " FOR EACH ROW EXECUTE FUNCTION protect_published_part()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER protect_published ON release_recordings")
    op.drop_table("release_comparisons")
    op.drop_table("release_recordings")
