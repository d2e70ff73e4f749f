"""The ledger: every decision of the gate and every operation of the hub, in one chain of hashes.

Append-only: triggers forbid changing or deleting an entry on SQLite and PostgreSQL, and each
entry's hash covers its content and the hash before it, so what is changed behind the triggers'
back shows in `verify`. Entries hold ids, codes and field names, never a value of a record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from sharing_api.store.direct import DirectWriter
from sharing_api.store.ledger_entries import (
    GENESIS,
    OPERATIONS,
    LedgerEntry,
    LedgerRow,
    Verification,
    fault,
    row_of,
)
from sharing_api.store.ledger_tables import LedgerHead, LedgerTable, statements
from sharing_api.store.ledger_writing import append_rows

__all__ = [
    "Ledger",
    "LedgerEntry",
    "LedgerRow",
    "LedgerUnavailable",
    "Verification",
    "statements",
]

_PAGE: Final = 500
_FAILURES: Final = (SQLAlchemyError, OSError)


class LedgerUnavailable(Exception):
    """The entry is not, or not known to be, in the ledger: nothing may be released on it."""


class Ledger:
    """Appends and reads. Appends that come while one is being written share the next one."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        reading: async_sessionmaker[AsyncSession] | None = None,
    ) -> None:
        """`reading` sessions, if given, serve `read` and `verify`."""
        engine = sessions.kw["bind"]
        if not isinstance(engine, AsyncEngine):
            raise TypeError("the ledger needs sessions that are bound to an engine")
        self._writer = DirectWriter(engine, "ledger", synchronous="FULL")
        self._reading = reading or sessions
        self._waiting: list[tuple[Sequence[LedgerEntry], asyncio.Future[list[int]]]] = []
        self._writing = asyncio.Lock()

    async def append(self, entry: LedgerEntry) -> int:
        """Append and give the sequence number once it is committed. Raises LedgerUnavailable."""
        return (await self.append_all((entry,)))[0]

    async def append_all(self, entries: Sequence[LedgerEntry]) -> list[int]:
        """Append several together, all or none. Raises LedgerUnavailable."""
        for entry in entries:
            if entry.operation not in OPERATIONS:
                raise ValueError(f"operation {entry.operation!r} is none of {sorted(OPERATIONS)}")
        done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, done))
        await asyncio.shield(asyncio.ensure_future(self._flush(done)))
        return done.result()

    async def read(self, after: int = 0, limit: int = 100) -> list[LedgerRow]:
        """Give entries in order, from the one behind `after`. Raises LedgerUnavailable."""
        query = (
            select(LedgerTable.__table__)
            .where(LedgerTable.sequence > after)
            .order_by(LedgerTable.sequence)
            .limit(limit)
        )
        try:
            async with self._reading() as session:
                rows = (await session.execute(query)).mappings().all()
        except _FAILURES as error:
            raise LedgerUnavailable(type(error).__name__) from None
        return [row_of(row) for row in rows]

    async def verify(self) -> Verification:
        """Read the whole chain and find the first entry that does not fit. LedgerUnavailable."""
        try:
            async with self._reading() as session:
                return await _verified(session)
        except _FAILURES as error:
            raise LedgerUnavailable(type(error).__name__) from None

    async def _flush(self, done: asyncio.Future[list[int]]) -> None:
        """Write everything that waits, unless somebody before us has written ours too."""
        async with self._writing:
            if done.done():
                return
            batch, self._waiting = self._waiting, []
            try:
                every = [entry for entries, _ in batch for entry in entries]
                numbers = await self._writer.run(partial(append_rows, entries=every))
            except BaseException as error:
                for _, future in batch:
                    future.set_exception(LedgerUnavailable(type(error).__name__))
                    future.exception()  # seen, even if its asker has gone away
                if not isinstance(error, _FAILURES):
                    raise
                return
            for entries, future in batch:
                mine, numbers = numbers[: len(entries)], numbers[len(entries) :]
                future.set_result(mine)


async def _verified(session: AsyncSession) -> Verification:
    previous, count = GENESIS, 0
    while True:
        query = (
            select(LedgerTable.__table__)
            .where(LedgerTable.sequence > count)
            .order_by(LedgerTable.sequence)
            .limit(_PAGE)
        )
        rows = (await session.execute(query)).mappings().all()
        for row in rows:
            found = fault(row, count + 1, previous)
            if found:
                return Verification(count, previous, found, count + 1)
            previous, count = row["hash"], count + 1
        if len(rows) < _PAGE:
            return await _against_head(session, count, previous)


async def _against_head(session: AsyncSession, count: int, previous: str) -> Verification:
    before = select(LedgerTable.sequence).where(LedgerTable.sequence < 1).limit(1)
    if (await session.execute(before)).first() is not None:
        return Verification(count, previous, "an entry stands before the first", 0)
    head = (await session.execute(select(LedgerHead.sequence, LedgerHead.hash))).first()
    if head is None or tuple(head) != (count, previous):
        return Verification(count, previous, "the head names another last entry", count)
    return Verification(count, previous)
