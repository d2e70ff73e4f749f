"""What the policy was asked for each ledger entry, and the Merkle tree over the entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sharing_api.store.decision_tables import guards
from sharing_api.store.ledger_entries import entry_bytes
from sharing_api.store.ledger_tables import LedgerTable, guarded
from sharing_api.store.ledger_tree import plant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and make them append-only.

    Entries from before have no inputs; they are in the tree.
    """
    _inputs()
    _tree()


def _inputs() -> None:
    op.create_table(
        "decision_parts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_decision_parts")),
    )
    op.create_table(
        "decision_inputs",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("permits", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_decision_inputs")),
    )
    op.create_index(
        op.f("ix_decision_inputs_permits_sequence"), "decision_inputs", ["permits", "sequence"]
    )
    for statement in guards(op.get_bind().dialect.name):
        op.execute(statement)


def _tree() -> None:
    place = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "ledger_tree",
        sa.Column("place", place, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_ledger_tree")),
    )
    connection = op.get_bind()
    entries = sa.select(LedgerTable.__table__).order_by(LedgerTable.sequence)
    rows = connection.execute(entries, execution_options={"yield_per": 1000}).mappings()
    plant(connection, (entry_bytes(row) for row in rows))
    for statement in guarded("ledger_tree", connection.dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables: past decisions can then not be made again, nor entries proved."""
    op.drop_table("ledger_tree")
    op.drop_table("decision_inputs")
    op.drop_table("decision_parts")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION decision_inputs_append_only")
