"""The ledger: every decision of the gate and every operation of the hub, as a Merkle log.

Append-only: triggers forbid changing or deleting an entry on SQLite and PostgreSQL, and each
entry's hash covers its content and the hash before it, so what is changed behind the triggers'
back shows in `verify`. The entries are also the leaves of a Merkle tree, from which one entry, or
that a later ledger continues an earlier one, is proved without the rest.

Entries hold ids, codes and field names, never a value of a record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from sharing_api.evidence import merkle
from sharing_api.store.direct import DirectWriter
from sharing_api.store.ledger_entries import (
    OPERATIONS,
    Entered,
    LedgerEntry,
    LedgerRow,
    Verification,
    entry_bytes,
    row_of,
)
from sharing_api.store.ledger_references import place_query, references
from sharing_api.store.ledger_search import ANY, Sought
from sharing_api.store.ledger_tables import LedgerHead, LedgerTable, statements
from sharing_api.store.ledger_tree import Edge, hashes
from sharing_api.store.ledger_verifying import verified
from sharing_api.store.ledger_writing import append_rows
from sharing_api.store.upsert import in_session

__all__ = [
    "Entered",
    "Ledger",
    "LedgerEntry",
    "LedgerRow",
    "LedgerUnavailable",
    "Verification",
    "statements",
]

_REMEMBERED: Final = 20_000
"""Digests of parts of inputs that are known to be in the store."""
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
        self._waiting: list[tuple[Sequence[LedgerEntry], asyncio.Future[list[Entered]]]] = []
        self._writing = asyncio.Lock()
        self._edge = Edge()
        self._parts: set[str] = set()

    async def append(self, entry: LedgerEntry) -> Entered:
        """Append and say where it stands once it is committed. Raises LedgerUnavailable."""
        return (await self.append_all((entry,)))[0]

    async def append_all(self, entries: Sequence[LedgerEntry]) -> list[Entered]:
        """Append several together, all or none. Raises LedgerUnavailable."""
        for entry in entries:
            if entry.operation not in OPERATIONS:
                raise ValueError(f"operation {entry.operation!r} is none of {sorted(OPERATIONS)}")
        done: asyncio.Future[list[Entered]] = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, done))
        await asyncio.shield(asyncio.ensure_future(self._flush(done)))
        return done.result()

    async def read(self, after: int = 0, limit: int = 100, sought: Sought = ANY) -> list[LedgerRow]:
        """Give entries in order, from the one behind `after`. Raises LedgerUnavailable."""
        query = (
            sought.narrow(select(LedgerTable.__table__))
            .where(LedgerTable.sequence > after)
            .order_by(LedgerTable.sequence)
            .limit(limit)
        )
        try:
            async with self._reading() as session:
                rows = (await session.execute(query)).mappings().all()
                found = [row["sequence"] for row in rows]
                named = await in_session(session, references, found)
        except _FAILURES as error:
            raise LedgerUnavailable(type(error).__name__) from None
        return [row_of(row, named.get(row["sequence"], "")) for row in rows]

    async def place(self, named: str) -> int | None:
        """Find an entry's place by its reference, or by the place itself; None if there is none.

        A place is not looked up. Raises LedgerUnavailable.
        """
        if named.isdecimal():
            return int(named)
        try:
            async with self._reading() as session:
                found: int | None = await session.scalar(place_query(named))
        except _FAILURES as error:
            raise LedgerUnavailable(type(error).__name__) from None
        return found

    async def texts(self, after: int = 0, limit: int = 100) -> list[tuple[int, bytes]]:
        """Give entries as the bytes that their hashes cover. Raises LedgerUnavailable."""
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
        return [(row["sequence"], entry_bytes(row)) for row in rows]

    async def size(self) -> int:
        """Tell how many entries there are. Raises LedgerUnavailable."""
        try:
            async with self._reading() as session:
                found = await session.scalar(select(LedgerHead.sequence))
        except _FAILURES as error:
            raise LedgerUnavailable(type(error).__name__) from None
        return int(found or 0)

    async def root(self, size: int) -> bytes:
        """Hash the first `size` entries together. Raises LedgerUnavailable, ValueError."""
        return (await self._hashes(size, [(0, size)]))[0]

    async def inclusion(self, sequence: int, size: int) -> list[bytes]:
        """Prove that an entry is among the first `size`. Raises LedgerUnavailable, ValueError."""
        return await self._hashes(size, merkle.inclusion(sequence - 1, size))

    async def consistency(self, old: int, new: int) -> list[bytes]:
        """Prove that the first `old` entries are the beginning of the first `new`.

        Raises LedgerUnavailable, ValueError.
        """
        return await self._hashes(new, merkle.consistency(old, new))

    async def _hashes(self, size: int, ranges: Sequence[merkle.Range]) -> list[bytes]:
        try:
            async with self._reading() as session:
                return await hashes(session, ranges)
        except KeyError:
            raise ValueError(f"the ledger has not {size} entries") from None
        except _FAILURES as error:
            raise LedgerUnavailable(type(error).__name__) from None

    async def verify(self) -> Verification:
        """Read the whole ledger and find the first entry that does not fit. LedgerUnavailable."""
        try:
            async with self._reading() as session:
                return await verified(session)
        except _FAILURES as error:
            raise LedgerUnavailable(type(error).__name__) from None

    async def _flush(self, done: asyncio.Future[list[Entered]]) -> None:
        """Write everything that waits, unless somebody before us has written ours too."""
        async with self._writing:
            if done.done():
                return
            batch, self._waiting = self._waiting, []
            try:
                every = [entry for entries, _ in batch for entry in entries]
                work = partial(append_rows, entries=every, edge=self._edge, known_parts=self._parts)
                numbers = await self._writer.run(work)
            except BaseException as error:
                for _, future in batch:
                    future.set_exception(LedgerUnavailable(type(error).__name__))
                    future.exception()  # seen, even if its asker has gone away
                if not isinstance(error, _FAILURES):
                    raise
                return
            self._remember(every)
            for entries, future in batch:
                mine, numbers = numbers[: len(entries)], numbers[len(entries) :]
                future.set_result(mine)

    def _remember(self, entries: Sequence[LedgerEntry]) -> None:
        """Note which parts of inputs are in the store for good, now that they are committed."""
        if len(self._parts) > _REMEMBERED:
            self._parts.clear()
        for entry in entries:
            if entry.inputs is not None and entry.key is None:
                self._parts.update(entry.inputs.parts)
