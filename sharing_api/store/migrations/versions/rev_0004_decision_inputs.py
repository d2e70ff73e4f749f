"""What the policy was asked for each ledger entry, kept so that it can be asked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sharing_api.store.decision_tables import guards

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and make them append-only; entries from before have no inputs."""
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


def downgrade() -> None:
    """Drop the tables: past decisions can then not be made again."""
    op.drop_table("decision_inputs")
    op.drop_table("decision_parts")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION decision_inputs_append_only")
