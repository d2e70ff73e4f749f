"""Writing to the ledger: one transaction for a batch of entries, on either database."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from sharing_api.evidence.merkle import leaf_hash
from sharing_api.store.decision_inputs import Inputs, write_inputs
from sharing_api.store.ledger_entries import LedgerEntry, chained
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
) -> list[int]:
    """Append within a transaction. Touching the head first takes the lock on either database.

    `edge` is kept between appends by whoever appends often, as are digests of inputs' parts that
    are certainly in the store.
    """
    size, head = connection.execute(_TOUCH).one()
    sequence, previous = size, head
    known = _known(connection, entries)
    rows: list[dict[str, Any]] = []
    leaves: list[tuple[bytes, str]] = []
    numbers: list[int] = []
    kept: list[tuple[int, Inputs]] = []
    about: list[dict[str, Any]] = []
    for entry in entries:
        if entry.key is not None and entry.key in known:
            numbers.append(known[entry.key])
            continue
        sequence += 1
        row, content = chained(entry, sequence, previous)
        previous = row["hash"]
        rows.append(row)
        leaves.append((leaf_hash(content), previous))
        numbers.append(sequence)
        about += [{"record_id": one, "sequence": sequence} for one in {*entry.record_ids}]
        if entry.inputs is not None:
            kept.append((sequence, entry.inputs))
        if entry.key is not None:
            known[entry.key] = sequence
    if rows:
        connection.execute(_INSERT, rows)
        if about:
            connection.execute(_ABOUT, about)
        grow(connection, size, head, leaves, edge or Edge())
        connection.execute(_MOVE, {"last": sequence, "digest": previous})
        write_inputs(connection, kept, known_parts)
    return numbers


def _known(connection: Connection, entries: Sequence[LedgerEntry]) -> dict[str, int]:
    keys = [entry.key for entry in entries if entry.key is not None]
    if not keys:
        return {}
    return {str(key): number for key, number in connection.execute(_KNOWN, {"keys": keys})}
