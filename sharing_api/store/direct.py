"""Writing in one hop: a whole transaction as one piece of work, on either database.

On SQLite each statement through the asynchronous driver is several hops between threads, each of
which costs more than the statement. A transaction is one hop when a thread with its own connection
does it. On PostgreSQL, where statements wait for the network, the asynchronous driver is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

_BUSY_MILLISECONDS = 10_000

Result = TypeVar("Result")
Work = Callable[[Connection], Result]


class DirectWriter:
    """Runs transactions on the database of an engine, one at a time; closes with that engine."""

    def __init__(self, engine: AsyncEngine, name: str, *, synchronous: str = "NORMAL") -> None:
        """Nothing connects before the first transaction.

        `synchronous` is SQLite's: with FULL a commit is on the disk, with NORMAL power failure may
        lose the last ones.
        """
        self._engine = engine
        self._name = name
        self._synchronous = synchronous
        self._thread: tuple[Engine, ThreadPoolExecutor] | None = None
        self._direct = _on_file(engine.url)
        if self._direct:
            event.listen(engine.sync_engine, "engine_disposed", self._dispose)

    async def run(self, work: Work[Result]) -> Result:
        """Do the work in a transaction, and commit; or roll back and raise what it raised."""
        if not self._direct:
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)
        if self._thread is None:
            engine = _sqlite(self._engine.url, self._synchronous)
            self._thread = (engine, ThreadPoolExecutor(1, self._name))
        engine, executor = self._thread
        return await asyncio.get_running_loop().run_in_executor(
            executor, _in_transaction, engine, work
        )

    def _dispose(self, _engine: Engine) -> None:
        if self._thread is not None:
            engine, executor = self._thread
            self._thread = None
            executor.shutdown(wait=True)
            engine.dispose()


def _in_transaction(engine: Engine, work: Work[Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _on_file(url: URL) -> bool:
    return (
        url.get_backend_name() == "sqlite"
        and url.database not in {None, "", ":memory:"}
        and "mode" not in url.query
    )


def _sqlite(url: URL, synchronous: str) -> Engine:
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
