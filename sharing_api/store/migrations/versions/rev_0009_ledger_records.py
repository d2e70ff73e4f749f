"""The ledger's entries by record, purpose and day, so that a search reads no more than it gives."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

_PAGE = 1_000


def upgrade() -> None:
    """Create the indexes, and fill the one of records from the entries that there are."""
    op.create_index(op.f("ix_ledger_purpose_sequence"), "ledger", ["purpose", "sequence"])
    op.create_index(op.f("ix_ledger_at"), "ledger", ["at"])
    table = op.create_table(
        "ledger_records",
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("record_id", "sequence", name=op.f("pk_ledger_records")),
    )
    connection = op.get_bind()
    entries = sa.table("ledger", sa.column("sequence"), sa.column("record_ids"))
    after = 0
    while rows := connection.execute(
        sa.select(entries.c.sequence, entries.c.record_ids)
        .where(entries.c.sequence > after)
        .order_by(entries.c.sequence)
        .limit(_PAGE)
    ).all():
        about = [
            {"record_id": one, "sequence": row.sequence}
            for row in rows
            for one in {*json.loads(row.record_ids)}
        ]
        if about:
            connection.execute(table.insert(), about)
        after = rows[-1].sequence


def downgrade() -> None:
    """Drop the indexes; the entries keep their ids."""
    op.drop_table("ledger_records")
    op.drop_index(op.f("ix_ledger_at"), "ledger")
    op.drop_index(op.f("ix_ledger_purpose_sequence"), "ledger")
