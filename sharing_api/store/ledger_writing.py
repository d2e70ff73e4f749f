"""Writing to the ledger: one transaction for a batch of entries, on either database."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from sharing_api.evidence.merkle import leaf_hash
from sharing_api.store.decision_inputs import write_inputs
from sharing_api.store.ledger_entries import Entered, LedgerEntry, chained
from sharing_api.store.ledger_references import refer, references
from sharing_api.store.ledger_tables import LedgerHead, LedgerRecord, LedgerTable
from sharing_api.store.ledger_tree import Edge, grow

_TOUCH = (
    update(LedgerHead)
    .where(LedgerHead.id == 1)
    .values(sequence=LedgerHead.sequence)
    .returning(LedgerHead.sequence, LedgerHead.hash)
)
_INSERT = insert(LedgerTable.__table__)  # type: ignore[arg-type]
_ABOUT = insert(LedgerRecord.__table__)  # type: ignore[arg-type]
_MOVE = (
    update(LedgerHead)
    .where(LedgerHead.id == 1)
    .values(sequence=bindparam("last"), hash=bindparam("digest"))
)
_KNOWN = select(LedgerTable.key, LedgerTable.sequence).where(
    LedgerTable.key.in_(bindparam("keys", expanding=True))
)


def append_rows(
    connection: Connection,
    entries: Sequence[LedgerEntry],
    edge: Edge | None = None,
    known_parts: Container[str] = (),
) -> list[Entered]:
    """Append within a transaction. Touching the head first takes the lock on either database.

    `edge` is kept between appends by whoever appends often, as are digests of inputs' parts that
    are certainly in the store.
    """
    size, head = connection.execute(_TOUCH).one()
    sequence = size
    known = _known(connection, entries)
    there = frozenset(known.values())
    fresh: list[tuple[int, LedgerEntry]] = []
    numbers: list[int] = []
    for entry in entries:
        if entry.key is not None and entry.key in known:
            numbers.append(known[entry.key])
            continue
        sequence += 1
        fresh.append((sequence, entry))
        numbers.append(sequence)
        if entry.key is not None:
            known[entry.key] = sequence
    named = references(connection, there) if there else {}
    if fresh:
        kept = edge or Edge()
        if kept.head != head:
            kept.series.clear()
        _write(connection, (size, head), fresh, kept, known_parts)
        named |= refer(connection, fresh, kept.series)
    return [Entered(number, named[number]) for number in numbers]


def _write(
    connection: Connection,
    end: tuple[int, str],
    fresh: Sequence[tuple[int, LedgerEntry]],
    edge: Edge,
    known_parts: Container[str],
) -> None:
    """Write new entries behind a ledger's end: chain, tree, head, what was asked, about whom."""
    size, head = end
    previous = head
    rows: list[dict[str, Any]] = []
    leaves: list[tuple[bytes, str]] = []
    for sequence, entry in fresh:
        row, content = chained(entry, sequence, previous)
        previous = row["hash"]
        rows.append(row)
        leaves.append((leaf_hash(content), previous))
    connection.execute(_INSERT, rows)
    about = [
        {"record_id": one, "sequence": sequence}
        for sequence, entry in fresh
        for one in {*entry.record_ids}
    ]
    if about:
        connection.execute(_ABOUT, about)
    grow(connection, size, head, leaves, edge)
    connection.execute(_MOVE, {"last": fresh[-1][0], "digest": previous})
    kept = [(sequence, entry.inputs) for sequence, entry in fresh if entry.inputs is not None]
    write_inputs(connection, kept, known_parts)


def _known(connection: Connection, entries: Sequence[LedgerEntry]) -> dict[str, int]:
    keys = [entry.key for entry in entries if entry.key is not None]
    if not keys:
        return {}
    return {str(key): number for key, number in connection.execute(_KNOWN, {"keys": keys})}
