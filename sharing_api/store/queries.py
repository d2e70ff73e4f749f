"""The questions that routes and feeds ask of the store; each is one statement.

Nothing here decides about release, nor narrows by what an asker may not see: what comes back goes
to the gate, which does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.store.tables import (
    AgencyRow,
    AlertRow,
    IncidentRow,
    ReceiptRow,
    SignalRow,
    event_key,
)
from sharing_api.store.upsert import chunks


@dataclass(frozen=True, slots=True)
class Stored:
    """A row: its id, its place (ordinal or sequence), the framed record, whether it was removed."""

    id: str
    place: int
    message: bytes
    removed: bool = False


async def agencies(session: AsyncSession) -> Mapping[str, str]:
    """Status by agency."""
    found = await session.execute(select(AgencyRow.agency, AgencyRow.status))
    return {row.agency: row.status for row in found}


async def agency_types(session: AsyncSession) -> Mapping[str, str]:
    """Type by agency."""
    found = await session.execute(select(AgencyRow.agency, AgencyRow.type))
    return {row.agency: row.type for row in found}


async def agency_messages(session: AsyncSession, ids: Iterable[str]) -> dict[str, bytes]:
    """Framed agencies by id; those that are not there are left out."""
    query = select(AgencyRow.agency, AgencyRow.message).where(AgencyRow.agency.in_(sorted(ids)))
    return {line.agency: line.message for line in await session.execute(query)}


async def alert(session: AsyncSession, alert_id: str) -> Stored | None:
    """One alert as it stands, None if there is none."""
    query = select(AlertRow.alert_id, AlertRow.ordinal, AlertRow.message, AlertRow.removed)
    found = (await session.execute(query.where(AlertRow.alert_id == alert_id))).first()
    return None if found is None or found.removed else Stored(*found)


async def alerts(
    session: AsyncSession,
    *,
    after: str | None,
    newest_first: bool,
    limit: int,
) -> list[Stored]:
    """Standing alerts in the order of arrival, beginning after the alert with id `after`."""
    query = select(AlertRow.alert_id, AlertRow.ordinal, AlertRow.message)
    query = query.where(AlertRow.removed.is_(False))
    if after is not None:
        place = select(AlertRow.ordinal).where(AlertRow.alert_id == after).scalar_subquery()
        query = query.where(AlertRow.ordinal < place if newest_first else AlertRow.ordinal > place)
    order = AlertRow.ordinal.desc() if newest_first else AlertRow.ordinal.asc()
    return [Stored(*line) for line in await session.execute(query.order_by(order).limit(limit))]


async def incident_messages(session: AsyncSession, ids: Iterable[str]) -> dict[str, bytes]:
    """Framed incidents by id; those that are not there are left out."""
    out: dict[str, bytes] = {}
    for some in chunks(sorted(set(ids))):
        query = select(IncidentRow.incident_id, IncidentRow.message)
        found = await session.execute(query.where(IncidentRow.incident_id.in_(some)))
        out |= {line.incident_id: line.message for line in found}
    return out


async def signals(session: AsyncSession, *, after: str | None, limit: int) -> list[Stored]:
    """Standing signals in the order of their ids, beginning after the one with id `after`.

    Any order by time would tell of changes to what an asker is not shown.
    """
    query = select(SignalRow.signal_id, SignalRow.sequence, SignalRow.message)
    query = query.where(SignalRow.removed.is_(False))
    if after is not None:
        query = query.where(SignalRow.signal_id > after)
    found = await session.execute(query.order_by(SignalRow.signal_id).limit(limit))
    return [Stored(*line) for line in found]


async def receipts(
    session: AsyncSession, agency: str, *, after: str | None, limit: int
) -> list[Stored]:
    """An agency's receipts in the order of arrival, beginning after the one with id `after`."""
    query = select(ReceiptRow.receipt_id, ReceiptRow.ordinal, ReceiptRow.message)
    query = query.where(ReceiptRow.agency == agency)
    if after is not None:
        place = select(ReceiptRow.ordinal).where(ReceiptRow.receipt_id == after)
        query = query.where(ReceiptRow.ordinal > place.scalar_subquery())
    found = await session.execute(query.order_by(ReceiptRow.ordinal).limit(limit))
    return [Stored(*line) for line in found]


async def receipts_of(
    session: AsyncSession, agency: str, event_ids: Sequence[str]
) -> dict[str, Stored]:
    """An agency's receipts of these events, by the event's key (`tables.event_key`)."""
    out: dict[str, Stored] = {}
    for some in chunks(sorted({event_key(event_id) for event_id in event_ids})):
        query = select(
            ReceiptRow.event_id, ReceiptRow.receipt_id, ReceiptRow.ordinal, ReceiptRow.message
        ).where(ReceiptRow.agency == agency, ReceiptRow.event_id.in_(some))
        found = await session.execute(query.order_by(ReceiptRow.ordinal))
        out |= {line[0]: Stored(*line[1:]) for line in found}
    return out
