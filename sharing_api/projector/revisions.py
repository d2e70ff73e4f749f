"""Notes for recall, as the store learns of it: versions of incidents, and what rests on them.

Whoever received the earlier version is found later (sharing_api.recall). Here only the two versions
are put aside, sealed as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from schemas import codec
from schemas.identifiers import stable_id
from sharing_api.projector.messages import Change
from sharing_api.store.recall_tables import RecordChangeRow, RecordPartRow
from sharing_api.store.tables import IncidentRow
from sharing_api.store.upsert import chunks, upsert

Latest = Mapping[str, Change]


def note(connection: Connection, latest: Latest) -> bool:
    """Compare these incidents with what stands, before they are written; whether any is newer."""
    now = datetime.now(UTC)
    values = []
    for incident_id, message in _standing(connection, latest).items():
        change = latest[incident_id]
        before = _read(message)
        if before is None or change.record is None or _rank(change.record) <= _rank(before):
            continue
        edition = change.record["content_digest"].hex()
        values.append(
            {
                "change_id": stable_id("chg", incident_id, edition),
                "incident_id": incident_id,
                "noticed_at": now,
                "before": message,
                "after": change.message,
                "settled": False,
            }
        )
    upsert(connection, RecordChangeRow, values, keep=_KEPT)
    return bool(values)


def note_parts(connection: Connection, alerts: Iterable[Mapping[str, Any]]) -> None:
    """Remember which incidents these alerts have ever rested on."""
    now = datetime.now(UTC)
    values = [
        {"record_id": alert["alert_id"], "incident_id": incident_id, "since": now}
        for alert in alerts
        for incident_id in sorted(set(alert["incident_ids"]))
    ]
    upsert(connection, RecordPartRow, values, keep=("since",))


_KEPT = ("incident_id", "noticed_at", "before", "after", "settled")


def _standing(connection: Connection, ids: Iterable[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for some in chunks(ids):
        query = select(IncidentRow.incident_id, IncidentRow.message)
        for line in connection.execute(query.where(IncidentRow.incident_id.in_(some))):
            found[line.incident_id] = line.message
    return found


def _read(message: bytes) -> dict[str, Any] | None:
    """A stored incident; None where this version of the hub cannot read what an earlier wrote."""
    try:
        return codec.decode("hub-incident.v1", codec.unframe(message)[1])
    except codec.CodecError:
        return None


def _rank(record: Mapping[str, Any]) -> tuple[Any, ...]:
    """How versions compare: as at intake, so that a replay of the log notes nothing twice."""
    return tuple(record[name] for name in ("retracted", "version", "recorded_at", "content_digest"))
