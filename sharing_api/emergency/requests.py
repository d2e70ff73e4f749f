"""Requests that an emergency be taken for one, and the second person's confirmation."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.release import Asker, Emergency
from sharing_api.store.emergency_tables import EmergencyConfirmationRow, EmergencyRequestRow
from sharing_api.store.upsert import draw, insert_new, table_of

OPEN_FOR: Final = timedelta(hours=1)
"""A request that nobody has confirmed by then is over."""
LASTS: Final = timedelta(minutes=15)
"""So long may a confirmed request be used."""
UNCONFIRMED: Final = Emergency("", "")
"""What is put to the policy for a request that does not hold: it names no second person."""

_REQUESTS = table_of(EmergencyRequestRow)
_CONFIRMATIONS = table_of(EmergencyConfirmationRow)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands."""

    request_id: str
    ordinal: int
    asker: str
    agency: str
    purpose: str
    reason: str
    opened_at: datetime
    approver: str | None
    confirmed_at: datetime | None
    expires_at: datetime | None

    def status(self, now: datetime) -> str:
        """Tell where it stands: open, confirmed, or over."""
        if self.expires_at is not None:
            return "confirmed" if now < self.expires_at else "over"
        return "open" if now < self.opened_at + OPEN_FOR else "over"


def opened(asker: Asker, purpose: str, reason: str, now: datetime) -> Request:
    """Make a request; nothing is kept yet."""
    name = f"emr_{secrets.token_hex(12)}"
    return Request(name, 0, asker.subject, asker.agency, purpose, reason, now, None, None, None)


def keep(connection: Connection, request: Request) -> None:
    """Keep a request."""
    (ordinal,) = draw(connection, 1)
    row = {
        "request_id": request.request_id,
        "ordinal": ordinal,
        "asker": request.asker,
        "agency": request.agency,
        "purpose": request.purpose,
        "reason": request.reason,
        "opened_at": request.opened_at,
    }
    connection.execute(insert(_REQUESTS), row)


def confirm(
    connection: Connection, request: Request, approver: Asker, reason: str, now: datetime
) -> bool:
    """Confirm for the next minutes; False if it is confirmed already. The database refuses more."""
    row: dict[str, Any] = {
        "request_id": request.request_id,
        "approver": approver.subject,
        "agency": approver.agency,
        "reason": reason,
        "confirmed_at": now,
        "expires_at": now + LASTS,
    }
    return insert_new(connection, EmergencyConfirmationRow, row)


async def found(session: AsyncSession, request_id: str) -> Request | None:
    """Look a request up."""
    query = _query().where(_REQUESTS.c.request_id == request_id)
    row = (await session.execute(query)).mappings().first()
    return None if row is None else _request(row)


async def listed(session: AsyncSession, after: str | None, limit: int) -> Sequence[Request]:
    """Requests in the order in which they were made, behind the one with this id."""
    query = _query().order_by(_REQUESTS.c.ordinal).limit(limit)
    if after is not None:
        place = select(_REQUESTS.c.ordinal).where(_REQUESTS.c.request_id == after)
        query = query.where(_REQUESTS.c.ordinal > place.scalar_subquery())
    return [_request(row) for row in (await session.execute(query)).mappings()]


async def emergency(
    session: AsyncSession, request_id: str, asker: Asker, purpose: str, now: datetime
) -> Emergency:
    """Give the emergency that a request stands for, if it is this asker's, for this purpose, now.

    Otherwise `UNCONFIRMED`, whatever is wrong with it: an id that is not there says no more.
    """
    request = await found(session, request_id)
    if request is None or request.status(now) != "confirmed":
        return UNCONFIRMED
    mine = (request.asker, request.agency, request.purpose)
    if mine != (asker.subject, asker.agency, purpose):
        return UNCONFIRMED
    return Emergency(request.approver or "", request_id)


def _query() -> Any:
    return select(
        _REQUESTS,
        _CONFIRMATIONS.c.approver,
        _CONFIRMATIONS.c.confirmed_at,
        _CONFIRMATIONS.c.expires_at,
    ).outerjoin(_CONFIRMATIONS, _CONFIRMATIONS.c.request_id == _REQUESTS.c.request_id)


def _request(row: Mapping[Any, Any]) -> Request:
    return Request(**{name: row[name] for name in Request.__slots__})
