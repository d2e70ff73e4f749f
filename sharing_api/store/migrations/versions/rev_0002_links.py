"""Possible links, who lists them, and people's decisions about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; the projector fills them from what comes."""
    op.create_table(
        "link_reviews",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.Text(), nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_link_reviews")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_link_reviews_ordinal")),
    )
    op.create_table(
        "link_review_entities",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", "review_id", name=op.f("pk_link_review_entities")),
    )
    op.create_index(
        op.f("ix_link_review_entities_review_id"), "link_review_entities", ["review_id"]
    )
    op.create_table(
        "link_decisions",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_link_decisions")),
    )
    op.create_index(op.f("ix_link_decisions_subject_id"), "link_decisions", ["subject_id"])


def downgrade() -> None:
    """Drop the tables: the topics still hold everything."""
    for table in ("link_decisions", "link_review_entities", "link_reviews"):
        op.drop_table(table)
