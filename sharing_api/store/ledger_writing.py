"""Writing to the ledger: one transaction for a batch of entries, on either database.

On SQLite each statement through the asynchronous driver is several hops between threads; a batch is
one hop when it is written by a thread with its own connection, and an append costs a tenth.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from sharing_api.store.ledger_entries import LedgerEntry, chained
from sharing_api.store.ledger_tables import LedgerHead, LedgerTable

_BUSY_MILLISECONDS = 10_000


class LedgerWriter:
    """Writes batches into the database of an engine; closes with that engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Nothing connects before the first batch."""
        self._engine = engine
        self._direct = _on_file(engine.url)
        self._thread: tuple[Engine, ThreadPoolExecutor] | None = None
        if self._direct:
            event.listen(engine.sync_engine, "engine_disposed", self._dispose)

    async def write(self, entries: Sequence[LedgerEntry]) -> list[int]:
        """Append entries in one transaction; give their sequence numbers. SQLAlchemyError."""
        if not self._direct:
            async with self._engine.begin() as connection:
                return await connection.run_sync(append_rows, entries)
        if self._thread is None:
            self._thread = (_sqlite(self._engine.url), ThreadPoolExecutor(1, "ledger"))
        engine, executor = self._thread
        return await asyncio.get_running_loop().run_in_executor(
            executor, _in_transaction, engine, entries
        )

    def _dispose(self, _engine: Engine) -> None:
        if self._thread is not None:
            engine, executor = self._thread
            self._thread = None
            executor.shutdown(wait=True)
            engine.dispose()


def append_rows(connection: Connection, entries: Sequence[LedgerEntry]) -> list[int]:
    """Append within a transaction. Touching the head first takes the lock on either database."""
    held = connection.execute(
        update(LedgerHead)
        .where(LedgerHead.id == 1)
        .values(sequence=LedgerHead.sequence)
        .returning(LedgerHead.sequence, LedgerHead.hash)
    )
    sequence, previous = held.one()
    known = _known(connection, entries)
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    for entry in entries:
        if entry.key is not None and entry.key in known:
            numbers.append(known[entry.key])
            continue
        sequence += 1
        row = chained(entry, sequence, previous)
        previous = row["hash"]
        rows.append(row)
        numbers.append(sequence)
        if entry.key is not None:
            known[entry.key] = sequence
    if rows:
        connection.execute(insert(LedgerTable.__table__), rows)  # type: ignore[arg-type]
        connection.execute(
            update(LedgerHead).where(LedgerHead.id == 1).values(sequence=sequence, hash=previous)
        )
    return numbers


def _known(connection: Connection, entries: Sequence[LedgerEntry]) -> dict[str, int]:
    keys = [entry.key for entry in entries if entry.key is not None]
    if not keys:
        return {}
    query = select(LedgerTable.key, LedgerTable.sequence).where(LedgerTable.key.in_(keys))
    return {str(key): number for key, number in connection.execute(query)}


def _in_transaction(engine: Engine, entries: Sequence[LedgerEntry]) -> list[int]:
    with engine.begin() as connection:
        return append_rows(connection, entries)


def _on_file(url: URL) -> bool:
    return (
        url.get_backend_name() == "sqlite"
        and url.database not in {None, "", ":memory:"}
        and "mode" not in url.query
    )


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url.set(drivername="sqlite+pysqlite"))

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={_BUSY_MILLISECONDS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
