"""The open feed, levels of tension, places in feeds, webhooks and their outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; the projector and people fill them."""
    op.create_table(
        "feed_numbers",
        sa.Column("view_id", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("view_id", "record_id", name=op.f("pk_feed_numbers")),
    )
    op.create_index(
        op.f("ix_feed_numbers_view_id_number"), "feed_numbers", ["view_id", "number"], unique=True
    )
    op.create_table(
        "feed_views",
        sa.Column("view_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("view_id", name=op.f("pk_feed_views")),
    )
    op.create_table(
        "open_budget",
        sa.Column("table_id", sa.Text(), nullable=False),
        sa.Column("epsilon", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("ends", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("table_id", name=op.f("pk_open_budget")),
    )
    op.create_table(
        "open_items",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Text(), nullable=False),
        sa.Column("first_version", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("ward", sa.Text(), nullable=True),
        sa.Column("strand", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_open_items")),
    )
    op.create_index(op.f("ix_open_items_received_on"), "open_items", ["received_on"], unique=False)
    op.create_table(
        "open_publications",
        sa.Column("publication_id", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_here", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_open_publications")),
        sa.UniqueConstraint("sequence", name=op.f("uq_open_publications_sequence")),
    )
    op.create_index(
        op.f("ix_open_publications_table_id_first_day"),
        "open_publications",
        ["table_id", "first_day"],
        unique=False,
    )
    op.create_table(
        "tension_levels",
        sa.Column("level_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("strand", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome_message", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("level_id", name=op.f("pk_tension_levels")),
        sa.UniqueConstraint("sequence", name=op.f("uq_tension_levels_sequence")),
    )
    op.create_index(
        op.f("ix_tension_levels_area_strand_decided_at"),
        "tension_levels",
        ["area", "strand", "decided_at"],
        unique=False,
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_webhook_deliveries_ordinal")),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_state_next_at"),
        "webhook_deliveries",
        ["state", "next_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_webhook_deliveries_webhook_id_ordinal"),
        "webhook_deliveries",
        ["webhook_id", "ordinal"],
        unique=False,
    )
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("signing", sa.Text(), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhooks")),
    )
    op.create_index(
        op.f("ix_webhooks_agency_status"), "webhooks", ["agency", "status"], unique=False
    )


def downgrade() -> None:
    """Drop the tables. What was published and decided is on its topic; places in feeds are not."""
    for table in (
        "webhook_deliveries",
        "webhooks",
        "tension_levels",
        "open_publications",
        "open_items",
        "open_budget",
        "feed_views",
        "feed_numbers",
    ):
        op.drop_table(table)
