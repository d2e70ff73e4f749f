"""Migrations and tables say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from sharing_api.store import migrate
from sharing_api.store.base import Base
from sharing_api.store.engine import make_engine


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


async def test_the_migrated_database_is_what_the_tables_say(tmp_path: Path) -> None:
    """Alembic finds nothing to generate, and a second upgrade does nothing."""
    engine = make_engine(f"sqlite:///{tmp_path}/store.db")
    assert not await migrate.is_current(engine)
    await migrate.upgrade(engine)
    await migrate.upgrade(engine)
    assert await migrate.is_current(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


async def test_the_ledger_is_append_only_after_migration(tmp_path: Path) -> None:
    """The triggers come with the migration."""
    engine = make_engine(f"sqlite:///{tmp_path}/store.db")
    await migrate.upgrade(engine)
    with pytest.raises(DBAPIError, match="append-only"):
        async with engine.begin() as connection:
            await connection.execute(text("DELETE FROM ledger_head"))
    await engine.dispose()


async def test_the_revisions_cannot_be_taken_back(tmp_path: Path) -> None:
    """That would delete what officers decided, and the ledger."""
    engine = make_engine(f"sqlite:///{tmp_path}/store.db")
    await migrate.upgrade(engine)

    def down(connection: Connection) -> None:
        command.downgrade(migrate.configuration(connection), "base")

    async with engine.connect() as connection:
        with pytest.raises(RuntimeError, match="cannot be taken back"):
            await connection.run_sync(down)
    await engine.dispose()


def test_other_databases_are_refused() -> None:
    """The store is tested on two."""
    with pytest.raises(ValueError, match="mysql"):
        make_engine("mysql://host/store")
