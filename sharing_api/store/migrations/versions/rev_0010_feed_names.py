"""What a record is called in a feed, which need not be its id."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; records numbered before were called by their ids."""
    op.add_column("feed_numbers", sa.Column("called", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop it; every record is called by its id again."""
    op.drop_column("feed_numbers", "called")
