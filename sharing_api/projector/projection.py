"""One batch of changes into the store, in the transaction that also moves the positions.

The last change of a key wins. Rows that would stay the same are left alone, so a replay of a log
gives no new sequence numbers and wakes no subscriber.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from sharing_api.levels import keeping as levels
from sharing_api.open_feed import keeping as open_feed
from sharing_api.projector import links, losses, revisions, rows
from sharing_api.projector.messages import Change
from sharing_api.store.base import Base
from sharing_api.store.tables import (
    AgencyRow,
    AlertDistrictRow,
    AlertRow,
    EntityRow,
    IncidentRow,
    ReceiptRow,
    SignalRow,
    TensionItemRow,
    TensionStrandRow,
)
from sharing_api.store.upsert import chunks, draw, table_of, upsert

Latest = Mapping[str, Change]

_INCIDENT, _ITEM = "hub-incident.v1", "tension-item.v1"
_PLAIN: Mapping[str, tuple[type[Base], Any]] = {
    "agency.v1": (AgencyRow, rows.agency_row),
    _INCIDENT: (IncidentRow, rows.incident_row),
    "entity.v1": (EntityRow, rows.entity_row),
}


def project(connection: Connection, changes: Sequence[Change]) -> frozenset[str]:
    """Write the changes; the caller commits. Gives the kinds of record of which rows changed.

    Raises SQLAlchemy's errors if the database fails; nothing is then written.
    """
    latest = _latest(changes)
    touched: set[str] = set()
    if "entity.v1" in latest:
        losses.note(connection, latest["entity.v1"])
    if _INCIDENT in latest and revisions.note(connection, latest[_INCIDENT]):
        touched.add("change")
    for kind, (row, make) in _PLAIN.items():
        if kind in latest:
            _plain(connection, row, make, latest[kind])
            touched.add(kind)
    if "entity.v1" in latest and links.list_pairs(connection, latest["entity.v1"]):
        touched.add("link-review.v1")
    for kind, write in (
        ("link-review.v1", links.decide),
        ("alert.v1", _alerts),
        ("tension-signal.v1", _signals),
        ("receipt.v1", _receipts),
        (_ITEM, _items),
        ("open-table.v1", open_feed.announced),
        ("tension-level.v1", levels.take),
    ):
        if kind in latest and write(connection, latest[kind]):
            touched.add(kind)
    return frozenset(touched)


def _latest(changes: Iterable[Change]) -> dict[str, dict[str, Change]]:
    """The last change of each key by kind, with the items that are counted of incidents."""
    latest: dict[str, dict[str, Change]] = {}
    for change in changes:
        latest.setdefault(change.kind, {})[_key(change)] = change
    if _INCIDENT in latest:
        counted = {key: _counted(change) for key, change in latest[_INCIDENT].items()}
        latest[_ITEM] = counted | latest.get(_ITEM, {})
    return latest


def _key(change: Change) -> str:
    """What the change replaces: event ids are each agency's own, so receipts go by their id."""
    if change.kind == "receipt.v1" and change.record is not None:
        return str(change.record["receipt_id"])
    return change.key


def _counted(change: Change) -> Change:
    """The item that is counted of an incident, or of one that is gone."""
    record: Any = change.record
    return replace(change, record=record and rows.counted_incident(record))


def _plain(connection: Connection, row: type[Base], make: Any, latest: Latest) -> None:
    gone = [key for key, change in latest.items() if change.record is None]
    _delete(connection, row, gone)
    upsert(
        connection,
        row,
        [make(change.record, change.message) for change in latest.values() if change.record],
    )


def _alerts(connection: Connection, latest: Latest) -> bool:
    changed = _news(connection, AlertRow, latest)
    standing = [change for change in changed if change.record is not None]
    ordinals = iter(draw(connection, len(standing)))
    sequences = iter(draw(connection, len(standing)))
    values = [
        rows.alert_row(_record(change), change.message)
        | {"ordinal": next(ordinals), "sequence": next(sequences)}
        for change in standing
    ]
    upsert(connection, AlertRow, values, keep=["ordinal"])
    _delete(connection, AlertDistrictRow, [value["alert_id"] for value in values])
    upsert(connection, AlertDistrictRow, rows.district_rows(_records(standing)))
    revisions.note_parts(connection, _records(standing))
    _mark_removed(connection, AlertRow, changed)
    return bool(changed)


def _signals(connection: Connection, latest: Latest) -> bool:
    changed = _news(connection, SignalRow, latest)
    standing = [change for change in changed if change.record is not None]
    sequences = iter(draw(connection, len(standing)))
    values = [
        rows.signal_row(_record(change), change.message) | {"sequence": next(sequences)}
        for change in standing
    ]
    upsert(connection, SignalRow, values)
    _mark_removed(connection, SignalRow, changed)
    return bool(changed)


def _receipts(connection: Connection, latest: Latest) -> bool:
    standing = {key: change for key, change in latest.items() if change.record is not None}
    changed = _news(connection, ReceiptRow, standing)
    ordinals = iter(draw(connection, len(changed)))
    values = [
        rows.receipt_row(_record(change), change.message) | {"ordinal": next(ordinals)}
        for change in changed
    ]
    upsert(connection, ReceiptRow, values, keep=["ordinal"])
    return bool(changed)


def _items(connection: Connection, latest: Latest) -> bool:
    open_feed.note(connection, latest)
    _delete(connection, TensionStrandRow, latest)
    gone = [key for key, change in latest.items() if change.record is None]
    _delete(connection, TensionItemRow, gone)
    standing = _records(latest.values())
    upsert(connection, TensionItemRow, [rows.item_row(item) for item in standing])
    upsert(connection, TensionStrandRow, rows.strand_rows(standing))
    return True


def _news(connection: Connection, row: type[Base], latest: Latest) -> list[Change]:
    """The changes that differ from what stands, in the order they came."""
    standing: dict[str, tuple[bytes, bool]] = {}
    removed = table_of(row).c.get("removed")
    for some in chunks(latest):
        found = connection.execute(_standing(row), {"keys": some})
        standing |= {line[0]: (line[1], removed is not None and line[2]) for line in found}
    return [change for key, change in latest.items() if _differs(change, standing.get(key))]


def _differs(change: Change, standing: tuple[bytes, bool] | None) -> bool:
    if change.record is None:
        return standing is not None and not standing[1]
    return standing != (change.message, False)


def _mark_removed(connection: Connection, row: type[Base], changed: Sequence[Change]) -> None:
    gone = [change.key for change in changed if change.record is None]
    table = table_of(row)
    (key,) = table.primary_key
    for name, sequence in zip(gone, draw(connection, len(gone)), strict=True):
        connection.execute(
            table.update().where(key == name).values(removed=True, sequence=sequence)
        )


def _delete(connection: Connection, row: type[Base], keys: Iterable[str]) -> None:
    for some in chunks(keys):
        connection.execute(_deleting(row), {"keys": some})


@cache
def _standing(row: type[Base]) -> Any:
    """Select key, message and mark of removal; made once, as below."""
    table = table_of(row)
    (key,) = table.primary_key
    removed = table.c.get("removed")
    columns = [key, table.c.message, *([] if removed is None else [removed])]
    return select(*columns).where(key.in_(bindparam("keys", expanding=True)))


@cache
def _deleting(row: type[Base]) -> Any:
    table = table_of(row)
    key = next(iter(table.primary_key))
    return delete(table).where(key.in_(bindparam("keys", expanding=True)))


def _record(change: Change) -> Any:
    assert change.record is not None
    return change.record


def _records(changes: Iterable[Change]) -> list[Any]:
    return [change.record for change in changes if change.record is not None]
