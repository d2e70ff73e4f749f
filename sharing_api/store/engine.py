"""How the store is opened: one async engine for SQLite or PostgreSQL, reading and writing sessions.

On SQLite a transaction that reads first and writes later can lose its lock to another writer and
fail at once, so writing sessions take the write lock when they begin; reading sessions do not.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

READING = "concord_reading"
BUSY_SECONDS = 10


def make_engine(url: str) -> AsyncEngine:
    """Open an engine for `url`; nothing connects before the first query.

    `url` may be plain (`sqlite:///file`, `postgresql://…`); the async drivers aiosqlite and
    psycopg are filled in. Raises `ValueError` for another database.
    """
    parsed = make_url(url)
    family = parsed.get_backend_name()
    if family == "sqlite":
        return _sqlite(
            str(parsed.set(drivername="sqlite+aiosqlite").render_as_string(hide_password=False))
        )
    if family == "postgresql":
        full = parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return create_async_engine(
            full,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": 3},
            pool_size=10,
            max_overflow=10,
            pool_timeout=5,
        )
    raise ValueError(f"database of kind {family!r}: sqlite or postgresql expected")


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions that may write."""
    return async_sessionmaker(engine, expire_on_commit=False)


def make_reading_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions that only read; on SQLite they never wait for a writer."""
    return async_sessionmaker(engine.execution_options(**{READING: True}), expire_on_commit=False)


def _sqlite(url: str) -> AsyncEngine:
    engine = create_async_engine(url, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
