"""References of the ledger's entries that count the asker's own entries alone.

What an append writes more is spared elsewhere: on SQLite the index of records becomes one tree.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sharing_api.store.ledger_references import plant
from sharing_api.store.ledger_tables import guarded

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, refer to the entries that there are, and let no reference change."""
    op.create_table(
        "ledger_references",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_ledger_references")),
        sa.UniqueConstraint("series", "number", name=op.f("uq_ledger_references_series_number")),
    )
    connection = op.get_bind()
    plant(connection)
    if connection.dialect.name == "sqlite":
        _records(with_rowid=False)
    for statement in guarded("ledger_references", connection.dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Drop them; they follow from the entries."""
    op.drop_table("ledger_references")
    if op.get_bind().dialect.name == "sqlite":
        _records(with_rowid=True)


def _records(*, with_rowid: bool) -> None:
    op.rename_table("ledger_records", "ledger_records_before")
    op.create_table(
        "ledger_records",
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("record_id", "sequence", name=op.f("pk_ledger_records")),
        sqlite_with_rowid=with_rowid,
    )
    op.execute("INSERT INTO ledger_records SELECT * FROM ledger_records_before")
    op.drop_table("ledger_records_before")
