"""Alembic's entry: it is given an open connection by `sharing_api.store.migrate`."""

from __future__ import annotations

from alembic import context

from sharing_api.store import decision_tables, ledger, link_tables, lookup_tables, tables  # noqa: F401 (their tables join the metadata)
from sharing_api.store.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
