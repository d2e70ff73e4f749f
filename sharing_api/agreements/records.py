"""Versions and events of agreements in the store: appended, read in order, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.agreements import wording
from sharing_api.agreements.states import OF_THE_DAY, Event, Version
from sharing_api.store.agreement_tables import AgreementEventRow, AgreementVersionRow
from sharing_api.store.upsert import draw, insert_new, table_of

_VERSIONS = table_of(AgreementVersionRow)
_EVENTS = table_of(AgreementEventRow)


async def versions(session: AsyncSession, agreement_id: str | None = None) -> list[Version]:
    """Every version of an agreement, or of all, by number and then as they were written."""
    query = select(_VERSIONS).order_by(
        _VERSIONS.c.agreement_id, _VERSIONS.c.version, _VERSIONS.c.written_at, _VERSIONS.c.digest
    )
    if agreement_id is not None:
        query = query.where(_VERSIONS.c.agreement_id == agreement_id)
    return [_version(row) for row in (await session.execute(query)).mappings()]


async def history(session: AsyncSession, agreement_id: str | None = None) -> list[Event]:
    """What happened to an agreement, or to all, in order."""
    query = select(_EVENTS).order_by(_EVENTS.c.sequence)
    if agreement_id is not None:
        query = query.where(_EVENTS.c.agreement_id == agreement_id)
    return [_event(row) for row in (await session.execute(query)).mappings()]


async def events(session: AsyncSession, after: int, limit: int = 1000) -> list[Event]:
    """Events behind a sequence number, in order: what came since somebody last looked.

    Kinds: seeded, unseeded, drafted, replaced, tested, test-failed, approved, live, superseded,
    withdrawn, lapsed.
    """
    query = (
        select(_EVENTS).where(_EVENTS.c.sequence > after).order_by(_EVENTS.c.sequence).limit(limit)
    )
    return [_event(row) for row in (await session.execute(query)).mappings()]


async def last(session: AsyncSession) -> int:
    """Sequence number of the last event; 0 before the first."""
    return (await session.execute(select(func.max(_EVENTS.c.sequence)))).scalar() or 0


def everything(connection: Connection) -> tuple[list[Version], list[Event]]:
    """All versions and all events, within a transaction that is going to write."""
    kept = connection.execute(select(_VERSIONS)).mappings().all()
    happened = connection.execute(select(_EVENTS).order_by(_EVENTS.c.sequence)).mappings().all()
    return [_version(row) for row in kept], [_event(row) for row in happened]


def lock(connection: Connection) -> None:
    """Let whoever acts on agreements wait for one another, until the transaction ends."""
    draw(connection, 1)


def add_version(connection: Connection, version: Version) -> bool:
    """Keep a text; False if it is kept already."""
    return insert_new(
        connection,
        AgreementVersionRow,
        {
            "digest": version.digest,
            "agreement_id": version.agreement_id,
            "version": version.number,
            "content": version.content,
            "origin": version.origin,
            "author": version.author,
            "author_agency": version.author_agency,
            "written_at": version.written_at,
        },
    )


def add_event(
    connection: Connection,
    version: Version,
    kind: str,
    at: datetime,
    *,
    actor: str = "",
    agency: str = "hub",
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Append what happened. Raises IntegrityError where the database knows better."""
    (sequence,) = draw(connection, 1)
    event = Event(
        sequence,
        version.digest,
        version.agreement_id,
        version.number,
        kind,
        actor,
        agency,
        reason,
        detail or {},
        at,
    )
    row = {name: getattr(event, name) for name in Event.__slots__ if name != "detail"}
    connection.execute(insert(_EVENTS), {**row, "detail": json.dumps(dict(event.detail))})
    return event


def known_of_the_day(found: Sequence[Event]) -> set[tuple[str, str]]:
    """Digest and kind of what the days have brought about and is on record."""
    return {(event.digest, event.kind) for event in found if event.kind in OF_THE_DAY}


def _version(row: Mapping[Any, Any]) -> Version:
    return Version(
        digest=row["digest"],
        agreement_id=row["agreement_id"],
        number=row["version"],
        content=row["content"],
        origin=row["origin"],
        author=row["author"],
        author_agency=row["author_agency"],
        written_at=row["written_at"],
        agreement=wording.meaning(row["digest"], row["content"]),
    )


def _event(row: Mapping[Any, Any]) -> Event:
    return Event(**{**row, "detail": json.loads(row["detail"])})
