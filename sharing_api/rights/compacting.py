"""Deleted rows leave the database's files: tables, statistics of them, and the write-ahead log.

Deleting a row leaves its bytes where they are. SQLite's VACUUM writes its file anew. PostgreSQL
keeps them in three places: in the table (VACUUM FULL writes it anew), in the planner's statistics,
which quote values (ANALYZE replaces them, VACUUM FULL of their table removes the old ones), and in
the write-ahead log, which holds whole pages: a new segment is begun, and a checkpoint lets go of
those before. With `wal_recycle=off` they are deleted, else kept under another name for reuse.

Backups, archives of the log and standbys are other copies; `kept` says which settings make some.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

log = structlog.get_logger(__name__)

_REWRITTEN: Final = ("incidents", "receipts", "record_changes", "entities", "link_reviews")
"""Tables that held something; PostgreSQL rewrites them."""
_STATE: Final = text(
    """
    SELECT current_setting('wal_recycle') = 'on' AS recycles,
           current_setting('archive_mode') <> 'off'
             OR current_setting('wal_keep_size') NOT IN ('0', '0MB')
             OR EXISTS (SELECT 1 FROM pg_replication_slots) AS keeps,
           has_function_privilege('pg_switch_wal()', 'EXECUTE') AND EXISTS (
             SELECT 1 FROM pg_roles
             WHERE (rolname = 'pg_checkpoint' AND pg_has_role(oid, 'USAGE'))
                OR (rolname = current_user AND rolsuper)) AS may_empty,
           EXISTS (SELECT 1 FROM pg_database
             WHERE datname = current_database() AND pg_has_role(datdba, 'USAGE')) AS owns
    """
)


async def compact(database: AsyncEngine) -> None:
    """Rewrite the database, so that what was deleted is not in its files any more."""
    if database.url.get_backend_name() == "sqlite":
        if database.url.database not in {None, "", ":memory:"}:
            await asyncio.to_thread(_compact_file, str(database.url.database))
        return
    automatic = database.execution_options(isolation_level="AUTOCOMMIT")
    async with automatic.connect() as connection:
        for table in _REWRITTEN:
            await connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table}")
        await connection.exec_driver_sql("VACUUM FULL pg_statistic")
        await _empty_log(connection)


async def kept(session: AsyncSession) -> list[str]:
    """Say where the database itself keeps what was deleted, in sentences; asks its settings now."""
    if session.get_bind().dialect.name == "sqlite":
        return []
    return list(told((await session.execute(_STATE)).mappings().one()))


def told(state: Mapping[Any, Any]) -> Iterator[str]:
    """Put PostgreSQL's settings into sentences: nothing where none of them keeps anything."""
    if not state["may_empty"]:
        yield (
            "PostgreSQL's write-ahead log, until its segments are overwritten: "
            "the hub's role needs pg_checkpoint and the function pg_switch_wal"
        )
    elif state["recycles"]:
        yield "PostgreSQL's write-ahead log, in segments that wait for reuse: set wal_recycle=off"
    if state["keeps"]:
        yield (
            "archives and standbys of PostgreSQL's write-ahead log "
            "(archive_mode, wal_keep_size, replication slots)"
        )
    if not state["owns"]:
        yield "PostgreSQL's statistics of columns: the hub's role does not own the database"


async def _empty_log(connection: AsyncConnection) -> None:
    try:
        await connection.exec_driver_sql("SELECT pg_switch_wal()")
        await connection.exec_driver_sql("CHECKPOINT")
    except ProgrammingError:
        log.warning("erasure.log_kept", needs="pg_checkpoint and pg_switch_wal")


def _compact_file(path: str) -> None:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
