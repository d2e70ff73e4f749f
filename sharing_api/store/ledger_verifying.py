"""Verifying the stored ledger against itself: chain, head, tree and references, entry by entry.

What this cannot tell is a ledger that was rewritten as a whole: for that a checkpoint must have
been lodged with somebody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.evidence import merkle
from sharing_api.store.ledger_entries import GENESIS, Verification, entry_bytes, fault
from sharing_api.store.ledger_references import misnamed, surplus
from sharing_api.store.ledger_tables import LedgerHead, LedgerTable
from sharing_api.store.ledger_tree import LedgerTree

_PAGE: Final = 500


async def verified(session: AsyncSession) -> Verification:
    """Read everything and find the first entry that does not fit."""
    previous, tree = GENESIS, merkle.Growing()
    series: Counter[str] = Counter()
    while True:
        count = tree.size
        rows = await _rows(session, count)
        expected: list[bytes] = []
        for row in rows:
            found = fault(row, tree.size + 1, previous)
            if found:
                return Verification(tree.size, previous, found, tree.size + 1)
            previous = row["hash"]
            expected += tree.add(merkle.leaf_hash(entry_bytes(row)))
        if not await _tree_fits(session, merkle.kept(count), expected):
            return Verification(count, previous, "the tree is not that of the entries", count + 1)
        wrong = await misnamed(session, rows, series)
        if wrong is not None:
            return Verification(count, previous, "the reference is not that of the entry", wrong)
        if len(rows) < _PAGE:
            return await _against_head(session, tree.size, previous)


async def _rows(session: AsyncSession, after: int) -> list[Mapping[Any, Any]]:
    query = (
        select(LedgerTable.__table__)
        .where(LedgerTable.sequence > after)
        .order_by(LedgerTable.sequence)
        .limit(_PAGE)
    )
    return list((await session.execute(query)).mappings().all())


async def _tree_fits(session: AsyncSession, begin: int, expected: list[bytes]) -> bool:
    query = (
        select(LedgerTree.place, LedgerTree.hash)
        .where(LedgerTree.place >= begin, LedgerTree.place < begin + len(expected))
        .order_by(LedgerTree.place)
    )
    rows = (await session.execute(query)).all()
    return [tuple(row) for row in rows] == list(enumerate(expected, begin))


async def _against_head(session: AsyncSession, count: int, previous: str) -> Verification:
    before = select(LedgerTable.sequence).where(LedgerTable.sequence < 1).limit(1)
    if (await session.execute(before)).first() is not None:
        return Verification(count, previous, "an entry stands before the first", 0)
    head = (await session.execute(select(LedgerHead.sequence, LedgerHead.hash))).first()
    if head is None or tuple(head) != (count, previous):
        return Verification(count, previous, "the head names another last entry", count)
    beyond = (LedgerTree.place < 0) | (LedgerTree.place >= merkle.kept(count))
    if (await session.execute(select(LedgerTree.place).where(beyond).limit(1))).first():
        return Verification(count, previous, "the tree has more entries than the ledger", count)
    if await surplus(session, count):
        return Verification(count, previous, "there are more references than entries", count)
    return Verification(count, previous)
