"""Alembic's entry: it is given an open connection by `sharing_api.store.migrate`."""

from __future__ import annotations

from alembic import context

from sharing_api.feeds import rows as feeds  # noqa: F401 (as below)
from sharing_api.levels import rows as levels  # noqa: F401 (as below)
from sharing_api.open_feed import rows as open_feed  # noqa: F401 (as below)
from sharing_api.store import (  # noqa: F401 (their tables join the metadata)
    agreement_tables,
    decision_tables,
    emergency_tables,
    ledger,
    link_tables,
    recall_tables,
    rights_tables,
    tables,
)
from sharing_api.store.base import Base
from sharing_api.webhooks import rows as webhooks  # noqa: F401 (as above)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
