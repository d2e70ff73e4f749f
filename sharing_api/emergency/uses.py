"""What emergencies were used for: found in the ledger, listed, and reviewed once each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.release import Asker
from sharing_api.store.emergency_tables import EmergencyReviewRow, EmergencyUseRow
from sharing_api.store.ledger_entries import row_of
from sharing_api.store.ledger_references import references
from sharing_api.store.ledger_tables import LedgerTable
from sharing_api.store.tables import CounterRow
from sharing_api.store.upsert import in_session, insert_new, table_of, upsert

VERDICTS: Final = ("justified", "not-justified", "needs-follow-up")
_PLACE: Final = "emergency-uses"

_LEDGER = table_of(LedgerTable)
_USES = table_of(EmergencyUseRow)
_REVIEWS = table_of(EmergencyReviewRow)
_COUNTERS = table_of(CounterRow)


@dataclass(frozen=True, slots=True)
class Use:
    """One disclosure that rests on an emergency, and the verdict on it, if there is one."""

    sequence: int
    reference: str
    request_id: str
    actor: str
    agency: str
    approver: str
    purpose: str
    justification: str
    record_ids: tuple[str, ...]
    fields: tuple[str, ...]
    set_aside: tuple[str, ...]
    at: datetime
    verdict: str | None
    verdict_reason: str | None
    reviewed_at: datetime | None


def settle(connection: Connection) -> None:
    """Take in the disclosures that the ledger has since last time."""
    place = select(_COUNTERS.c.value).where(_COUNTERS.c.name == _PLACE)
    begin = connection.execute(place).scalar() or 0
    end = connection.execute(select(func.max(_LEDGER.c.sequence))).scalar() or 0
    query = select(_LEDGER).where(
        _LEDGER.c.sequence > begin,
        _LEDGER.c.sequence <= end,
        _LEDGER.c.operation == "disclosure",
        _LEDGER.c.detail.like('%"emergency":%'),
    )
    for row in connection.execute(query).mappings().all():
        connection.execute(insert(_USES), _use(row))
    if end > begin:
        upsert(connection, CounterRow, [{"name": _PLACE, "value": end}])


async def found(session: AsyncSession, sequence: int) -> Use | None:
    """Look a use up by the number of its ledger entry."""
    rows = (await session.execute(_query().where(_USES.c.sequence == sequence))).mappings().all()
    return next(iter(await in_session(session, _read, rows)), None)


async def listed(session: AsyncSession, after: int, limit: int) -> Sequence[Use]:
    """Uses behind a place, in the order of the ledger, reviewed or not."""
    query = _query().where(_USES.c.sequence > after).order_by(_USES.c.sequence).limit(limit)
    rows = (await session.execute(query)).mappings().all()
    return await in_session(session, _read, rows)


def review(
    connection: Connection, use: Use, verdict: str, reason: str, reviewer: Asker, now: datetime
) -> bool:
    """Keep a verdict; False if there is one already. The database refuses who took part."""
    row: dict[str, Any] = {
        "sequence": use.sequence,
        "verdict": verdict,
        "reason": reason,
        "reviewer": reviewer.subject,
        "agency": reviewer.agency,
        "at": now,
    }
    return insert_new(connection, EmergencyReviewRow, row)


def _use(row: Mapping[Any, Any]) -> dict[str, Any]:
    entry = row_of(row)
    return {
        "sequence": entry.sequence,
        "request_id": entry.detail["emergency"],
        "actor": entry.actor,
        "agency": entry.agency,
        "approver": entry.detail.get("second_approver", ""),
        "purpose": entry.purpose or "",
        "justification": entry.justification or "",
        "record_ids": json.dumps(entry.record_ids),
        "fields": json.dumps(entry.fields),
        "set_aside": json.dumps([one for one in entry.reasons if one.startswith("emergency-")]),
        "at": entry.at,
    }


def _query() -> Any:
    return select(
        _USES,
        _REVIEWS.c.verdict,
        _REVIEWS.c.reason.label("verdict_reason"),
        _REVIEWS.c.at.label("reviewed_at"),
    ).outerjoin(_REVIEWS, _REVIEWS.c.sequence == _USES.c.sequence)


def _read(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> list[Use]:
    named = references(connection, [row["sequence"] for row in rows])
    return [_use_of({**row, "reference": named[row["sequence"]]}) for row in rows]


def _use_of(row: Mapping[Any, Any]) -> Use:
    lists = {name: tuple(json.loads(row[name])) for name in ("record_ids", "fields", "set_aside")}
    return Use(**{**{name: row[name] for name in Use.__slots__}, **lists})
