"""Erasures in the store: asked for by one, approved by another, called off until carried out.

Every function that writes does so within the caller's transaction and adds to the history.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.identifiers import stable_id
from sharing_api.store.rights_tables import ErasureEventRow, ErasureRow
from sharing_api.store.upsert import insert_new, table_of

REQUESTED: Final = "requested"
APPROVED: Final = "approved"
CANCELLED: Final = "cancelled"
REMOVING: Final = "removing"
REMOVED: Final = "removed"
WAITS: Final = timedelta(days=1)
"""How long an approved erasure can still be called off, unless the request says otherwise."""

_ERASURES = table_of(ErasureRow)
_EVENTS = table_of(ErasureEventRow)
Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be erased, why, who asks, and when at the earliest."""

    incident_ids: tuple[str, ...]
    reason: str
    origin: str
    by: str
    agency: str
    not_before: datetime


def request(connection: Connection, wish: Wish, now: datetime) -> str:
    """Note a wish; its id. The same wish by the same person at the same moment is noted once."""
    names = sorted(set(wish.incident_ids))
    erasure_id = stable_id("era", *names, wish.by, now.isoformat())
    row = {
        "erasure_id": erasure_id,
        "incident_ids": json.dumps(names),
        "reason": wish.reason,
        "origin": wish.origin,
        "requested_by": wish.by,
        "agency": wish.agency,
        "requested_at": now,
        "approved_by": None,
        "approved_at": None,
        "not_before": wish.not_before,
        "status": REQUESTED,
        "key_id": None,
        "finished_at": None,
    }
    if insert_new(connection, ErasureRow, row):
        note(connection, erasure_id, REQUESTED, wish.by, now)
    return erasure_id


def approve(connection: Connection, erasure_id: str, by: str, now: datetime) -> bool:
    """Approve as another person than who asked; False where that is not so, or it is too late."""
    return _move(
        connection,
        erasure_id,
        (REQUESTED,),
        by,
        now,
        another=True,
        status=APPROVED,
        approved_by=by,
        approved_at=now,
    )


def cancel(connection: Connection, erasure_id: str, by: str, now: datetime) -> bool:
    """Call it off; False once it is being carried out."""
    return _move(connection, erasure_id, (REQUESTED, APPROVED), by, now, status=CANCELLED)


def begin(connection: Connection, erasure_id: str, key_id: str, now: datetime) -> bool:
    """Say that it is being carried out from now on."""
    return _move(
        connection, erasure_id, (APPROVED,), "hub/erasure", now, status=REMOVING, key_id=key_id
    )


def finish(connection: Connection, erasure_id: str, now: datetime) -> bool:
    """Say that nothing of it is left here."""
    return _move(
        connection, erasure_id, (REMOVING,), "hub/erasure", now, status=REMOVED, finished_at=now
    )


def note(connection: Connection, erasure_id: str, event: str, by: str, now: datetime) -> None:
    """Add to the history."""
    name = stable_id("eev", erasure_id, event, now.isoformat())
    row = {"event_id": name, "erasure_id": erasure_id, "at": now, "event": event, "by": by}
    connection.execute(insert(_EVENTS).values(**row))


def _move(
    connection: Connection,
    erasure_id: str,
    before: Sequence[str],
    by: str,
    now: datetime,
    *,
    another: bool = False,
    **values: Any,
) -> bool:
    statement = update(_ERASURES).where(
        _ERASURES.c.erasure_id == erasure_id, _ERASURES.c.status.in_(before)
    )
    if another:
        statement = statement.where(_ERASURES.c.requested_by != by)
    moved = bool(connection.execute(statement.values(**values)).rowcount)
    if moved:
        note(connection, erasure_id, values["status"], by, now)
    return moved


async def listed(session: AsyncSession, *, after: str | None, limit: int) -> list[Row]:
    """Erasures by id, behind one."""
    query = select(_ERASURES).order_by(_ERASURES.c.erasure_id).limit(limit)
    if after is not None:
        query = query.where(_ERASURES.c.erasure_id > after)
    return list((await session.execute(query)).mappings())


async def one(session: AsyncSession, erasure_id: str) -> Row | None:
    """One erasure."""
    query = select(_ERASURES).where(_ERASURES.c.erasure_id == erasure_id)
    return (await session.execute(query)).mappings().first()


async def in_status(session: AsyncSession, status: str) -> list[Row]:
    """Erasures that stand so."""
    query = select(_ERASURES).where(_ERASURES.c.status == status)
    return list((await session.execute(query)).mappings())


async def history(session: AsyncSession, erasure_id: str) -> list[dict[str, Any]]:
    """What happened to one, in order."""
    columns = (_EVENTS.c.at, _EVENTS.c.event, _EVENTS.c.by)
    query = select(*columns).where(_EVENTS.c.erasure_id == erasure_id).order_by(_EVENTS.c.at)
    return [dict(line) for line in (await session.execute(query)).mappings()]
