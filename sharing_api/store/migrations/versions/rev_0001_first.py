"""The store as it first was: standing records, receipts, counts, positions and the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sharing_api.store.ledger import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables, then what makes the ledger append-only."""
    _standing()
    _alerts()
    _signals()
    _receipts()
    _projector()
    _ledger()
    for statement in statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: it would delete the ledger."""
    raise RuntimeError("the first revision cannot be taken back: it would delete the ledger")


def _standing() -> None:
    op.create_table(
        "agencies",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("agency", name=op.f("pk_agencies")),
    )
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("occurred_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incidents")),
    )
    op.create_table(
        "entities",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("heir", sa.Text(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_entities")),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_alerts_ordinal")),
        sa.UniqueConstraint("sequence", name=op.f("uq_alerts_sequence")),
    )
    op.create_index(op.f("ix_alerts_entity_id"), "alerts", ["entity_id"], unique=False)
    op.create_index(
        op.f("ix_alerts_rule_status_ordinal"), "alerts", ["rule", "status", "ordinal"], unique=False
    )
    op.create_table(
        "alert_districts",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.alert_id"],
            name=op.f("fk_alert_districts_alert_id_alerts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alert_id", "district", name=op.f("pk_alert_districts")),
    )
    op.create_index(
        op.f("ix_alert_districts_district"), "alert_districts", ["district"], unique=False
    )


def _signals() -> None:
    op.create_table(
        "signals",
        sa.Column("signal_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("area_level", sa.Text(), nullable=False),
        sa.Column("strand", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("pk_signals")),
        sa.UniqueConstraint("sequence", name=op.f("uq_signals_sequence")),
    )
    op.create_index(op.f("ix_signals_area_strand"), "signals", ["area", "strand"], unique=False)
    op.create_table(
        "tension_items",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("ward", sa.Text(), nullable=True),
        sa.Column("month", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_tension_items")),
    )
    op.create_index(
        op.f("ix_tension_items_source_district_month"),
        "tension_items",
        ["source", "district", "month"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tension_items_source_ward_month"),
        "tension_items",
        ["source", "ward", "month"],
        unique=False,
    )
    op.create_table(
        "tension_item_strands",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("strand", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["tension_items.item_id"],
            name=op.f("fk_tension_item_strands_item_id_tension_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("item_id", "strand", name=op.f("pk_tension_item_strands")),
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("receipt_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_receipts_ordinal")),
    )
    op.create_index(
        op.f("ix_receipts_agency_event_id"), "receipts", ["agency", "event_id"], unique=False
    )
    op.create_index(
        op.f("ix_receipts_agency_ordinal"), "receipts", ["agency", "ordinal"], unique=False
    )


def _projector() -> None:
    op.create_table(
        "projector_positions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", name=op.f("pk_projector_positions")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("justification", sa.Text(), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=True),
        sa.Column("agreement", sa.Text(), nullable=True),
        sa.Column("policy_revision", sa.Text(), nullable=True),
        sa.Column("record_ids", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_ledger")),
        sa.UniqueConstraint("hash", name=op.f("uq_ledger_hash")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_key")),
    )
    op.create_index(op.f("ix_ledger_agency"), "ledger", ["agency"], unique=False)
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )
