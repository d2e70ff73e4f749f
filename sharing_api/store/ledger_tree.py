"""The hashes of the ledger's Merkle tree: written with the entries, read for proofs.

Appending costs two rows for each entry and no read while this process alone writes; a proof costs
one query for as many rows as the tree is high, whatever the number of entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    LargeBinary,
    bindparam,
    event,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.evidence import merkle
from sharing_api.store.base import Base
from sharing_api.store.ledger_tables import guarded

_WRITTEN: Final = 10_000
"""Hashes that are written at once when an old ledger gets its tree."""


class LedgerTree(Base):
    """Hashes of full subtrees in the order in which they became known (`merkle.place`)."""

    __tablename__ = "ledger_tree"

    place: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    hash: Mapped[bytes] = mapped_column(LargeBinary)


_INSERT: Final = insert(LedgerTree.__table__)  # type: ignore[arg-type]
_READ: Final = select(LedgerTree.place, LedgerTree.hash).where(
    LedgerTree.place.in_(bindparam("places", expanding=True))
)


@dataclass
class Edge:
    """The tree's right edge behind the entry with this chain hash, kept between appends.

    Beside it the last numbers of some series of references. Another process, or a transaction that
    was rolled back, leaves another hash at the ledger's head; then all is read anew.
    """

    head: str | None = None
    tree: merkle.Growing = field(default_factory=merkle.Growing)
    series: dict[str, int] = field(default_factory=dict)


def grow(
    connection: Connection, size: int, head: str, leaves: Sequence[tuple[bytes, str]], kept: Edge
) -> None:
    """Append leaf hashes, each with the chain hash of its entry, to a tree of `size` entries."""
    if kept.head != head or kept.tree.size != size:
        kept.tree = _edge(connection, size)
    kept.head = None  # until this transaction's edge is known to be whole
    at, rows = merkle.kept(size), []
    for leaf, _ in leaves:
        for digest in kept.tree.add(leaf):
            rows.append({"place": at, "hash": digest})
            at += 1
    connection.execute(_INSERT, rows)
    kept.head = leaves[-1][1]


def plant(connection: Connection, entries: Any) -> None:
    """Write the tree of entries (as bytes, in order) into an empty table: for a migration."""
    tree, rows, at = merkle.Growing(), [], 0
    for entry in entries:
        for digest in tree.add(merkle.leaf_hash(entry)):
            rows.append({"place": at, "hash": digest})
            at += 1
        if len(rows) >= _WRITTEN:
            connection.execute(_INSERT, rows)
            rows = []
    if rows:
        connection.execute(_INSERT, rows)


async def hashes(session: AsyncSession, ranges: Sequence[merkle.Range]) -> list[bytes]:
    """Hash each of these ranges of entries. Raises KeyError where the ledger is shorter."""
    wanted = merkle.places(ranges)
    rows = (await session.execute(_READ, {"places": wanted})).all()
    found = {row.place: row.hash for row in rows}
    return [merkle.hash_of(each, found) for each in ranges]


def _edge(connection: Connection, size: int) -> merkle.Growing:
    places = merkle.edge(size)
    rows = connection.execute(_READ, {"places": places}).all()
    found = {row.place: row.hash for row in rows}
    return merkle.Growing(size, [found[at] for at in places])


@event.listens_for(Base.metadata, "after_create")
def _protect(_target: Any, connection: Connection, tables: Any = None, **_: Any) -> None:
    if tables is not None and LedgerTree.__table__ in tables:
        for statement in guarded("ledger_tree", connection.dialect.name):
            connection.exec_driver_sql(statement)
