"""Lookups, and whose records they concerned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, empty."""
    op.create_table(
        "lookups",
        sa.Column("lookup_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lookup_id", name=op.f("pk_lookups")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_lookups_ordinal")),
    )
    op.create_index(op.f("ix_lookups_asker_asked_at"), "lookups", ["asker", "asked_at"])
    op.create_table(
        "lookup_owners",
        sa.Column("lookup_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("incident_ids", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lookup_id"],
            ["lookups.lookup_id"],
            name=op.f("fk_lookup_owners_lookup_id_lookups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("lookup_id", "owner", name=op.f("pk_lookup_owners")),
    )
    op.create_index(op.f("ix_lookup_owners_owner"), "lookup_owners", ["owner"])


def downgrade() -> None:
    """Drop the tables; who asked stays in the ledger."""
    op.drop_table("lookup_owners")
    op.drop_table("lookups")
