"""Possible links, decisions about them, and which disclosures a change of links corrects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; the projector fills them from what comes."""
    _reviews()
    _corrections()


def _reviews() -> None:
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


def _corrections() -> None:
    op.create_table(
        "entity_losses",
        sa.Column("loss_id", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("mentions", sa.Text(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("loss_id", name=op.f("pk_entity_losses")),
    )
    op.create_index(op.f("ix_entity_losses_settled"), "entity_losses", ["settled"])
    op.create_table(
        "disclosed_alerts",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "sequence", name=op.f("pk_disclosed_alerts")),
    )
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("loss_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("alerts", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("disclosed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_corrections_ordinal")),
    )


def downgrade() -> None:
    """Drop the tables. What was corrected is then forgotten; what was decided is on its topic."""
    for table in (
        "corrections",
        "disclosed_alerts",
        "entity_losses",
        "link_decisions",
        "link_review_entities",
        "link_reviews",
    ):
        op.drop_table(table)
