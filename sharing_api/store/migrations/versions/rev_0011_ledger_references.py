"""References of the ledger's entries that count the asker's own entries alone."""

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
    for statement in guarded("ledger_references", connection.dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Drop them; they follow from the entries."""
    op.drop_table("ledger_references")
