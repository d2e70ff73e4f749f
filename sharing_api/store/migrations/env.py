"""Alembic's entry: it is given an open connection by `sharing_api.store.migrate`."""

from __future__ import annotations

from alembic import context

from sharing_api.store import (  # noqa: F401 (their tables join the metadata)
    agreement_tables,
    decision_tables,
    emergency_tables,
    ledger,
    link_tables,
    tables,
)
from sharing_api.store.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
