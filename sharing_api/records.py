"""Stored rows as the gate's subjects: decodes what a row holds, and what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.identifiers import stable_id
from schemas.records import Alert, Entity, HubIncident, Receipt, TensionSignal
from sharing_api.release import Subject
from sharing_api.release.subjects import (
    alert_subject,
    incident_subject,
    receipt_subject,
    signal_subject,
)
from sharing_api.services import Services
from sharing_api.store import queries
from sharing_api.store.counts import ALL, AreaLevel, Cell
from sharing_api.store.queries import Stored

EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def alert_subjects(
    services: Services, session: AsyncSession, found: Sequence[Stored]
) -> list[Subject]:
    """Alerts with the incidents that they rest on, fetched together."""
    records = [_read(services, "alert.v1", stored.message) for stored in found]
    wanted = {incident_id for record in records for incident_id in record["incident_ids"]}
    incidents = await incidents_by_id(services, session, wanted)
    return [
        alert_subject(cast("Alert", record), _present(incidents, record["incident_ids"]))
        for record in records
    ]


async def incidents_by_id(
    services: Services, session: AsyncSession, ids: Iterable[str]
) -> dict[str, HubIncident]:
    """Incidents as they stand, decoded; those that are not there are left out."""
    messages = await queries.incident_messages(session, set(ids))
    return {
        incident_id: cast("HubIncident", _read(services, "hub-incident.v1", message))
        for incident_id, message in messages.items()
    }


def incident_of(services: Services, message: bytes) -> Subject:
    """An incident."""
    return incident_subject(cast("HubIncident", _read(services, "hub-incident.v1", message)))


def entity_of(services: Services, message: bytes) -> Entity:
    """A person, place or value as linkage now sees it."""
    return cast("Entity", _read(services, "entity.v1", message))


def signal_of(services: Services, message: bytes) -> Subject:
    """A tension signal."""
    return signal_subject(cast("TensionSignal", _read(services, "tension-signal.v1", message)))


def receipt_of(services: Services, message: bytes) -> Subject:
    """A receipt."""
    return receipt_subject(cast("Receipt", _read(services, "receipt.v1", message)))


def cell_of(cell: Cell, area_level: AreaLevel) -> Subject:
    """A count, put to the gate as a signal that says nothing but how many.

    Agreements that release the counts of signals release these, and no others do. Its window
    begins with its month.
    """
    begins = EVER if cell.month == ALL else datetime.fromisoformat(f"{cell.month}-01T00:00Z")
    name = stable_id("cnt", area_level, cell.area, cell.strand, cell.month)
    signal: TensionSignal = {
        "signal_id": name,
        "area": cell.area,
        "area_level": area_level,
        "strand": cell.strand,
        "status": "quiet",
        "colour": "green",
        "proposed_level": 6,
        "method": "count",
        "as_of": begins,
        "window_from": begins,
        "observed": cell.count,
        "observed_weight_milli": 0,
        "expected": 0.0,
        "probability": 1.0,
        "agencies": [],
        "grades": {},
        "reasons": [],
        "kind": "count",
        "group": None,
        "methods": [],
        "quiet_at": None,
        "rising_since": None,
        "ratio": None,
        "trigger_windows": [],
    }
    return signal_subject(signal)


def _read(services: Services, kind: str, message: bytes) -> Mapping[str, Any]:
    return services.reader.decode(kind, message)


def _present(incidents: Mapping[str, HubIncident], ids: Iterable[str]) -> list[HubIncident]:
    return [incidents[incident_id] for incident_id in ids if incident_id in incidents]
