"""The projector's side of the open feed: which incidents may be counted, and what was announced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from sharing_api.open_feed.publishing import publication
from sharing_api.open_feed.rows import OpenItemRow, OpenPublicationRow
from sharing_api.open_feed.tables import strand_class
from sharing_api.projector.messages import Change
from sharing_api.store.upsert import chunks, draw, insert_new, table_of, upsert

_ITEMS = table_of(OpenItemRow)
_DONE = table_of(OpenPublicationRow)


def note(connection: Connection, latest: Mapping[str, Change]) -> None:
    """Take in incidents: when each was received, once; and what it counts as, as it stands now.

    What arrives in a period that was drawn already counts in the next one.
    """
    changes = {key: change for key, change in latest.items() if _an_incident(change)}
    if not changes:
        return
    known: dict[str, Any] = {}
    for some in chunks(changes):
        rows = connection.execute(select(_ITEMS).where(_ITEMS.c.item_id.in_(some)))
        known |= {row.item_id: row for row in rows}
    earliest = _earliest(connection)
    values = [
        _value(key, change, known.get(key), earliest)
        for key, change in changes.items()
        if change.record is not None or key in known
    ]
    upsert(connection, OpenItemRow, values, keep=["received_on", "first_version"])


def announced(connection: Connection, latest: Mapping[str, Change]) -> bool:
    """Take in what stands on the topic; whether anything is new.

    The topic says what was published. A table that was drawn here but not announced gives way to
    it; one that was announced never changes, whatever comes.
    """
    changed = False
    for change in latest.values():
        if change.record is None:
            continue
        row = publication(change.record, change.message, drawn_here=False)  # type: ignore[arg-type]
        (place,) = draw(connection, 1)
        if insert_new(connection, OpenPublicationRow, {**row, "sequence": place}):
            changed = True
            continue
        mine = _DONE.c.publication_id == row["publication_id"]
        waiting = connection.execute(select(_DONE.c.sequence, _DONE.c.message).where(mine)).one()
        if waiting.sequence is None:
            same = waiting.message == change.message
            value = {"sequence": place, "message": change.message, "drawn_at": row["drawn_at"]}
            value |= {} if same else {"drawn_here": False}
            connection.execute(update(_DONE).where(mine).values(**value))
            changed = True
    return changed


def _an_incident(change: Change) -> bool:
    record: Any = change.record
    return record is None or record["source"] == "incident"


def _earliest(connection: Connection) -> date:
    last = connection.execute(select(func.max(_DONE.c.last_day))).scalar()
    return date.fromisoformat(last) + timedelta(days=1) if last else date.min


def _value(key: str, change: Change, known: Any, earliest: date) -> dict[str, Any]:
    """An incident that is gone keeps its id and day, so that it cannot be counted again."""
    record: Any = change.record
    day = max(change.at.astimezone(UTC).date(), earliest)
    return {
        "item_id": key,
        "received_on": known.received_on if known else day.isoformat(),
        "first_version": known.first_version if known else record.get("version", 1),
        "counted": record is not None and not record["retracted"],
        "district": record and record["district"],
        "ward": record and record["ward"],
        "strand": strand_class(record["strands"]) if record else "",
    }
