"""Bringing the database to the shape that the code expects, at start-up and from the CLI."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 0x636F6E63  # "conc": several API nodes may start at once, one of them migrates


async def upgrade(engine: AsyncEngine) -> None:
    """Apply all outstanding migrations in one transaction; nothing happens if there are none."""
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


async def is_current(engine: AsyncEngine) -> bool:
    """Tell whether the database has the newest revision."""
    async with engine.connect() as connection:
        return await connection.run_sync(_is_current)


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration; the scripts travel inside the package."""
    config = Config()
    config.set_main_option("script_location", "sharing_api.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    command.upgrade(configuration(connection), "head")


def _is_current(connection: Connection) -> bool:
    heads = set(ScriptDirectory.from_config(configuration()).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) == heads
